//! When the application is told that the device's clock is off.

use sessionkeeper::*;

use super::*;

fn skews(driver: &mut Driver) -> Vec<i64> {
    let secs = |span: Span| (span.as_millis() as f64 / 1000.0).round() as i64;
    let skew = |event: &Event| match event {
        Event::ClockSkew(estimate) => Some(secs(estimate.skew)),
        _ => None,
    };
    driver.take_events().iter().filter_map(skew).collect()
}

#[test]
fn a_clock_that_is_off_is_reported_once_and_again_when_that_has_changed() {
    for (skew, reported) in [
        (Span::from_secs(29), false),
        (Span::from_secs(-29), false),
        (Span::from_secs(33), true),
        (Span::from_secs(-33), true),
        (YEAR, true),
        (minus(YEAR), true),
    ] {
        let mut driver = Driver::new();
        driver.skew = skew;
        driver.restore();
        let mut found = Vec::new();
        for _ in 0..20 {
            driver.pass(LATENCY);
            driver.succeed(Span::from_mins(15));
            found.extend(skews(&mut driver));
            driver.pass_until_attempt();
        }
        assert_eq!(found.len(), usize::from(reported), "{skew:?}: {found:?}");
        if let Some(found) = found.first() {
            assert!((found - skew.as_millis() / 1000).abs() <= 1, "{skew:?}");
        }
    }
}

#[test]
fn a_clock_that_is_set_while_the_session_runs_is_reported_when_the_truth_is_known() {
    let mut driver = started(Config::default(), Span::from_hours(8), YEAR);
    let tell = |driver: &mut Driver| {
        driver.timeout();
        assert_eq!(skews(driver), [0; 0], "nothing is known yet");
        let sent = driver.now;
        driver.shift(LATENCY);
        probed(driver, sent, true);
        driver.pass(Span::from_mins(3));
        skews(driver)
    };
    set(&mut driver, Span::from_hours(2));
    let found = tell(&mut driver);
    assert!(
        matches!(found[..], [skew] if (skew + 7_203).abs() <= 2),
        "{found:?}"
    );
    sleep(&mut driver, Span::from_hours(8), false);
    assert_eq!(tell(&mut driver), [0; 0], "sleep is no skew");
    // A clock that is set back shows at once.
    set(&mut driver, Span::from_hours(-3));
    driver.timeout();
    let found = skews(&mut driver);
    assert!(
        matches!(found[..], [skew] if (skew - 3_597).abs() <= 2),
        "{found:?}"
    );
    // It is right again, and wrong again.
    set(&mut driver, Span::from_mins(60));
    assert_eq!(tell(&mut driver), [0; 0]);
    set(&mut driver, Span::from_mins(30));
    let found = tell(&mut driver);
    assert!(
        matches!(found[..], [skew] if (skew + 1_803).abs() <= 2),
        "{found:?}"
    );
    driver.renew();
    driver.succeed(Span::from_hours(8));
    assert_eq!(skews(&mut driver), [0; 0]);
}
