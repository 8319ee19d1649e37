//! Spans and instants: each clock has its own type, so that no two are compared by mistake.
//!
//! Everything counts whole milliseconds and saturates instead of overflowing.

use core::fmt;
use core::num::NonZeroU64;
use core::ops::{Add, AddAssign, Sub, SubAssign};

/// A span of time in whole milliseconds; it may be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Span(i64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// A span longer than any other.
    pub const MAX: Span = Span(i64::MAX);

    /// The span of so many milliseconds.
    pub const fn from_millis(millis: i64) -> Span {
        Span(millis)
    }

    /// The span of so many seconds.
    pub const fn from_secs(secs: i64) -> Span {
        Span(secs.saturating_mul(1000))
    }

    /// The span of so many minutes.
    pub const fn from_mins(mins: i64) -> Span {
        Span::from_secs(mins.saturating_mul(60))
    }

    /// The span of so many hours.
    pub const fn from_hours(hours: i64) -> Span {
        Span::from_mins(hours.saturating_mul(60))
    }

    /// The span in milliseconds.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Half of the span, rounded towards zero.
    pub const fn half(self) -> Span {
        Span(self.0 / 2)
    }

    /// The given share of the span, rounded down.
    pub fn share(self, share: f64) -> Span {
        Span((self.0 as f64 * share) as i64)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(sum(self.0, other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(difference(self.0, other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

// One copy of each serves every kind of time: the checks, inlined at a hundred places, would take 4 KB
// of the module.

#[inline(never)]
fn sum(one: i64, other: i64) -> i64 {
    one.saturating_add(other)
}

#[inline(never)]
fn difference(one: i64, other: i64) -> i64 {
    one.saturating_sub(other)
}

/// The milliseconds of an instant, kept in the order of unsigned numbers: so none of them is zero, which
/// stands for an instant that there is not. The first of all milliseconds counts as the second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "i64", into = "i64")
)]
struct Millis(NonZeroU64);

impl Millis {
    const ORDER: u64 = 1 << 63;

    const fn new(millis: i64) -> Millis {
        match NonZeroU64::new(millis as u64 ^ Millis::ORDER) {
            Some(ordered) => Millis(ordered),
            None => Millis(NonZeroU64::MIN),
        }
    }

    const fn get(self) -> i64 {
        (self.0.get() ^ Millis::ORDER) as i64
    }

    #[inline(never)]
    fn later(self, span: Span) -> Millis {
        Millis::new(self.get().saturating_add(span.0))
    }

    #[inline(never)]
    fn since(self, other: Millis) -> Span {
        Span(self.get().saturating_sub(other.get()))
    }
}

#[cfg(feature = "recording")]
impl From<i64> for Millis {
    fn from(millis: i64) -> Millis {
        Millis::new(millis)
    }
}

#[cfg(feature = "recording")]
impl From<Millis> for i64 {
    fn from(millis: Millis) -> i64 {
        millis.get()
    }
}

macro_rules! instant {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name(Millis);

        impl $name {
            /// The instant so many milliseconds after the clock's zero.
            pub const fn from_millis(millis: i64) -> Self {
                Self(Millis::new(millis))
            }

            /// Milliseconds since the clock's zero.
            pub const fn as_millis(self) -> i64 {
                self.0.get()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_millis())
            }
        }

        impl Add<Span> for $name {
            type Output = Self;
            fn add(self, span: Span) -> Self {
                Self(self.0.later(span))
            }
        }

        impl Sub<Span> for $name {
            type Output = Self;
            fn sub(self, span: Span) -> Self {
                Self(self.0.later(Span::ZERO - span))
            }
        }

        impl Sub for $name {
            type Output = Span;
            fn sub(self, other: Self) -> Span {
                self.0.since(other.0)
            }
        }

        impl AddAssign<Span> for $name {
            fn add_assign(&mut self, span: Span) {
                *self = *self + span;
            }
        }

        impl SubAssign<Span> for $name {
            fn sub_assign(&mut self, span: Span) {
                *self = *self - span;
            }
        }
    };
}

instant! {
    /// An instant on the device's wall clock, which may be wrong and may be set: `Date.now()`.
    Timestamp
}

instant! {
    /// An instant on the device's monotonic clock, which only runs forward: `performance.now()`.
    Monotonic
}

instant! {
    /// An instant on the server's clock, in milliseconds since the Unix epoch.
    ServerTime
}

/// Whole seconds since the Unix epoch on the server's clock (RFC 7519 section 2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "i64")
)]
pub struct NumericDate(i64);

impl NumericDate {
    /// The latest date that is believed: the year 5138. Later ones are milliseconds or nonsense.
    pub const MAX: NumericDate = NumericDate(100_000_000_000);

    /// The date so many seconds after the Unix epoch, unless it is before it or past [`Self::MAX`].
    ///
    /// The caller has rounded: a fraction is dropped.
    pub fn from_secs(secs: f64) -> Option<NumericDate> {
        let sensible = secs >= 0.0 && secs <= Self::MAX.0 as f64;
        sensible.then_some(NumericDate(secs as i64))
    }

    /// The same instant in milliseconds.
    pub const fn to_server_time(self) -> ServerTime {
        // No date is later than `MAX`.
        ServerTime::from_millis(self.0.wrapping_mul(1000))
    }
}

impl Sub for NumericDate {
    type Output = Span;
    fn sub(self, other: NumericDate) -> Span {
        self.to_server_time() - other.to_server_time()
    }
}

/// The present, as both clocks of the device tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(
    feature = "recording",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "(Timestamp, Monotonic)", into = "(Timestamp, Monotonic)")
)]
pub struct Now {
    /// The wall clock's reading.
    pub wall: Timestamp,
    /// The monotonic clock's reading.
    pub monotonic: Monotonic,
}

#[cfg(feature = "recording")]
impl TryFrom<i64> for NumericDate {
    type Error = &'static str;
    fn try_from(secs: i64) -> Result<NumericDate, &'static str> {
        NumericDate::from_secs(secs as f64).ok_or("a date that no token has")
    }
}

#[cfg(feature = "recording")]
impl From<(Timestamp, Monotonic)> for Now {
    fn from((wall, monotonic): (Timestamp, Monotonic)) -> Now {
        Now { wall, monotonic }
    }
}

#[cfg(feature = "recording")]
impl From<Now> for (Timestamp, Monotonic) {
    fn from(now: Now) -> (Timestamp, Monotonic) {
        (now.wall, now.monotonic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Span::MAX + Span::from_secs(1), Span::MAX);
        assert_eq!(Span::from_hours(i64::MAX), Span::MAX);
        let last = Monotonic::from_millis(i64::MAX);
        assert_eq!(last + Span::from_secs(1), last);
        let first = Timestamp::from_millis(i64::MIN);
        assert_eq!(first - Timestamp::from_millis(2), Span(i64::MIN));
        assert_eq!(first - Span::MAX, first);
        assert!(first < first + Span(1) && first + Span(1) < Timestamp::from_millis(-1));
        assert_eq!(Span::from_secs(3).share(f64::NAN), Span::ZERO);
        assert_eq!(Span::MAX.share(2.0), Span::MAX);
    }

    #[test]
    fn a_numeric_date_is_a_sensible_number_of_seconds() {
        assert_eq!(NumericDate::from_secs(1.9), Some(NumericDate(1)));
        for nonsense in [-1.0, 1e300, 1.7e12, f64::NAN, f64::INFINITY] {
            assert_eq!(NumericDate::from_secs(nonsense), None, "{nonsense}");
        }
    }
}
