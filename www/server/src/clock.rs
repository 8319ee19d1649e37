//! The only place that reads the machine's time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// An instant on the server's clock, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    millis: i64,
}

impl Timestamp {
    /// The instant this many milliseconds after the Unix epoch; earlier ones are the epoch itself.
    pub const fn from_millis(millis: i64) -> Self {
        Self {
            millis: if millis < 0 { 0 } else { millis },
        }
    }

    /// Milliseconds since the epoch, for the audit table.
    pub const fn millis(self) -> i64 {
        self.millis
    }

    /// Whole seconds since the epoch, as a NumericDate of RFC 7519.
    pub const fn seconds(self) -> i64 {
        self.millis / 1000
    }

    /// The value of a `Date` header (IMF-fixdate of RFC 9110).
    pub fn http_date(self) -> String {
        let since_epoch = Duration::from_millis(self.millis.unsigned_abs());
        httpdate::fmt_http_date(UNIX_EPOCH + since_epoch)
    }
}

/// Where the server takes its time from.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock, set wrong on purpose by a fixed offset.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock {
    /// Seconds that this clock is ahead of the machine's; negative when behind.
    pub offset_seconds: i64,
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // The one reading; everything else is given its time.
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let machine_millis = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(machine_millis.saturating_add(self.offset_seconds * 1000))
    }
}
