//! Which of a stage's two releases serves a request: the deployment of the stage, or that of its canary.
//!
//! The choice is made per request, at random, before the request is routed: both releases have their own resources and
//! variables (Developer Guide, "Set up an API Gateway canary release deployment").

use crate::stage::LoadedStage;

/// The canary of a stage, loaded like a stage of its own.
#[derive(Debug)]
pub(crate) struct Canary {
    pub(crate) share: Share,
    pub(crate) release: Box<LoadedStage>,
}

/// The share of requests that a canary gets, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share(f64);

impl Share {
    /// `percentTraffic`: 0 to 100; what lies beyond counts as the nearest of them.
    pub(crate) fn percent(percent: f64) -> Self {
        Self(percent.clamp(0.0, 100.0))
    }

    /// Whether a request is the canary's, by a number drawn evenly from 0 up to but not including 1.
    fn takes(self, drawn: f64) -> bool {
        drawn * 100.0 < self.0
    }
}

impl LoadedStage {
    /// The release that serves a request; `draw` gives a random number from 0 up to but not including 1, if one is needed.
    pub(crate) fn release(&self, draw: impl FnOnce() -> f64) -> &Self {
        match &self.canary {
            Some(canary) if canary.share.takes(draw()) => &canary.release,
            Some(_) | None => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn none_and_all_are_exact() {
        let just_below_one = 1.0 - f64::EPSILON;
        for drawn in [0.0, 0.5, just_below_one] {
            assert!(!Share::percent(0.0).takes(drawn), "{drawn}");
            assert!(Share::percent(100.0).takes(drawn), "{drawn}");
        }
        assert!(Share::percent(50.1).takes(0.500_9) && !Share::percent(50.1).takes(0.501_1));
        assert!(!Share::percent(f64::NAN).takes(0.0));
    }

    proptest! {
        /// Of N numbers spread evenly, a canary gets its share to within one request.
        #[test]
        fn a_canary_gets_its_share(percent in 0.0..=100.0_f64, draws in 1..2_000_u32) {
            let share = Share::percent(percent);
            let taken = (0..draws).filter(|draw| share.takes(f64::from(*draw) / f64::from(draws))).count();
            #[expect(clippy::cast_precision_loss, reason = "a few thousand draws")]
            let taken = taken as f64;
            prop_assert!((taken - f64::from(draws) * percent / 100.0).abs() <= 1.0);
        }

        /// Random numbers give it its share to within five standard deviations.
        #[test]
        fn random_numbers_give_it_its_share(percent in 0.0..=100.0_f64, seed: u64) {
            const DRAWS: u32 = 10_000;
            let mut random = fastrand::Rng::with_seed(seed);
            let share = Share::percent(percent);
            let taken: u32 = (0..DRAWS).map(|_| u32::from(share.takes(random.f64()))).sum();
            let probability = percent / 100.0;
            let deviation = (f64::from(DRAWS) * probability * (1.0 - probability)).sqrt();
            prop_assert!((f64::from(taken) - f64::from(DRAWS) * probability).abs() <= 5.0 * deviation + 1.0);
        }
    }
}
