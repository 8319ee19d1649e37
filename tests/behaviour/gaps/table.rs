//! Every kind of gap, with every kind of server: no dead token, and no end of what lives.

use sessionkeeper::*;

use super::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Gap {
    Throttled,
    Frozen,
    Slept(Span),
    Set(Span),
    SleptAndSet(Span, Span),
    SetAndSetBack(Span),
    SleptAndSetBack(Span),
}

impl Gap {
    const ALL: [Gap; 16] = [
        Gap::Throttled,
        Gap::Frozen,
        Gap::Slept(Span::from_secs(4)),
        Gap::Slept(Span::from_mins(5)),
        Gap::Slept(Span::from_hours(8)),
        Gap::Set(Span::from_mins(1)),
        Gap::Set(Span::from_hours(2)),
        Gap::Set(YEAR),
        Gap::Set(Span::from_mins(-1)),
        Gap::Set(Span::from_hours(-2)),
        Gap::Set(Span::from_hours(-24 * 365)),
        Gap::SleptAndSet(Span::from_hours(8), Span::from_hours(2)),
        Gap::SleptAndSet(Span::from_mins(2), YEAR),
        Gap::SetAndSetBack(Span::from_mins(1)),
        Gap::SetAndSetBack(YEAR),
        Gap::SleptAndSetBack(Span::from_hours(8)),
    ];

    fn befall(self, driver: &mut Driver, runs: bool) {
        match self {
            Gap::Throttled => driver.shift(Span::from_secs(60)),
            Gap::Frozen => driver.shift(Span::from_hours(8)),
            Gap::Slept(span) => sleep(driver, span, runs),
            Gap::Set(by) => set(driver, by),
            Gap::SleptAndSet(span, by) => {
                sleep(driver, span, runs);
                set(driver, by);
            }
            Gap::SetAndSetBack(by) => {
                set(driver, by);
                driver.timeout();
                set(driver, minus(by));
            }
            Gap::SleptAndSetBack(by) => {
                sleep(driver, by, runs);
                driver.timeout();
                set(driver, minus(by));
            }
        }
        driver.timeout();
    }

    /// How much time has truly passed.
    fn passed(self) -> Span {
        match self {
            Gap::Throttled => Span::from_secs(60),
            Gap::Frozen => Span::from_hours(8),
            Gap::Slept(span) | Gap::SleptAndSet(span, _) | Gap::SleptAndSetBack(span) => span,
            Gap::Set(_) | Gap::SetAndSetBack(_) => Span::ZERO,
        }
    }

    /// How far the wall clock ran ahead, and how far it was set back.
    fn apart(self, runs: bool) -> (Span, Span) {
        let slept = |span: Span| if runs { Span::ZERO } else { span };
        match self {
            Gap::Throttled | Gap::Frozen => (Span::ZERO, Span::ZERO),
            Gap::Slept(span) => (slept(span), Span::ZERO),
            Gap::Set(by) => (by.max(Span::ZERO), by.min(Span::ZERO)),
            Gap::SleptAndSet(span, by) => (slept(span) + by, Span::ZERO),
            Gap::SetAndSetBack(by) => (by, minus(by)),
            Gap::SleptAndSetBack(span) => (slept(span), minus(span)),
        }
    }

    /// What the application is told of it once the server has told the time.
    fn kind(self, runs: bool) -> JumpKind {
        match self {
            Gap::SleptAndSet(..) if !runs => JumpKind::Unknown,
            Gap::Slept(_) | Gap::SleptAndSetBack(_) => JumpKind::Sleep,
            _ => JumpKind::SetForward,
        }
    }
}

#[test]
fn no_gap_hands_out_a_dead_token_or_ends_a_session_that_lives() {
    for gap in Gap::ALL {
        for runs in [false, true] {
            for server in [
                Server::Tells,
                Server::TellsNothing,
                Server::Silent,
                Server::AskedTwice,
            ] {
                for lifetime in [
                    Span::from_secs(10),
                    Span::from_mins(15),
                    Span::from_hours(8),
                ] {
                    wake(gap, runs, server, lifetime);
                }
            }
        }
    }
}

