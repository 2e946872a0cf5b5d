//! Tail-free sampling (Phénix, Egan 2019): cut where the cumulative curvature of the sorted probabilities exceeds a share.

use crate::kernels;
use crate::key;
use crate::options::Options;
use crate::stage::Stage;
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

/// Returns the last token that stays, or `None` if all do. The rule is exllamav2's and text-generation-webui's: take the absolute
/// second differences of the sorted probabilities, normalised; find the first 0-based index i whose cumulative sum exceeds z; keep
/// i + 1 tokens.
///
/// Sorts only as many of the best tokens as needed: the curvature after rank n sums to between 0 and twice the weight of that rank.
fn last_kept(alive: &mut Survivors<'_>, z: f64) -> Option<Floor> {
    let (max, temperature) = (f64::from(alive.max()), alive.temperature());
    let mut weights = alive.take_doubles();
    let mut ranks = 64;
    let last = loop {
        let keys = alive.best(ranks);
        let all = keys.len() < ranks;
        weights.clear();
        weights.extend(keys.iter().map(|key| (f64::from(key::unpack(*key).0) - max) / temperature));
        kernels::exps(&mut weights);
        let [.., last_but_one, _] = weights[..] else { break None };
        let known: f64 = curvatures(&weights).sum();
        let beyond = if all { 0.0 } else { 2.0 * last_but_one };
        if known + beyond == 0.0 {
            break None;
        }
        // The first token at which z may be exceeded; it certainly is if the sum also exceeds z times the upper bound.
        let mut sum = 0.0;
        let spent = keys.iter().zip(curvatures(&weights)).find(|(_, curvature)| {
            sum += curvature;
            sum > z * known
        });
        match spent {
            Some((key, _)) if sum > z * (known + beyond) => {
                let (x, place) = key::unpack(*key);
                break Some(Floor { x, place });
            }
            _ if all => break None,
            _ => ranks *= 16,
        }
    };
    alive.give_back_doubles(weights);
    last
}

/// Returns the absolute second differences of the weights, each at the first of its three weights.
fn curvatures(weights: &[f64]) -> impl Iterator<Item = f64> {
    weights.windows(3).map(|three| (three[0] - 2.0 * three[1] + three[2]).abs())
}
