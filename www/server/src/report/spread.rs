//! How far apart some spans are.

use serde::Serialize;

/// Some spans of time, in seconds: the nearest ranks, so that each is one that there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Half of them are no longer.
    pub p50: i64,
    /// Nine in ten are no longer.
    pub p90: i64,
    /// Ninety-nine in a hundred are no longer.
    pub p99: i64,
    /// The longest.
    pub max: i64,
}

impl Spread {
    /// Of none there is no spread.
    pub(super) fn of(mut seconds: Vec<i64>) -> Option<Self> {
        seconds.sort_unstable();
        let at = |percent: usize| {
            let rank = (seconds.len() * percent).div_ceil(100);
            seconds.get(rank.checked_sub(1)?).copied()
        };
        Some(Self {
            p50: at(50)?,
            p90: at(90)?,
            p99: at(99)?,
            max: at(100)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn ranks_are_nearest() {
        assert_eq!(Spread::of(Vec::new()), None);
        let spread = |p50, p90, p99, max| Some(Spread { p50, p90, p99, max });
        assert_eq!(Spread::of(vec![7]), spread(7, 7, 7, 7));
        assert_eq!(
            Spread::of((1..=100).rev().collect()),
            spread(50, 90, 99, 100)
        );
        assert_eq!(Spread::of(vec![10, 20, 30, 40]), spread(20, 40, 40, 40));
    }
}
