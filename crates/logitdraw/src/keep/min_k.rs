//! Min-k (2026): cut after the steepest relative drop in the sorted logits.

use crate::key;
use crate::math::floor;
use crate::options::Options;
use crate::stage::Stage;
use crate::survivors::Survivors;

pub(crate) static STAGE: Stage = Stage {
    short: is_on,
    ..Stage::keep("minK", is_on, |alive, step| {
        let k = steepest(alive, step.options.min_k.unwrap_or(0.0)).max(alive.min_keep());
        // Ties with the k-th stay.
        alive.keep_best(k, false);
        Ok(())
    })
};

fn is_on(options: &Options) -> bool {
    options.min_k.is_some()
}

/// `k = max(argmax w, floor(tau / range))` with `w_i = (x_i - x_(i+1)) / (x_1 - x_n + 1e-8) / i`, ranks from 1.
///
/// Sorts only as many of the best tokens as needed: after rank i no drop exceeds the distance that is left to the least logit.
fn steepest(alive: &mut Survivors<'_>, tau: f64) -> usize {
    let temperature = alive.temperature();
    let (max, least, n) = (f64::from(alive.max()), f64::from(alive.least_logit()), alive.count());
    let range = (max - least) / temperature + 1e-8;
    let mut ranks = 64;
    let best = loop {
        let keys = alive.best(ranks);
        let (mut best, mut best_weight) = (1, f64::NEG_INFINITY);
        for (i, pair) in keys.windows(2).enumerate() {
            let fall = f64::from(key::unpack(pair[0]).0) - f64::from(key::unpack(pair[1]).0);
            let weight = fall / temperature / range / (i + 1) as f64;
            if weight > best_weight {
                (best, best_weight) = (i + 1, weight);
            }
        }
        let left = keys.last().map_or(0.0, |key| f64::from(key::unpack(*key).0) - least);
        // The first of equal weights counts, so a later one would have to be larger.
        if keys.len() < ranks || left / temperature / range / (keys.len() as f64) <= best_weight {
            break best;
        }
        ranks *= 4;
    };
    let least_kept = floor(tau / range);
    // The larger of the two, clamped to 1 to n.
    (if least_kept > best as f64 { least_kept.min(n as f64) as usize } else { best }).clamp(1, n)
}
