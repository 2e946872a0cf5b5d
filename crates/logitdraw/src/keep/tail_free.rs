//! Tail-free sampling (Phénix, Egan 2019): cut where the curvature of the sorted probabilities has spent its share.

use crate::key;
use crate::math::exp;
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
        let weigh = |key: u64| exp((f64::from(key::unpack(key).0) - max) / temperature);
        let [.., last_but_one, _] = keys else { return None };
        let known: f64 = curvatures(keys, weigh).sum();
        let beyond = if all { 0.0 } else { 2.0 * weigh(*last_but_one) };
        if known + beyond == 0.0 {
            return None;
        }
        let mut sum = 0.0;
        for (key, curvature) in keys.iter().zip(curvatures(keys, weigh)) {
            sum += curvature;
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
        ranks *= 4;
    }
}

/// The absolute second differences of the weights; the first belongs to the first of three.
fn curvatures(keys: &[u64], weigh: impl Fn(u64) -> f64) -> impl Iterator<Item = f64> {
    let (mut first, mut second) = (weigh(keys[0]), weigh(keys[1]));
    keys[2..].iter().map(move |key| {
        let third = weigh(*key);
        let curvature = (first - 2.0 * second + third).abs();
        (first, second) = (second, third);
        curvature
    })
}
