//! Top-n-sigma (Tang et al. 2024, arXiv 2411.07641): keep logits within n standard deviations of the largest.

use crate::stage::Stage;

/// Uses the population standard deviation of the tokens alive: masked ones do not count.
///
/// The margin is wider than the error of sigma, whose sums are in float32: of two tokens, the lesser one is exactly two sigma away.
pub(crate) static STAGE: Stage = Stage::keep(
    "topNSigma",
    |options| options.top_n_sigma.is_some(),
    |alive, step| {
        let n = step.options.top_n_sigma.unwrap_or(0.0);
        let max = f64::from(alive.max());
        let sigma = alive.deviation() * (1.0 + 1e-6);
        alive.raise_floor(max - n * sigma);
        Ok(())
    },
);
