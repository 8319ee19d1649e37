//! Chance for jitter: seeded, so that the same inputs give the same effects.

/// A small generator (SplitMix64): good enough to spread clients, never for secrets.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator that repeats itself for the same seed.
    pub fn seeded(seed: u64) -> Rng {
        Rng(seed)
    }

    /// A number of 32 bits.
    pub(crate) fn number(&mut self) -> u32 {
        (self.share() * 4_294_967_296.0) as u32
    }

    /// A number from 0 up to but not including 1.
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_spread_evenly_and_repeat() {
        let mut rng = Rng::seeded(7);
        let shares: Vec<f64> = (0..10_000).map(|_| rng.share()).collect();
        assert!(shares.iter().all(|share| (0.0..1.0).contains(share)));
        let mean = shares.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        let mut again = Rng::seeded(7);
        assert_eq!(shares[0], again.share());
    }
}
