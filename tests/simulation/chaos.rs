//! Any input in any order: nothing panics, and nothing spins.

use proptest::prelude::*;
use sessionkeeper::challenge::{BearerChallenge, BearerError};
use sessionkeeper::retry_after::RetryAfter;
use sessionkeeper::*;

use crate::support::{read, token_text};

/// A step of somebody who knows no rules.
#[derive(Clone, Debug)]
enum Step {
    Pass {
        wall: i64,
        monotonic: i64,
    },
    ToDeadline,
    Begin(f64, Option<f64>),
    Restore(bool),
    Renew,
    NeedToken(Option<i64>),
    Forget(u32),
    Challenged(u32, bool),
    SignOut(bool),
    Key,
    Settle {
        which: usize,
        status: Option<u16>,
        expires_in: f64,
        wait: i64,
    },
    Verify(u8),
    LogoutSettled(usize, u16),
    Record(u8),
    Connectivity(bool),
    Visible(bool),
    Probed(usize, Option<i64>),
    Used(bool),
    Policy(Option<i64>, i64, bool, Option<i64>),
    HeardOfUse(i64, Option<i64>),
    Leaving,
    Returned(bool),
    Dispose,
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0..4000_i32).prop_map(f64::from),
        1 => any::<f64>(),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let span = || {
        prop_oneof![
            6 => -1000..100_000_i64,
            1 => -1_000_000_000_000..1_000_000_000_000_i64,
            1 => any::<i64>(),
        ]
    };
    let status = prop::sample::select(vec![0, 200, 204, 302, 401, 403, 429, 500, 503, 65535]);
    prop_oneof![
        2 => (span(), span()).prop_map(|(wall, monotonic)| Step::Pass { wall, monotonic }),
        6 => Just(Step::ToDeadline),
        2 => (any_number(), prop::option::of(any_number())).prop_map(|(a, b)| Step::Begin(a, b)),
        1 => any::<bool>().prop_map(Step::Restore),
        2 => Just(Step::Renew),
        2 => prop::option::of(span()).prop_map(Step::NeedToken),
        1 => (0..20_u32).prop_map(Step::Forget),
        1 => (0..3_u32, any::<bool>()).prop_map(|(age, steps)| Step::Challenged(age, steps)),
        1 => any::<bool>().prop_map(Step::SignOut),
        4 => Just(Step::Key),
        6 => (any::<usize>(), prop::option::of(status), any_number(), span()).prop_map(
            |(which, status, expires_in, wait)| Step::Settle { which, status, expires_in, wait }
        ),
        2 => any::<u8>().prop_map(Step::Verify),
        2 => (any::<usize>(), prop::sample::select(vec![0_u16, 204, 401, 404, 503]))
            .prop_map(|(which, status)| Step::LogoutSettled(which, status)),
        1 => any::<u8>().prop_map(Step::Record),
        1 => any::<bool>().prop_map(Step::Connectivity),
        1 => any::<bool>().prop_map(Step::Visible),
        3 => (any::<usize>(), prop::option::of(span())).prop_map(|(which, date)| Step::Probed(which, date)),
        3 => any::<bool>().prop_map(Step::Used),
        1 => (prop::option::of(span()), span(), any::<bool>(), prop::option::of(span()))
            .prop_map(|(timeout, warning, confirm, age)| Step::Policy(timeout, warning, confirm, age)),
        1 => (span(), prop::option::of(span())).prop_map(|(at, seen)| Step::HeardOfUse(at, seen)),
        1 => Just(Step::Leaving),
        1 => any::<bool>().prop_map(Step::Returned),
        1 => Just(Step::Dispose),
    ]
}

