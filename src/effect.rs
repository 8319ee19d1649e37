//! What a session asks for.

use crate::error::SessionError;
use crate::event::Event;
use crate::record::Note;
use crate::tabs::{PeerMessage, Standing, TabId};
use crate::token::AccessToken;

/// The number of an attempt to renew; no two attempts of a session share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct AttemptId(pub(crate) u32);

/// The number of a token that is being verified.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct CheckId(pub(crate) u32);

/// The number of a question for the server's time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct ProbeId(pub(crate) u32);

/// The number of a request that tells the server of the session's end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct LogoutId(pub(crate) u32);

impl LogoutId {
    pub(crate) fn next(self) -> LogoutId {
        LogoutId(self.0.wrapping_add(1))
    }
}

/// The number of a wish to renew before the other tabs do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct TurnId(pub u32);

impl TurnId {
    pub(crate) fn next(self) -> TurnId {
        TurnId(self.0.wrapping_add(1))
    }
}

/// The number under which the shell keeps the promise of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Ticket(pub u32);

/// What every attempt of one renewal carries, so that a server can tell a repetition from a theft.
///
/// Two renewals never share one, and nobody can guess one: it comes from the platform's
/// cryptographic source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct RenewalKey(pub u128);

impl RenewalKey {
    /// The key as 32 hexadecimal digits, for a header field.
    pub fn to_text(self) -> String {
        let digit = |place: u32| {
            let nibble = (self.0 >> (place.saturating_mul(4))) as u32 & 0xf;
            char::from_digit(nibble, 16).unwrap_or('0')
        };
        (0..32).rev().map(digit).collect()
    }

    /// The key as four whole numbers of 32 bits, for the record.
    pub fn to_words(self) -> [f64; 4] {
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        let word = |half: u64| f64::from(half as u32);
        [word(high >> 32), word(high), word(low >> 32), word(low)]
    }

    /// The key that four whole numbers of 32 bits stand for; nothing for anything else.
    pub fn from_words(words: &[f64]) -> Option<RenewalKey> {
        let &[first, second, third, fourth] = words else {
            return None;
        };
        let half = |upper: f64, lower: f64| {
            let (high, low) = (upper as u32, lower as u32);
            let are_whole = f64::from(high) == upper && f64::from(low) == lower;
            are_whole.then_some(u64::from(high) << 32 | u64::from(low))
        };
        let (high, low) = (half(first, second)?, half(third, fourth)?);
        Some(RenewalKey(u128::from(high) << 64 | u128::from(low)))
    }
}

/// What is said in the browser's console, once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Remark {
    /// The server answered a renewal with a status that means nothing here.
    UnexpectedStatus(u16),
    /// The server asks to be left alone for longer than is obeyed.
    LongRetryAfter,
    /// An access token's lifetime is outside the policy's.
    PolicyViolation,
}

/// How a call of the application is settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Settlement {
    /// It is done.
    Done,
    /// It gets the access token that is held when it is told.
    Token,
    /// It fails.
    Failed(SessionError),
}

/// What the shell has to do, in order.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub enum Effect {
    /// Draw a key and hand it over with the record, as [`Input::KeyDrawn`](crate::Input::KeyDrawn).
    DrawKey,
    /// Read the record and hand it over as [`Input::RecordRead`](crate::Input::RecordRead).
    ReadRecord,
    /// Add a note to the record, with [`Record::noted`](crate::Record::noted).
    Note(Note),
    /// Send a renewal; its fate comes as [`Input::RenewalSettled`](crate::Input::RenewalSettled).
    SendRenewal {
        /// The attempt's number.
        id: AttemptId,
        /// The renewal's key.
        key: RenewalKey,
    },
    /// Have a token verified; the verdict comes as [`Input::Verified`](crate::Input::Verified).
    Verify {
        /// The check's number.
        id: CheckId,
        /// The token.
        token: AccessToken,
    },
    /// Ask for the server's time; the answer comes as
    /// [`Input::TimeProbed`](crate::Input::TimeProbed).
    ProbeTime {
        /// The question's number.
        id: ProbeId,
    },
    /// Tell the server that the session is over; its fate comes as
    /// [`Input::LogoutSettled`](crate::Input::LogoutSettled).
    SendLogout {
        /// The request's number.
        id: LogoutId,
    },
    /// Settle a call.
    Settle {
        /// The call's number.
        ticket: Ticket,
        /// How.
        settlement: Settlement,
    },
    /// Take part: hear the other tabs, and be present under this number, which
    /// [`Input::Joined`](crate::Input::Joined) confirms.
    Join {
        /// The number of this tab.
        tab: TabId,
    },
    /// Put everything down that the tabs share; nothing is heard any longer.
    Leave,
    /// Tell the other tabs.
    Post(PeerMessage),
    /// Stand where every tab can see it: before the turn is given up, at the latest.
    Stand(Standing),
    /// See who is there, and where they stand: [`Input::Around`](crate::Input::Around).
    LookAround,
    /// Tell when a tab is gone: [`Input::Gone`](crate::Input::Gone).
    Watch {
        /// The tab.
        tab: TabId,
    },
    /// Ask for the turn: [`Input::TurnNear`](crate::Input::TurnNear) when nobody but the holder is
    /// before this tab, and [`Input::TurnCame`](crate::Input::TurnCame), after a look around.
    AskTurn {
        /// The wish's number.
        id: TurnId,
    },
    /// Take the turn from whoever has it, or the place of the one who is next.
    StealTurn {
        /// The wish's number.
        id: TurnId,
    },
    /// Give the turn up, or wish for it no longer.
    EndTurn {
        /// The wish's number.
        id: TurnId,
    },
    /// Say something to the developer, in the console.
    Say(Remark),
    /// Tell the application.
    Emit(Event),
}

#[cfg(test)]
mod tests {
    use super::RenewalKey;

    #[test]
    fn a_key_is_written_in_full() {
        assert_eq!(RenewalKey(0x0abc).to_text(), format!("{:032x}", 0x0abc));
        assert_eq!(
            RenewalKey(u128::MAX - 1).to_text(),
            format!("{:032x}", u128::MAX - 1)
        );
    }

    #[test]
    fn a_key_survives_its_numbers() {
        for key in [0, 1, u128::MAX - 1, 0x0123_4567_89ab_cdef << 40] {
            let key = RenewalKey(key);
            assert_eq!(RenewalKey::from_words(&key.to_words()), Some(key));
        }
    }
}
