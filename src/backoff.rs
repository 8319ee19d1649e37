//! How long to wait before a failed renewal is attempted again.

use crate::rng::Rng;
use crate::time::Span;

/// Backoff with full jitter: a random share of a bound that doubles with each failure.
///
/// The longest wait includes the jitter, and clients that have failed often spread over the whole
/// of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "recording", derive(serde::Serialize, serde::Deserialize))]
pub struct Backoff {
    /// The bound after the first failure.
    pub base: Span,
    /// The longest bound, and so the longest wait.
    pub max: Span,
}

impl Backoff {
    /// The wait after so many failures in a row, of which there is at least one.
    pub fn wait(&self, failures: u32, rng: &mut Rng) -> Span {
        let doublings = failures.saturating_sub(1).min(30);
        let bound = Span::from_millis(self.base.as_millis().saturating_mul(1 << doublings));
        bound.min(self.max).share(rng.share())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff {
        base: Span::from_secs(1),
        max: Span::from_secs(30),
    };

    #[test]
    fn waits_spread_over_the_whole_bound_and_stay_under_the_cap() {
        let mut rng = Rng::seeded(1);
        for (failures, bound) in [
            (1, 1000),
            (2, 2000),
            (4, 8000),
            (9, 30_000),
            (u32::MAX, 30_000),
        ] {
            let waits: Vec<i64> = (0..1000)
                .map(|_| BACKOFF.wait(failures, &mut rng).as_millis())
                .collect();
            assert!(
                waits.iter().all(|wait| (0..=bound).contains(wait)),
                "{failures}"
            );
            assert!(
                waits.iter().any(|wait| *wait > bound * 9 / 10),
                "{failures}"
            );
        }
        let first: Vec<i64> = (0..1000)
            .map(|_| BACKOFF.wait(1, &mut rng).as_millis())
            .collect();
        assert!(first.iter().any(|wait| *wait < 100));
    }
}
