//! A device, a server and a network of which everything is known, to the microsecond.

use sessionkeeper::{
    ClockEstimate, ClockSource, Exchange, Monotonic, Now, Rng, ServerClock, ServerTime, Span,
    Timestamp,
};

const MILLI: i64 = 1_000;
const SECOND: i64 = 1_000 * MILLI;
const HOUR: i64 = 3_600 * SECOND;
const YEAR: i64 = 8_766 * HOUR;

/// What the answers travel through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Network {
    /// Round trips of 20 to 300 ms, and clocks that only drift.
    Ordinary,
    /// Requests that arrive at once, and answers that take ten seconds.
    Slow,
    /// Round trips of up to 10 s in any proportion of both ways, caches, and clocks that are set
    /// or stand still.
    Any,
}

/// What befalls the device between two readings of its clocks.
///
/// Never two at a time: a sleep and a wall clock set back by as much look like nothing.
#[derive(Clone, Copy, Debug)]
enum Disturbance {
    /// The monotonic clock stands still.
    Sleep(i64),
    /// The wall clock is set.
    Set(i64),
}

/// Everything counts microseconds of the time that truly passes.
#[derive(Debug)]
pub(crate) struct World {
    seed: u64,
    rng: Rng,
    network: Network,
    clock: ServerClock,
    time: i64,
    server_ahead: i64,
    ppm: i64,
    /// From when on the server's clock drifts as it does now.
    drifts_since: i64,
    wall_ahead: i64,
    monotonic_ahead: i64,
    /// How coarse the monotonic clock is.
    tick: i64,
    /// The server's clock was set, and nothing has told of it.
    stepped: bool,
}

impl World {
    pub(crate) fn new(seed: u64, network: Network) -> World {
        let mut rng = Rng::seeded(seed);
        let mut between =
            |least: i64, most: i64| least + (rng.share() * (most - least) as f64) as i64;
        let time = between(0, HOUR);
        let wall_ahead = 1_700_000_000 * SECOND + between(0, YEAR);
        World {
            seed,
            network,
            clock: ServerClock::unknown(),
            time,
            server_ahead: wall_ahead + between(-10 * YEAR, 10 * YEAR),
            ppm: between(-500, 501),
            drifts_since: time,
            wall_ahead,
            monotonic_ahead: between(0, HOUR),
            tick: if between(0, 2) == 0 {
                MILLI
            } else {
                MILLI / 10
            },
            stepped: false,
            rng,
        }
    }

    // What the device reads.

    pub(crate) fn now(&self) -> Now {
        let ticks = (self.time + self.monotonic_ahead).div_euclid(self.tick);
        Now {
            wall: Timestamp::from_millis((self.time + self.wall_ahead).div_euclid(MILLI)),
            monotonic: Monotonic::from_millis((ticks * self.tick).div_euclid(MILLI)),
        }
    }

    pub(crate) fn estimate(&self) -> ClockEstimate {
        self.clock.estimate(self.now())
    }

    // What is true.

    fn server(&self) -> i64 {
        let drift = (self.time - self.drifts_since) as i128 * i128::from(self.ppm) / 1_000_000;
        self.time + self.server_ahead + drift as i64
    }

    /// The server's time as it writes it down.
    fn date(&self) -> ServerTime {
        ServerTime::from_millis(self.server().div_euclid(SECOND) * 1000)
    }

    /// Checks that the true skew lies within the estimate, and the server's time within its bounds.
    fn assert_truth(&self, when: &str) {
        if self.stepped {
            return;
        }
        let (now, seed) = (self.now(), self.seed);
        let server = self.server();
        let earliest = self.clock.earliest(now).map(ServerTime::as_millis);
        let latest = self.clock.latest(now).map(ServerTime::as_millis);
        let after = earliest.is_none_or(|earliest| earliest * MILLI <= server);
        let before = latest.is_none_or(|latest| server <= latest * MILLI);
        assert!(
            after && before,
            "SEED={seed}, {when}: {server} µs is not from {earliest:?} to {latest:?} ms"
        );
        let estimate = self.estimate();
        if estimate.uncertainty < Span::MAX {
            let skew = server - (self.time + self.wall_ahead);
            let off = (skew - estimate.skew.as_millis() * MILLI).abs();
            assert!(
                off <= estimate.uncertainty.as_millis() * MILLI,
                "SEED={seed}, {when}: the skew is {skew} µs, not {estimate:?}"
            );
        }
    }

    // What happens.

    /// Sets the server's clock, of which the next answer tells.
    pub(crate) fn set_server(&mut self, step: Span) {
        self.server_ahead += step.as_millis() * MILLI;
        self.stepped = true;
    }

