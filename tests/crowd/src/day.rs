//! A day with all that makes servers sweat: people who sign in at once, and ten minutes without a server.

use sessionkeeper::{Monotonic, Span};

use crate::client::Kind;
use crate::traffic::Traffic;
use crate::world::{BEGINNING, LIFETIME, OUTAGE, Wave, World};

/// Half of all clients are signed in from the beginning on.
const EARLY: f64 = 0.5;
/// A quarter signs in within half a minute at each of these hours.
const STORMS: [i64; 2] = [8, 13];
const STORM: Span = Span::from_secs(30);
const OUTAGE_HOUR: i64 = 18;

impl World {
    /// A whole day.
    pub fn day(between_renewals: Span) -> World {
        let mut waves = vec![Wave {
            share: EARLY,
            from: BEGINNING,
            within: between_renewals,
        }];
        waves.extend(STORMS.map(|hour| Wave {
            share: (1.0 - EARLY) / STORMS.len() as f64,
            from: at(hour),
            within: STORM,
        }));
        World {
            down: at(OUTAGE_HOUR),
            back: at(OUTAGE_HOUR) + OUTAGE,
            end: at(24),
            waves,
        }
    }
}

/// An hour of the day.
pub(crate) fn at(hour: i64) -> Monotonic {
    BEGINNING + Span::from_hours(hour)
}

/// What one kind of clients does to the server in a day.
#[derive(Debug)]
pub struct Day {
    /// The requests, sign-ins among them.
    pub traffic: Traffic,
    kind: Kind,
}

impl Day {
    /// The day of so many clients.
    pub fn of(kind: Kind, clients: u64, seed: u64) -> Day {
        let world = World::day(kind.between_renewals());
        Day {
            traffic: Traffic::of(kind, &world, clients, seed),
            kind,
        }
    }

    /// Requests in a second before the first storm: on average, and at most.
    pub fn steady(&self) -> (f64, u64) {
        let seconds = self.traffic.between(at(STORMS[0] - 2), Span::from_hours(2));
        let mean = seconds.iter().sum::<u64>() as f64 / seconds.len() as f64;
        (mean, most(seconds))
    }

    /// The fullest second of the first storm itself.
    pub fn storm(&self) -> u64 {
        most(self.traffic.between(at(STORMS[0]), STORM))
    }

    /// The fullest second of what comes back of the first storm after so many renewals.
    pub fn storm_again(&self, renewals: u32) -> u64 {
        let between = self.kind.between_renewals();
        let middle = at(STORMS[0]) + STORM.half() + between.share(f64::from(renewals));
        most(self.traffic.between(middle - between.half(), between))
    }

    /// The fullest second after the server's return, in the time until the next renewals begin.
    pub fn returned(&self) -> u64 {
        let back = at(OUTAGE_HOUR) + OUTAGE;
        most(self.traffic.between(back, LIFETIME.half()))
    }
}

fn most(seconds: &[u64]) -> u64 {
    seconds.iter().copied().max().unwrap_or(0)
}
