//! When the user last did something, as renewals tell it, and for how long nothing may be done.

use axum::http::HeaderMap;

use crate::clock::Timestamp;

const IDLE_HEADER: &str = "idle-seconds";

/// What a renewal says of the user's last activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// The client knows nothing of the header: its renewal counts as activity.
    Now,
    /// So many seconds ago.
    SecondsAgo(i64),
    /// The header makes no sense: the renewal teaches nothing.
    Untold,
}

impl Activity {
    /// Reads the header `Idle-Seconds`: one value, in decimal digits.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(IDLE_HEADER).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Now,
            (Some(value), None) => Self::parse(value.as_bytes()),
            (Some(_), Some(_)) => Self::Untold,
        }
    }

    fn parse(digits: &[u8]) -> Self {
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Self::Untold;
        }
        let seconds = digits.iter().fold(0_i64, |seconds, digit| {
            seconds
                .saturating_mul(10)
                .saturating_add(i64::from(digit - b'0'))
        });
        Self::SecondsAgo(seconds)
    }

    /// The user's last activity by all that is known: never before what was known already, and
    /// never in the future.
    pub(crate) fn last_active(self, known_seconds: i64, now: Timestamp) -> i64 {
        let told = match self {
            Self::Now => now.seconds(),
            Self::SecondsAgo(seconds) => now.seconds().saturating_sub(seconds),
            Self::Untold => known_seconds,
        };
        told.max(known_seconds).min(now.seconds())
    }
}

/// For how long a user of one role may do nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdleTimeout {
    pub(crate) timeout_seconds: i64,
    /// For how long nothing may be heard of a session. A client whose user is there renews
    /// within the access token's lifetime, which may be longer than the timeout.
    pub(crate) silence_seconds: i64,
}

impl IdleTimeout {
    /// Whether the session is over: its user has done nothing for too long, or it was not heard
    /// of for so long that no client can vouch for its user.
    pub(crate) fn is_over(
        self,
        last_active_at_seconds: i64,
        last_used_at_seconds: i64,
        now: Timestamp,
    ) -> bool {
        now.seconds() - last_active_at_seconds > self.timeout_seconds
            || self.is_silent(last_used_at_seconds, now)
    }

    /// Whether the session was not heard of for too long.
    pub(crate) fn is_silent(self, last_used_at_seconds: i64, now: Timestamp) -> bool {
        now.seconds() - last_used_at_seconds > self.silence_seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_and_nothing_else_is() {
        assert_eq!(Activity::parse(b"0"), Activity::SecondsAgo(0));
        assert_eq!(Activity::parse(b"007"), Activity::SecondsAgo(7));
        let endless = "9".repeat(4000);
        assert_eq!(
            Activity::parse(endless.as_bytes()),
            Activity::SecondsAgo(i64::MAX)
        );
        for wrong in [
            "", "-1", "+1", "1.5", "1e300", "1, 2", "NaN", "0x1", "\u{0661}",
        ] {
            assert_eq!(
                Activity::parse(wrong.as_bytes()),
                Activity::Untold,
                "{wrong}"
            );
        }
    }

    #[test]
    fn activity_moves_forwards_and_not_past_the_present() {
        let now = Timestamp::from_millis(1_000_000);
        assert_eq!(Activity::Now.last_active(900, now), 1000);
        assert_eq!(Activity::SecondsAgo(0).last_active(900, now), 1000);
        assert_eq!(Activity::SecondsAgo(30).last_active(900, now), 970);
        assert_eq!(Activity::SecondsAgo(500).last_active(900, now), 900);
        assert_eq!(Activity::SecondsAgo(i64::MAX).last_active(900, now), 900);
        assert_eq!(Activity::Untold.last_active(900, now), 900);
        // The server's clock was set back.
        assert_eq!(Activity::Untold.last_active(2000, now), 1000);
    }
}
