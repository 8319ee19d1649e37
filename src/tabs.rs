//! What the tabs of an application tell each other, and how it is written.
//!
//! Instants are on the device's wall clock, the one clock that tabs share.

use crate::clock::ClockSource;
use crate::effect::RenewalKey;
use crate::idle::Activity;
use crate::state::EndReason;
use crate::time::{Span, Timestamp};
use crate::token::ReadToken;

/// The version of the written forms; what another version wrote is not read.
const VERSION: i64 = 1;
/// How many numbers a [`Standing`] is written with.
pub const STANDING_LENGTH: usize = 7;
/// The last instant that a browser's clock can show.
const LAST_INSTANT: i64 = 8_640_000_000_000_000;

/// A tab, as long as its page lives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct TabId(pub u32);

/// Which token is the newest: that of the later sign-in, then the one that was asked for later. Where
/// two tabs asked at once, every tab agrees on one of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Generation {
    /// The session: when it was begun.
    pub started: Timestamp,
    /// When it was asked for.
    pub asked: Timestamp,
    /// The tab that the token came to.
    pub tab: TabId,
}

/// Where a tab stands, for others to look at before they renew.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Standing {
    /// The token that it holds.
    pub generation: Option<Generation>,
    /// The failures in a row of the renewal under way.
    pub failures: u32,
    /// Nobody attempts again before.
    pub until: Option<Timestamp>,
    /// When its last attempt was sent that has no answer.
    pub sent: Option<Timestamp>,
}

/// A token from another tab.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct SharedGrant {
    /// Which token it is.
    pub generation: Generation,
    /// The token; none where it is a cookie, or where tokens are not shared.
    pub token: Option<ReadToken>,
    /// Whether it may be taken over; if not, only that there is one is told.
    pub is_shared: bool,
    /// When it was asked for.
    pub sent: Timestamp,
    /// When it lapses.
    pub expiry: Timestamp,
    /// How long it lives.
    pub lifetime: Span,
    /// When it is to be renewed.
    pub due: Timestamp,
    /// When the session ends.
    pub session_end: Option<Timestamp>,
    /// How far the server is ahead of the device's wall clock: at least and at most.
    pub clock: Option<(Span, Span, ClockSource)>,
}

/// What one tab tells the others.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Message {
    /// It has joined, and knows of this session; or it answers one that has.
    Hello {
        /// When the session was begun that it knows.
        started: Option<Timestamp>,
        /// Whether it wants to be told what the others know.
        asks: bool,
    },
    /// There is a token.
    Granted(SharedGrant),
    /// The session is over.
    Ended {
        /// When it was begun.
        started: Timestamp,
        /// Why it is over.
        reason: EndReason,
        /// Whether the server is being told.
        untold: bool,
    },
    /// An attempt is about to be sent with this key, at this instant.
    Pending(RenewalKey, Timestamp),
    /// An attempt has failed.
    Failed {
        /// So many have failed in a row.
        failures: u32,
        /// When the next is due.
        until: Timestamp,
    },
    /// It leaves.
    Bye,
    /// This is the newest activity of any tab that it knows of: whoever knows better answers.
    Active(Activity),
}

/// A message and its sender.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct PeerMessage {
    /// The sender.
    pub from: TabId,
    /// What it says.
    pub message: Message,
}

/// Whole numbers that are read one after the other.
struct Numbers<'a>(&'a [f64]);

