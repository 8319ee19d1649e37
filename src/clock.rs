//! The server's clock, as far as answers tell it: an interval that the truth is always inside.

use crate::time::{Monotonic, Now, ServerTime, Span};

/// How fast the device's clock and the server's may drift apart: 500 parts per million.
const DRIFT: f64 = 0.0005;
/// How coarse the device's clock may be: whole milliseconds in Firefox and WebKit, and ours.
const TICK: Span = Span::from_millis(2);
/// What `Date` leaves out: it tells whole seconds.
const DATE_RESOLUTION: Span = Span::from_secs(1);
/// How much the device's two clocks may disagree over the flight of a sample: what a clock that is
/// being slewed does in ten seconds, and a tick.
const FLIGHT_TOLERANCE: Span = Span::from_millis(12);

/// When a request left and when its answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Exchange {
    /// The present when it was sent.
    pub sent: Now,
    /// The present when the head of the answer had arrived.
    pub received: Now,
}

impl Exchange {
    /// By how much the wall clock ran ahead of the monotonic one during the flight.
    pub(crate) fn disagreement(self) -> Span {
        (self.received.wall - self.sent.wall) - (self.received.monotonic - self.sent.monotonic)
    }
}

/// Where an estimate comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum ClockSource {
    /// The header field `Date` (RFC 9110 section 6.6.1).
    Date,
    /// The claim `iat` (RFC 7519 section 4.1.6).
    IssuedAt,
    /// Nothing yet.
    None,
}

impl ClockSource {
    /// The name that applications see.
    pub fn name(self) -> &'static str {
        match self {
            ClockSource::Date => "date",
            ClockSource::IssuedAt => "iat",
            ClockSource::None => "none",
        }
    }
}

/// How far the server is ahead of the device's wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize))]
pub struct ClockEstimate {
    /// The middle of the interval; negative when the device is fast.
    pub skew: Span,
    /// Half of the interval's width; [`Span::MAX`] while it is open.
    pub uncertainty: Span,
    /// What the interval was made from.
    pub source: ClockSource,
}

impl ClockEstimate {
    /// The estimate while nothing is known.
    pub const UNKNOWN: ClockEstimate = ClockEstimate {
        skew: Span::ZERO,
        uncertainty: Span::MAX,
        source: ClockSource::None,
    };

    /// The newer estimate, where it differs enough to be worth a change: by more than a second, or
    /// by being known.
    pub(crate) fn renewed(self, newer: ClockEstimate) -> ClockEstimate {
        let differs = |one: Span, other: Span| one.max(other) - one.min(other) > Span::from_secs(1);
        let worth = self.source != newer.source
            || differs(self.skew, newer.skew)
            || differs(self.uncertainty, newer.uncertainty);
        if worth { newer } else { self }
    }
}

/// By how much the server's clock and the device's may drift apart in a while, rounded up.
fn drift(span: Span) -> Span {
    span.max(Span::ZERO).share(DRIFT) + Span::from_millis(1)
}

/// How far the server's clock is ahead of the monotonic one: between `lower` and `upper`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Interval {
    lower: Span,
    upper: Option<Span>,
    /// When it was true; it widens from then on.
    at: Now,
    /// How long the device may have slept since then while its monotonic clock stood still.
    slept: Span,
    /// How far its clocks had come apart by then: what they do further may be sleep.
    apart: Span,
}

impl Interval {
    fn new(lower: Span, upper: Option<Span>, at: Now) -> Interval {
        Interval {
            lower,
            upper,
            at,
            slept: Span::ZERO,
            apart: Span::ZERO,
        }
    }

    /// Takes note of how far the device's clocks have come apart: a sleep is not undone by a wall
    /// clock that is set back before or after it.
    fn observe(&mut self, now: Now) {
        let apart = Exchange {
            sent: self.at,
            received: now,
        }
        .disagreement();
        let moved = apart - self.apart;
        if moved > TICK {
            self.slept += moved + drift(moved);
            self.apart = apart;
        } else if moved < Span::ZERO {
            self.apart = apart;
        }
    }

    /// The interval at a later time: wider by the drift, and by what the device may have slept.
    fn at(mut self, now: Now) -> Interval {
        self.observe(now);
        self.widened(now)
    }

    /// The same, but for what the device's clocks have done since they were last observed.
    fn widened(self, now: Now) -> Interval {
        let drift = drift(now.monotonic - self.at.monotonic);
        let upper = self.upper.map(|upper| upper + drift + self.slept);
        Interval::new(self.lower - drift, upper, now)
    }

    /// What both intervals allow; nothing when they exclude each other.
    fn intersect(self, newer: Interval) -> Option<Interval> {
        let lower = self.lower.max(newer.lower);
        let upper = match (self.upper, newer.upper) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let possible = upper.is_none_or(|upper| lower <= upper);
        possible.then_some(Interval::new(lower, upper, newer.at))
    }
}

