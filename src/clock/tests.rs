use proptest::prelude::*;

use super::*;
use crate::time::Timestamp;

const EPOCH: i64 = 1_700_000_000_000;

/// What happens to a device and to what it knows of the server's clock.
#[derive(Clone, Debug)]
enum Step {
    /// Both clocks run.
    Run(i64),
    /// The monotonic clock stands.
    Sleep(i64),
    /// The wall clock is set.
    Set(i64),
    /// A request there and back, whose answer names the time.
    Ask(i64, i64),
    /// An answer that was made a while ago.
    Old(i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..50_000_000_i64).prop_map(Step::Run),
        1 => (0..50_000_000_i64).prop_map(Step::Sleep),
        1 => (-90_000..90_000_i64).prop_map(Step::Set),
        2 => (0..30_000_i64, 0..30_000_i64).prop_map(|(there, back)| Step::Ask(there, back)),
        1 => (0..500_000_i64).prop_map(Step::Old),
    ]
}

/// The device, whose clocks are off and fast or slow, in true time.
struct Device {
    truth: i64,
    wall: f64,
    monotonic: f64,
    rate: f64,
}

impl Device {
    fn pass(&mut self, millis: i64) {
        self.truth += millis;
        self.wall += millis as f64 * self.rate;
        self.monotonic += millis as f64 * self.rate;
    }

    fn read(&self) -> Now {
        Now {
            wall: Timestamp::from_millis(self.wall.floor() as i64),
            monotonic: Monotonic::from_millis(self.monotonic.floor() as i64),
        }
    }

    fn date(&self) -> ServerTime {
        ServerTime::from_millis(self.truth.div_euclid(1000) * 1000)
    }
}

proptest! {
    #[test]
    fn the_truth_is_always_inside(
        skew in -100_000_000_000..100_000_000_000_i64,
        drift in -400..400_i32,
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut clock = ServerClock::unknown();
        let mut device = Device {
            truth: EPOCH,
            wall: (EPOCH + skew) as f64,
            monotonic: 5000.0,
            rate: 1.0 + f64::from(drift) / 1e6,
        };
        for step in steps {
            match step {
                Step::Run(millis) => device.pass(millis),
                Step::Sleep(millis) => {
                    let monotonic = device.monotonic;
                    device.pass(millis);
                    device.monotonic = monotonic;
                }
                Step::Set(by) => device.wall += by as f64,
                Step::Ask(there, back) => {
                    let sent = device.read();
                    device.pass(there);
                    let date = device.date();
                    device.pass(back);
                    let received = device.read();
                    clock.observe(received);
                    clock.sample(date, ClockSource::Date, Exchange { sent, received });
                }
                Step::Old(age) => {
                    let date = device.date() - Span::from_millis(age);
                    clock.observe(device.read());
                    clock.sample_at_least(date, ClockSource::IssuedAt, device.read());
                }
            }
            let now = device.read();
            clock.observe(now);
            let truth = ServerTime::from_millis(device.truth);
            if let Some(earliest) = clock.earliest(now) {
                prop_assert!(earliest <= truth, "{earliest:?} {truth:?}");
            }
            if let Some(latest) = clock.latest(now) {
                prop_assert!(truth <= latest, "{truth:?} {latest:?}");
                let estimate = clock.estimate(now);
                let skew = Span::from_millis(device.truth - now.wall.as_millis());
                let off = estimate.skew.max(skew) - estimate.skew.min(skew);
                prop_assert!(off <= estimate.uncertainty, "{skew:?} {estimate:?}");
            }
        }
    }
}

fn at(millis: i64) -> Now {
    Now {
        wall: Timestamp::from_millis(EPOCH + millis),
        monotonic: Monotonic::from_millis(millis),
    }
}

fn exchange(sent: i64, received: i64) -> Exchange {
    Exchange {
        sent: at(sent),
        received: at(received),
    }
}

#[test]
fn several_answers_tell_more_than_one() {
    let mut clock = ServerClock::unknown();
    // The server's second turns between the two.
    let date = |secs: i64| ServerTime::from_millis(EPOCH + secs * 1000);
    clock.sample(date(0), ClockSource::Date, exchange(900, 950));
    let first = clock.estimate(at(950)).uncertainty;
    clock.sample(date(1), ClockSource::Date, exchange(1010, 1060));
    let second = clock.estimate(at(1060)).uncertainty;
    assert!(first > Span::from_millis(500), "{first:?}");
    assert!(second < Span::from_millis(120), "{second:?}");
}

#[test]
fn an_answer_that_contradicts_what_was_known_counts_alone() {
    let mut clock = ServerClock::unknown();
    let date = |secs: i64| ServerTime::from_millis(EPOCH + secs * 1000);
    clock.sample(date(0), ClockSource::Date, exchange(0, 50));
    clock.sample(date(500), ClockSource::Date, exchange(1000, 1050));
    let skew = clock.estimate(at(1050)).skew;
    assert!(skew > Span::from_secs(498), "{skew:?}");
}

#[test]
fn a_flight_during_which_the_clocks_came_apart_tells_nothing() {
    let mut clock = ServerClock::unknown();
    let mut received = at(100);
    received.wall += Span::from_secs(1);
    let sent = at(0);
    let date = ServerTime::from_millis(EPOCH);
    clock.sample(date, ClockSource::Date, Exchange { sent, received });
    assert_eq!(clock.estimate(at(100)), ClockEstimate::UNKNOWN);
}

#[test]
fn an_old_answer_gives_a_lower_bound_alone() {
    let mut clock = ServerClock::unknown();
    let date = ServerTime::from_millis(EPOCH + 60_000);
    clock.sample_at_least(date, ClockSource::IssuedAt, at(0));
    assert!(clock.earliest(at(0)).is_some());
    assert_eq!(clock.latest(at(0)), None);
    assert_eq!(clock.estimate(at(0)).uncertainty, Span::MAX);
    assert_eq!(clock.estimate(at(0)).source, ClockSource::IssuedAt);
}