impl Numbers<'_> {
    fn next(&mut self, least: i64, most: i64) -> Option<i64> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        let whole = *first as i64;
        (whole as f64 == *first && (least..=most).contains(&whole)).then_some(whole)
    }

    fn flag(&mut self) -> Option<bool> {
        self.next(0, 1).map(|number| number == 1)
    }

    fn count(&mut self) -> Option<u32> {
        self.next(0, u32::MAX.into()).map(|number| number as u32)
    }

    fn instant(&mut self) -> Option<Timestamp> {
        self.next(1, LAST_INSTANT).map(Timestamp::from_millis)
    }

    /// An instant, or none, which is written as 0.
    fn maybe_instant(&mut self) -> Option<Option<Timestamp>> {
        let millis = self.next(0, LAST_INSTANT)?;
        Some((millis > 0).then_some(Timestamp::from_millis(millis)))
    }

    fn span(&mut self) -> Option<Span> {
        self.next(-LAST_INSTANT, LAST_INSTANT)
            .map(Span::from_millis)
    }

    fn generation(&mut self) -> Option<Generation> {
        Some(Generation {
            started: self.instant()?,
            asked: self.instant()?,
            tab: TabId(self.count()?),
        })
    }

    fn end<T>(self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

/// An instant as it is written: one that a browser can show.
fn millis(at: Timestamp) -> f64 {
    at.as_millis().clamp(1, LAST_INSTANT) as f64
}

fn maybe_millis(at: Option<Timestamp>) -> f64 {
    at.map_or(0.0, millis)
}

fn written(span: Span) -> f64 {
    span.as_millis().clamp(-LAST_INSTANT, LAST_INSTANT) as f64
}

fn generation(generation: Generation) -> [f64; 3] {
    let Generation {
        started,
        asked,
        tab,
    } = generation;
    [millis(started), millis(asked), tab.0.into()]
}

impl Standing {
    /// Reads the written form; nothing for anything else.
    pub fn read(numbers: &[f64]) -> Option<Standing> {
        let mut numbers = Numbers(numbers);
        numbers.next(VERSION, VERSION)?;
        let started = numbers.maybe_instant()?;
        let asked = numbers.maybe_instant()?;
        let tab = TabId(numbers.count()?);
        let standing = Standing {
            generation: started.zip(asked).map(|(started, asked)| Generation {
                started,
                asked,
                tab,
            }),
            failures: numbers.count()?,
            until: numbers.maybe_instant()?,
            sent: numbers.maybe_instant()?,
        };
        numbers.end(standing)
    }

    /// Writes the standing down.
    pub fn write(&self) -> [f64; STANDING_LENGTH] {
        let [started, asked, tab] = self.generation.map_or([0.0; 3], generation);
        [
            VERSION as f64,
            started,
            asked,
            tab,
            self.failures.into(),
            maybe_millis(self.until),
            maybe_millis(self.sent),
        ]
    }
}

const REASONS: [EndReason; 8] = [
    EndReason::SignedOut,
    EndReason::Expired,
    EndReason::Rejected,
    EndReason::InvalidToken,
    EndReason::Unreachable,
    EndReason::IdleTimeout,
    EndReason::MaxAge,
    EndReason::Revoked,
];

impl PeerMessage {
    /// Reads the written form; nothing for anything else.
    pub fn read(numbers: &[f64], token: Option<ReadToken>) -> Option<PeerMessage> {
        let mut numbers = Numbers(numbers);
        numbers.next(VERSION, VERSION)?;
        let from = TabId(numbers.count()?);
        let kind = numbers.next(0, 6)?;
        if token.is_some() && kind != 1 {
            return None;
        }
        let message = match kind {
            0 => Message::Hello {
                started: numbers.maybe_instant()?,
                asks: numbers.flag()?,
            },
            1 => Message::Granted(SharedGrant {
                generation: numbers.generation()?,
                token,
                is_shared: numbers.flag()?,
                sent: numbers.instant()?,
                expiry: numbers.instant()?,
                lifetime: numbers.next(1, LAST_INSTANT).map(Span::from_millis)?,
                due: numbers.instant()?,
                session_end: numbers.maybe_instant()?,
                clock: {
                    let source = numbers.next(0, 2)?;
                    let (least, most) = (numbers.span()?, numbers.span()?);
                    match source {
                        0 => None,
                        1 => Some((least, most, ClockSource::Date)),
                        _ => Some((least, most, ClockSource::IssuedAt)),
                    }
                },
            }),
            2 => Message::Ended {
                started: numbers.instant()?,
                reason: *REASONS.get(numbers.count()? as usize)?,
                untold: numbers.flag()?,
            },
            3 => {
                let at = numbers.instant()?;
                let key = RenewalKey::from_words(numbers.0)?;
                numbers.0 = &[];
                Message::Pending(key, at)
            }
            4 => Message::Failed {
                failures: numbers.count()?,
                until: numbers.instant()?,
            },
            5 => Message::Bye,
            _ => Message::Active(Activity {
                at: numbers.instant()?,
                seen: numbers.maybe_instant()?,
            }),
        };
        numbers.end(PeerMessage { from, message })
    }

    /// Writes the message down; its token goes beside.
    pub fn write(&self) -> Vec<f64> {
        let mut numbers = vec![VERSION as f64, self.from.0.into()];
        match &self.message {
            Message::Hello { started, asks } => {
                numbers.extend([0.0, maybe_millis(*started), f64::from(*asks)]);
            }
            Message::Granted(grant) => {
                let (source, least, most) = match grant.clock {
                    None => (0.0, Span::ZERO, Span::ZERO),
                    Some((least, most, ClockSource::Date)) => (1.0, least, most),
                    Some((least, most, _)) => (2.0, least, most),
                };
                numbers.push(1.0);
                numbers.extend(generation(grant.generation));
                numbers.extend([
                    f64::from(grant.is_shared),
                    millis(grant.sent),
                    millis(grant.expiry),
                    written(grant.lifetime),
                    millis(grant.due),
                    maybe_millis(grant.session_end),
                    source,
                    written(least),
                    written(most),
                ]);
            }
            Message::Ended {
                started,
                reason,
                untold,
            } => {
                let reason = REASONS.iter().position(|one| one == reason);
                let reason = reason.unwrap_or(0) as f64;
                numbers.extend([2.0, millis(*started), reason, f64::from(*untold)]);
            }
            Message::Pending(key, at) => {
                numbers.extend([3.0, millis(*at)]);
                numbers.extend(key.to_words());
            }
            Message::Failed { failures, until } => {
                numbers.extend([4.0, (*failures).into(), millis(*until)]);
            }
            Message::Bye => numbers.push(5.0),
            Message::Active(activity) => {
                let (at, seen) = (millis(activity.at), maybe_millis(activity.seen));
                numbers.extend([6.0, at, seen]);
            }
        }
        numbers
    }

    /// The token that goes beside the numbers.
    pub fn token(&self) -> Option<&str> {
        match &self.message {
            Message::Granted(grant) => grant.token.as_ref().map(|read| read.token.expose()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