fn wake(gap: Gap, runs: bool, server: Server, lifetime: Span) {
    let case = format!("{gap:?}, monotonic in sleep: {runs}, {server:?}, {lifetime:?}");
    let mut driver = started(Config::default(), lifetime, YEAR + YEAR);
    let mut lapses = driver.server_time() + lifetime;
    driver.pass(Span::from_secs(1));
    gap.befall(&mut driver, runs);
    let need = driver.need_token(None);

    let (ahead, back) = gap.apart(runs);
    let doubted = ahead > Span::ZERO;
    assert_eq!(!driver.probes.is_empty(), doubted, "{case}");
    let mut disturbed = Span::ZERO;
    if doubted {
        assert_eq!(driver.settlement(need), None, "{case}");
        assert_eq!(driver.session.usable_token(), None, "{case}");
        let needless = !runs || gap.passed() == Span::ZERO;
        assert!(!needless || driver.attempts.is_empty(), "{case}");
        let sent = driver.now;
        match server {
            Server::Tells | Server::TellsNothing => {
                driver.shift(LATENCY);
                probed(&mut driver, sent, server == Server::Tells);
            }
            Server::Silent => {
                driver.pass(PROBE_LIMIT - Span::from_millis(1));
                assert_eq!(driver.settlement(need), None, "{case}");
                driver.pass(Span::from_millis(1));
            }
            Server::AskedTwice => {
                driver.shift(LATENCY);
                disturbed = Span::from_millis(1_500);
                set(&mut driver, disturbed);
                let asked = driver.probes.len();
                probed(&mut driver, sent, true);
                assert_eq!(driver.probes.len(), asked, "{case}: it asks again");
                assert_eq!(driver.settlement(need), None, "{case}");
                let sent = driver.now;
                driver.shift(LATENCY);
                probed(&mut driver, sent, true);
            }
        }
        driver.probes.clear();
    }

    // What was handed out, or is now, lives at the server.
    let told = !doubted || matches!(server, Server::Tells | Server::AskedTwice);
    // A sleep of which no clock and no server tells is not to be known.
    let hidden = matches!(gap, Gap::SleptAndSetBack(_)) && !told;
    if driver.settlement(need) == Some(Settlement::Token) {
        let lives = driver.server_time() < lapses;
        assert!(lives || hidden, "{case}: a dead token");
    } else {
        if driver.attempts.is_empty() {
            // A token is renewed at half of its lifetime at the soonest.
            assert!(driver.pass_until_attempt() <= Span::from_secs(1), "{case}");
        }
        assert_eq!(driver.attempts.len(), 1, "{case}");
        driver.pass(LATENCY);
        driver.succeed(lifetime);
        lapses = driver.server_time() + lifetime;
        if driver.settlement(need).is_none() {
            // The answer took half of the token's life.
            assert!(runs && server == Server::Silent, "{case}");
            assert!(lifetime < PROBE_LIMIT + PROBE_LIMIT + LATENCY, "{case}");
            assert_eq!(driver.attempts.len(), 2, "{case}");
            driver.succeed(lifetime);
            lapses = driver.server_time() + lifetime;
            driver.attempts.pop();
        }
        assert_eq!(driver.settlement(need), Some(Settlement::Token), "{case}");
    }
    assert_eq!(driver.state(), SessionState::Active, "{case}");

    // A renewal was made where the token has lapsed, and none where half of its time is left.
    let seen = if runs
        || !matches!(
            gap,
            Gap::Slept(_) | Gap::SleptAndSet(..) | Gap::SleptAndSetBack(_)
        ) {
        gap.passed()
    } else {
        Span::ZERO
    };
    let taken = match told {
        true => gap.passed(),
        // What the wall clock shows is believed.
        false => seen + (ahead + back).max(Span::ZERO),
    };
    let slack = Span::from_secs(if server == Server::Silent { 8 } else { 4 });
    if taken >= lifetime {
        assert_eq!(driver.attempts.len(), 1, "{case}");
    } else if taken + disturbed + slack < lifetime.half() {
        assert_eq!(driver.attempts.len(), 0, "{case}");
    }

    // The application is told what it was.
    let events = driver.take_events();
    let mut expected = Vec::new();
    if back < Span::ZERO {
        expected.push((JumpKind::SetBack, back));
    }
    if doubted {
        // Four seconds of sleep cannot be told from a clock that was set while a second is lost.
        let kind = if told {
            gap.kind(runs)
        } else {
            JumpKind::Unknown
        };
        expected.push((kind, ahead));
    }
    let found = jumps(&events);
    let apart = |one: Span, other: Span| one.max(other) - one.min(other);
    let equal = found.len() == expected.len()
        && found.iter().zip(&expected).all(|(found, expected)| {
            found.0 == expected.0 && apart(found.1, expected.1) <= Span::from_secs(2)
        });
    assert!(equal, "{case}: {found:?}, not {expected:?}");

    // And so it goes on, without a loop and with a token that lives.
    driver.attempts.clear();
    driver.input(Input::Visibility { visible: false });
    let end = driver.server_time() + lifetime.share(4.0);
    while driver.server_time() < end {
        driver.pass_until_attempt();
        let need = driver.need_token(Some(Span::from_millis(1)));
        if driver.settlement(need) == Some(Settlement::Token) {
            let lives = driver.server_time() < lapses;
            assert!(lives || hidden, "{case}: a dead token later");
        }
        driver.pass(LATENCY);
        driver.succeed(lifetime);
        lapses = driver.server_time() + lifetime;
    }
    assert!(driver.attempts.len() <= 10, "{case}");
    assert!(driver.probes.is_empty(), "{case}");
    assert!(jumps(&driver.take_events()).is_empty(), "{case}");
}
