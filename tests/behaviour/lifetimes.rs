//! That every lifetime is kept, over a long time and without a loop.

use sessionkeeper::*;

use crate::support::Driver;

const LATENCY: Span = Span::from_millis(80);

/// Renews for so long, and tells for how much of it there was a usable token.
fn run(driver: &mut Driver, span: Span, mut lifetime: impl FnMut(&Driver) -> Span) -> Span {
    // A hidden page wakes for its deadlines alone, which keeps the long spans short.
    driver.input(Input::Visibility { visible: false });
    let end = driver.now.monotonic + span;
    let mut covered = Span::ZERO;
    let (mut answered, mut expiry) = (0, driver.session.snapshot().token_expires_at);
    while driver.now.monotonic < end {
        let waiting = driver.attempts.len() > answered;
        let step = match driver.session.poll_timeout() {
            _ if waiting => LATENCY,
            Some(deadline) => (deadline.at - driver.now.monotonic).max(Span::ZERO),
            None => break,
        };
        let step = step.min(end - driver.now.monotonic);
        if let Some(expiry) = expiry {
            covered += (expiry - driver.now.wall).clamp(Span::ZERO, step);
        }
        driver.pass(step);
        if waiting {
            answered = driver.attempts.len();
            let lifetime = lifetime(driver);
            driver.succeed(lifetime);
        }
        expiry = driver.session.snapshot().token_expires_at;
        assert_eq!(driver.state(), SessionState::Active);
    }
    covered
}

/// In no span are there more renewals than two and two for each lifetime.
fn assert_bounded(driver: &Driver, lifetime: Span) {
    let sent: Vec<i64> = driver
        .attempts
        .iter()
        .map(|attempt| attempt.sent.monotonic.as_millis())
        .collect();
    for (first, from) in sent.iter().enumerate() {
        for (last, to) in sent.iter().enumerate().skip(first).take(200) {
            let most = 2 + 2 * (to - from) / lifetime.as_millis();
            let made = (last - first + 1) as i64;
            assert!(made <= most, "{made} renewals in {} ms", to - from);
        }
    }
}

#[test]
fn no_lifetime_makes_a_loop_or_leaves_the_application_without_a_token() {
    let day = Span::from_hours(24);
    for (lifetime, span, least_covered) in [
        (Span::from_secs(1), Span::from_hours(1), 0.60),
        (Span::from_secs(2), Span::from_hours(1), 0.99),
        (Span::from_secs(5), Span::from_hours(2), 0.999),
        (Span::from_secs(60), day, 0.9999),
        (Span::from_secs(61), day, 0.9999),
        (Span::from_secs(299), day, 0.9999),
        (Span::from_secs(301), day, 0.9999),
        (Span::from_mins(15), day.share(10.0), 0.9999),
        (Span::from_hours(1), day.share(60.0), 0.9999),
        (day.share(30.0), day.share(3650.0), 0.9999),
        (day.share(400.0), day.share(36_500.0), 0.9999),
    ] {
        for skew in [Span::ZERO, day.share(-400.0), Span::from_millis(61_500)] {
            let mut driver = Driver::new();
            driver.skew = skew;
            let answer = driver.grant(lifetime);
            driver.begin(answer);
            let covered = run(&mut driver, span, |_| lifetime);
            let share = covered.as_millis() as f64 / span.as_millis() as f64;
            assert!(share >= least_covered, "{lifetime:?}: covered {share}");
            assert_bounded(&driver, lifetime);
            let expected = span.as_millis() / lifetime.as_millis();
            assert!(driver.attempts.len() as i64 >= expected - 1, "{lifetime:?}");
        }
    }
}

#[test]
fn lifetimes_that_shrink_towards_the_end_of_the_session_make_no_loop() {
    let lifetime = Span::from_mins(15);
    for told in [true, false] {
        let mut driver = Driver::new();
        let mut answer = driver.grant(lifetime);
        answer.session_expires_in = told.then_some(7200.0);
        driver.begin(answer);
        let end = driver.now.monotonic + Span::from_hours(2);
        run(
            &mut driver,
            Span::from_hours(2) - Span::from_secs(1),
            |driver| {
                let left = end - driver.now.monotonic;
                lifetime.min(left).max(Span::from_secs(1))
            },
        );
        assert!(
            driver.attempts.len() <= 18 + 10,
            "{}",
            driver.attempts.len()
        );
        if told {
            driver.pass(Span::from_secs(2));
            assert_eq!(driver.session.snapshot().reason, Some(EndReason::Expired));
        }
    }
}

#[test]
fn answers_that_only_tell_an_absolute_expiry_are_enough() {
    let year = Span::from_hours(24 * 365);
    for skew in [Span::ZERO, year, Span::ZERO - year, Span::from_secs(-70)] {
        let mut driver = Driver::new();
        driver.skew = skew;
        driver.restore();
        for _ in 0..50 {
            let mut answer = driver.grant(Span::from_mins(5));
            answer.expires_in = None;
            let outcome = driver.success(answer);
            driver.pass(LATENCY);
            driver.settle(driver.last_attempt(), outcome);
            let waited = driver.pass_until_attempt();
            assert!(waited > Span::from_mins(4), "{skew:?}: {waited:?}");
        }
        assert!(driver.session.usable_token().is_some());
    }
}