fn answer(expires_in: f64, issued: f64) -> TokenAnswer {
    let claims = serde_json::json!({ "iat": issued, "exp": issued + expires_in });
    TokenAnswer {
        token: Some(read(token_text(&claims))),
        expires_in: (expires_in.to_bits() & 1 == 0).then_some(expires_in),
        expires_at: None,
        session_expires_in: (expires_in.to_bits() & 6 == 0).then_some(expires_in * 4.0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_input_makes_a_session_panic_or_spin(
        seed in any::<u64>(),
        verify in any::<bool>(),
        logout in any::<bool>(),
        steps in prop::collection::vec(any_step(), 1..120),
    ) {
        let mut now = Now {
            wall: Timestamp::from_millis(1_700_000_000_000),
            monotonic: Monotonic::from_millis(0),
        };
        let mut config = Config { verify, logout, ask_time: logout, ..Config::default() };
        config.tabs.channel = seed % 2 == 0;
        if seed % 3 > 0 {
            config.idle = Some(IdleConfig {
                timeout: Span::from_secs(60),
                warning: Span::from_secs(20),
                confirm: seed % 3 == 1,
            });
            config.max_age = (seed % 5 == 0).then_some(Span::from_mins(10));
        }
        let mut session = Session::new(config, seed, now);
        let (mut sent, mut checks, mut probes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut logouts, mut record) = (Vec::new(), Record::default());
        let mut tickets = 0;
        for step in steps {
            let mut ticket = || { tickets += 1; Ticket(tickets) };
            match step {
                Step::Pass { wall, monotonic } => {
                    let monotonic = monotonic.clamp(-1_000_000_000_000, 1_000_000_000_000);
                    now.wall += Span::from_millis(wall);
                    now.monotonic += Span::from_millis(monotonic);
                    session.handle_timeout(now);
                }
                Step::ToDeadline => if let Some(deadline) = session.poll_timeout() {
                    let step = deadline.at - now.monotonic;
                    if step > Span::ZERO {
                        now.wall += step;
                        now.monotonic = deadline.at;
                    }
                    session.handle_timeout(now);
                },
                Step::Begin(expires_in, issued) => {
                    let answer = answer(expires_in, issued.unwrap_or(1.7e9));
                    session.handle_input(Input::Begin { ticket: ticket(), answer }, now);
                }
                Step::Restore(fresh) => {
                    let restore = Input::Restore { ticket: ticket(), fresh, record };
                    session.handle_input(restore, now);
                }
                Step::Renew => session.handle_input(Input::Renew { ticket: ticket() }, now),
                Step::NeedToken(validity) => {
                    let min_validity = validity.map(Span::from_millis);
                    session.handle_input(Input::NeedToken { ticket: ticket(), min_validity }, now);
                }
                Step::Challenged(age, steps_up) => {
                    let generation = session.snapshot().generation.wrapping_sub(age);
                    let error = steps_up.then_some(BearerError::InsufficientUserAuthentication);
                    let challenge = BearerChallenge { error, ..BearerChallenge::default() };
                    let url = String::new();
                    let challenged = Input::Challenged { ticket: ticket(), generation, challenge, url };
                    session.handle_input(challenged, now);
                }
                Step::Forget(ticket) => {
                    session.handle_input(Input::Forget { ticket: Ticket(ticket) }, now);
                }
                Step::SignOut(logout) => {
                    session.handle_input(Input::SignOut { ticket: ticket(), logout }, now);
                }
                Step::Key => {
                    let key = RenewalKey(7);
                    session.handle_input(Input::KeyDrawn { key, record }, now);
                }
                Step::Record(number) => {
                    let numbers = [1.0, 1.7e12, f64::from(number % 3), number.into(), 1.0, 2.0, 3.0];
                    record = Record::read(&numbers[..if number < 100 { 3 } else { 7 }]).unwrap_or_default();
                    session.handle_input(Input::RecordRead(record), now);
                }
                Step::Settle { which, status, expires_in, wait } if !sent.is_empty() => {
                    let (id, at) = sent[which % sent.len()];
                    let outcome = match status {
                        None => Outcome::Unreachable,
                        Some(status) => Outcome::Answered(Reply {
                            status,
                            date: Some(ServerTime::from_millis(1_700_000_000_000 + wait / 2)),
                            aged: wait % 2 == 0,
                            retry_after: Some(RetryAfter::Delay(Span::from_millis(wait))),
                            answer: (status == 200).then(|| answer(expires_in, 1.7e9)),
                        }),
                    };
                    let exchange = Exchange { sent: at, received: now };
                    session.handle_input(Input::RenewalSettled { id, exchange, outcome }, now);
                }
                Step::Verify(which) if !checks.is_empty() => {
                    let id = checks[usize::from(which) % checks.len()];
                    let verdicts = [Verdict::Passed, Verdict::Refused, Verdict::Unknown];
                    let verdict = verdicts[usize::from(which) % 3];
                    session.handle_input(Input::Verified { id, verdict }, now);
                }
                Step::Probed(which, date) if !probes.is_empty() => {
                    let (id, at) = probes[which % probes.len()];
                    let date = date.map(|date| ServerTime::from_millis(date.saturating_add(1_700_000_000_000)));
                    let exchange = Exchange { sent: at, received: now };
                    session.handle_input(Input::TimeProbed { id, exchange, date }, now);
                }
                Step::Settle { .. } | Step::Verify(_) | Step::Probed(..) => {}
                Step::Visible(visible) => session.handle_input(Input::Visibility { visible }, now),
                Step::LogoutSettled(which, status) if !logouts.is_empty() => {
                    let id = logouts[which % logouts.len()];
                    let outcome = Outcome::Answered(Reply {
                        status, date: None, aged: false, retry_after: None, answer: None,
                    });
                    session.handle_input(Input::LogoutSettled { id, outcome }, now);
                }
                Step::LogoutSettled(..) => session.handle_input(Input::Connectivity { online: true }, now),
                Step::Connectivity(online) => {
                    session.handle_input(Input::Connectivity { online }, now);
                }
                Step::Used(stays) => {
                    let input = if stays { Input::Extend } else { Input::Activity };
                    session.handle_input(input, now);
                }
                Step::Policy(timeout, warning, confirm, age) => {
                    let policy = Policy {
                        idle: timeout.map(|timeout| IdleConfig {
                            timeout: Span::from_millis(timeout),
                            warning: Span::from_millis(warning),
                            confirm,
                        }),
                        max_age: age.map(Span::from_millis),
                        lead: age.map(Span::from_millis),
                        lifetime: (age.map(Span::from_millis), timeout.map(Span::from_millis)),
                    };
                    session.handle_input(Input::Policy(policy), now);
                }
                Step::HeardOfUse(at, seen) => {
                    let instant = |at: i64| Timestamp::from_millis(1_700_000_000_000_i64.saturating_add(at));
                    let activity = Activity { at: instant(at), seen: seen.map(instant) };
                    let message = Message::Active(activity);
                    session.handle_input(Input::Peer(PeerMessage { from: TabId(1), message }), now);
                    record = record.noted(Note::Active { activity, now: now.wall });
                    session.handle_input(Input::RecordRead(record), now);
                }
                Step::Leaving => session.handle_input(Input::Leaving { cached: true }, now),
                Step::Returned(persisted) => {
                    session.handle_input(Input::Returned { persisted, record }, now);
                }
                Step::Dispose => session.handle_input(Input::Dispose, now),
            }
            let mut effects = 0;
            while let Some(effect) = session.poll_effect() {
                match effect {
                    Effect::ReadRecord if effects % 3 > 0 => {
                        session.handle_input(Input::RecordRead(record), now);
                    }
                    Effect::SendRenewal { id, .. } => sent.push((id, now)),
                    Effect::Verify { id, .. } => checks.push(id),
                    Effect::ProbeTime { id } => probes.push((id, now)),
                    Effect::SendLogout { id } => logouts.push(id),
                    Effect::Note(note) => record = record.noted(note),
                    _ => {}
                }
                effects += 1;
            }
            prop_assert!(effects < 300, "{effects} effects at once");
            // Whoever comes at the deadline, again and again, is soon told of a later one.
            let mut rounds = 0;
            while session.poll_timeout().is_some_and(|deadline| deadline.at <= now.monotonic) {
                session.handle_timeout(now);
                while let Some(effect) = session.poll_effect() {
                    match effect {
                        Effect::SendRenewal { id, .. } => sent.push((id, now)),
                        Effect::ReadRecord => {
                            session.handle_input(Input::RecordRead(record), now);
                        }
                        _ => {}
                    }
                }
                rounds += 1;
                prop_assert!(rounds < 10, "{:?} stays due", session.poll_timeout());
            }
        }
    }
}