/// The server's time with bounds, learnt from its answers.
#[derive(Clone, Debug)]
pub struct ServerClock {
    known: Option<(Interval, ClockSource)>,
}

impl ServerClock {
    /// A clock of which nothing is known.
    pub const fn unknown() -> ServerClock {
        ServerClock { known: None }
    }

    /// Learns from an answer that named the server's time, in whole seconds, while it was made.
    ///
    /// The answer must have been made for this exchange and not have come from a cache. Where it
    /// contradicts what was known, something jumped, and only the answer counts. Returns whether it
    /// was of use: an exchange during which the device's clocks came apart is not.
    pub fn sample(&mut self, date: ServerTime, source: ClockSource, flight: Exchange) -> bool {
        let slept = flight.disagreement();
        if slept > FLIGHT_TOLERANCE || slept < Span::ZERO - FLIGHT_TOLERANCE {
            return false;
        }
        let lower = ahead(date, flight.received.monotonic) - TICK;
        let upper = ahead(date, flight.sent.monotonic) + DATE_RESOLUTION + TICK;
        let took = flight.received.monotonic - flight.sent.monotonic;
        let upper = Some(upper + drift(took) + slept.max(Span::ZERO));
        self.learn(Interval::new(lower, upper, flight.received), source);
        true
    }

    /// Learns from an answer that may be old: the server's clock shows this time or a later one.
    pub fn sample_at_least(&mut self, date: ServerTime, source: ClockSource, now: Now) {
        let lower = ahead(date, now.monotonic) - TICK;
        self.learn(Interval::new(lower, None, now), source);
    }

    /// Learns what another tab knows, where nothing is known yet: how far the server is ahead of the
    /// wall clock, at least and at most.
    pub(crate) fn hear(&mut self, least: Span, most: Span, source: ClockSource, now: Now) {
        if self.known.is_none() && least <= most {
            let wall = ahead(ServerTime::from_millis(now.wall.as_millis()), now.monotonic);
            let (lower, upper) = (least + wall - TICK, most + wall + TICK);
            self.learn(Interval::new(lower, Some(upper), now), source);
        }
    }

    fn learn(&mut self, sample: Interval, source: ClockSource) {
        self.known = Some(match self.known {
            None => (sample, source),
            Some((known, from)) => match known.at(sample.at).intersect(sample) {
                Some(both) if sample.upper.is_none() && known.upper.is_some() => (both, from),
                Some(both) => (both, source),
                None => (sample, source),
            },
        });
    }

    /// Takes note of how far the device's clocks have come apart.
    pub fn observe(&mut self, now: Now) {
        if let Some((interval, _)) = &mut self.known {
            interval.observe(now);
        }
    }

    /// How long the device's monotonic clock stood still while the server's went on, since another
    /// clock was set aside: at least and at most, where that can be told.
    pub(crate) fn gained_on(&self, before: &ServerClock, now: Now) -> Option<(Span, Span)> {
        let (after, _) = self.known?;
        let (before, _) = before.known?;
        let (after, before) = (after.at(now), before.widened(now));
        let least = before.upper.map_or(Span::ZERO, |upper| after.lower - upper);
        Some((least, after.upper? - before.lower))
    }

    /// The earliest time that the server's clock may show.
    pub fn earliest(&self, now: Now) -> Option<ServerTime> {
        let (interval, _) = self.known?;
        Some(shown(now.monotonic, interval.at(now).lower))
    }

    /// The latest time that the server's clock may show.
    pub fn latest(&self, now: Now) -> Option<ServerTime> {
        let (interval, _) = self.known?;
        Some(shown(now.monotonic, interval.at(now).upper?))
    }

    /// The estimate, against the device's wall clock.
    pub fn estimate(&self, now: Now) -> ClockEstimate {
        let Some((interval, source)) = self.known else {
            return ClockEstimate::UNKNOWN;
        };
        let interval = interval.at(now);
        let wall = ahead(ServerTime::from_millis(now.wall.as_millis()), now.monotonic);
        match interval.upper {
            Some(upper) => {
                let width = upper - interval.lower;
                // Rounded away from zero, so that the whole interval is covered.
                let uncertainty = (width + Span::from_millis(1)).half();
                let skew = interval.lower + width.half() - wall;
                ClockEstimate {
                    skew,
                    uncertainty,
                    source,
                }
            }
            None => ClockEstimate {
                skew: (interval.lower - wall).max(Span::ZERO),
                uncertainty: Span::MAX,
                source,
            },
        }
    }
}

fn ahead(server: ServerTime, monotonic: Monotonic) -> Span {
    Span::from_millis(server.as_millis()) - Span::from_millis(monotonic.as_millis())
}

fn shown(monotonic: Monotonic, ahead: Span) -> ServerTime {
    ServerTime::from_millis((monotonic + ahead).as_millis())
}

#[cfg(test)]
mod tests;
