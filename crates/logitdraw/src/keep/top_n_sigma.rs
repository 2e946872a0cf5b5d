//! Top-n-sigma (Tang et al. 2024, arXiv 2411.07641): keep logits within n standard deviations of the largest.

use crate::stage::Stage;

/// Uses the population standard deviation of the tokens alive: masked ones do not count.
pub(crate) static STAGE: Stage = Stage::keep(
    "topNSigma",
    |options| options.top_n_sigma.is_some(),
    |alive, step| {
        let n = step.options.top_n_sigma.unwrap_or(0.0);
        let max = f64::from(alive.max());
        let sigma = alive.deviation();
        alive.raise_floor(max - n * sigma);
        Ok(())
    },
);