    pub(crate) fn set_drift(&mut self, ppm: i64) {
        self.server_ahead = self.server() - self.time;
        self.drifts_since = self.time;
        self.ppm = ppm;
    }

    pub(crate) fn wait(&mut self, span: Span) {
        self.time += span.as_millis() * MILLI;
        self.look("while nothing happens");
    }

    /// Some time between two exchanges, with what befalls the device meanwhile.
    pub(crate) fn pause(&mut self) {
        let longest = match self.network {
            Network::Ordinary | Network::Slow => 60 * SECOND,
            Network::Any => 2 * HOUR,
        };
        self.time += self.magnitude(SECOND, longest);
        self.look("in a pause");
        while self.network == Network::Any && self.rng.share() < 0.4 {
            let disturbance = self.disturbance(12 * HOUR);
            self.befall(disturbance);
            self.look("after a disturbance");
            self.time += self.magnitude(MILLI, 60 * SECOND);
            self.look("some time after a disturbance");
        }
    }

    /// Asks the server for something; tells whether the answer told anything.
    pub(crate) fn exchange(&mut self) -> bool {
        let (there, back) = self.ways();
        let sent = self.now();
        let disturbed = self.network == Network::Any && self.rng.share() < 0.25;
        let at_the_way_back = self.rng.share() < 0.5;
        self.leg(there, disturbed && !at_the_way_back);
        let date = self.date();
        self.leg(back, disturbed && at_the_way_back);
        self.look("as an answer comes");
        self.stepped = false;
        let flight = Exchange {
            sent,
            received: self.now(),
        };
        let kind = self.rng.share();
        let useful = if self.network != Network::Any || kind < 0.6 {
            self.clock.sample(date, ClockSource::Date, flight)
        } else if kind < 0.8 {
            self.clock.sample(date, ClockSource::IssuedAt, flight)
        } else {
            let age = Span::from_millis(self.magnitude(MILLI, 24 * HOUR) / MILLI);
            let source = if kind < 0.9 {
                ClockSource::Date
            } else {
                ClockSource::IssuedAt
            };
            self.clock
                .sample_at_least(date + (Span::ZERO - age), source, flight.received);
            true
        };
        self.assert_truth("after an exchange");
        useful
    }

    /// An answer that was made so long ago.
    pub(crate) fn cached_answer(&mut self, age: Span) {
        let date = self.date() + (Span::ZERO - age);
        let now = self.now();
        self.clock.sample_at_least(date, ClockSource::Date, now);
        self.assert_truth("after an old answer");
    }

    fn look(&mut self, when: &str) {
        let now = self.now();
        self.clock.observe(now);
        self.assert_truth(when);
    }

    fn leg(&mut self, span: i64, disturbed: bool) {
        let first = (span as f64 * self.rng.share()) as i64;
        self.time += first;
        if disturbed {
            let disturbance = self.disturbance(2 * SECOND);
            self.befall(disturbance);
        }
        self.time += span - first;
    }

    fn befall(&mut self, disturbance: Disturbance) {
        match disturbance {
            Disturbance::Sleep(span) => {
                self.time += span;
                self.monotonic_ahead -= span;
            }
            Disturbance::Set(step) => self.wall_ahead += step,
        }
    }

    fn disturbance(&mut self, longest_sleep: i64) -> Disturbance {
        match self.rng.share() {
            kind if kind < 0.5 => Disturbance::Sleep(self.magnitude(MILLI, longest_sleep)),
            kind if kind < 0.75 => Disturbance::Set(self.magnitude(MILLI, YEAR)),
            _ => Disturbance::Set(-self.magnitude(MILLI, YEAR)),
        }
    }

    /// How long a request and its answer travel.
    fn ways(&mut self) -> (i64, i64) {
        let trip = match self.network {
            Network::Ordinary => self.magnitude(20 * MILLI, 300 * MILLI),
            Network::Slow => return (0, 10 * SECOND),
            Network::Any => self.magnitude(MILLI, 10 * SECOND),
        };
        let share = match self.rng.share() {
            all if all < 0.2 => 0.0,
            all if all < 0.4 => 1.0,
            _ => self.rng.share(),
        };
        let there = (trip as f64 * share) as i64;
        (there, trip - there)
    }

    /// A span from the least to the most, of any order of magnitude.
    fn magnitude(&mut self, least: i64, most: i64) -> i64 {
        let ratio = most as f64 / least as f64;
        (least as f64 * ratio.powf(self.rng.share())) as i64
    }
}
