//! Tail-free sampling (Phénix, Egan 2019): cut where the curvature of the sorted probabilities has spent its share.

use crate::chain::Stage;
use crate::key;
use crate::math::exp;
use crate::options::Options;
use crate::survivors::{Floor, Survivors};

pub(crate) static STAGE: Stage = Stage {
    short: is_on,
    ..Stage::keep("tailFree", is_on, |alive, step| {
        if let Some(last) = last_kept(alive, step.options.tail_free) {
            alive.cut_after(last);
            alive.compact();
        }
        Ok(())
    })
};

fn is_on(options: &Options) -> bool {
    options.tail_free < 1.0
}

/// The last token that stays; none: all do. exllamav2's and text-generation-webui's rule: the absolute second differences of the
/// sorted probabilities, normalised; the first 0-based index i whose cumulative sum exceeds z; i + 1 tokens stay.
///
/// Only as many of the best are sorted as the answer needs: what the curvature sums to behind rank n lies between 0 and twice the
/// weight of that rank.
fn last_kept(alive: &mut Survivors<'_>, z: f64) -> Option<Floor> {
    let (max, temperature) = (f64::from(alive.max()), alive.temperature());
    let mut ranks = 64;
    loop {
        let keys = alive.best(ranks);
        let all = keys.len() < ranks;
        let weight = |rank: usize| exp((f64::from(key::unpack(keys[rank]).0) - max) / temperature);
        if keys.len() < 3 && all {
            return None;
        }
        let curvature = |rank: usize| (weight(rank) - 2.0 * weight(rank + 1) + weight(rank + 2)).abs();
        let known: f64 = (0..keys.len() - 2).map(curvature).sum();
        let beyond = if all { 0.0 } else { 2.0 * weight(keys.len() - 2) };
        if known + beyond == 0.0 {
            return None;
        }
        let mut sum = 0.0;
        for (rank, key) in keys[..keys.len() - 2].iter().enumerate() {
            sum += curvature(rank);
            if sum > z * (known + beyond) {
                // Certain, whatever is beyond.
                let (x, place) = key::unpack(*key);
                return Some(Floor { x, place });
            }
            if sum > z * known {
                break;
            }
        }
        if all {
            return None;
        }
        ranks *= 16;
    }
}
