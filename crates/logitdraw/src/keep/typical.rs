//! Locally typical sampling (Meister et al. 2022, arXiv 2202.00666): keep the tokens whose surprise is nearest to the entropy.

use crate::chain::Stage;
use crate::kernels;
use crate::key;
use crate::math::ln;
use crate::survivors::{Arrangement, Survivors};

/// A share of the whole mass far wider than what two orders of summing can differ by.
const MARGIN: f64 = 1e-6;

pub(crate) static STAGE: Stage = Stage::keep(
    "typicalP",
    |options| options.typical_p < 1.0,
    |alive, step| {
        keep(alive, step.options.typical_p);
        Ok(())
    },
);

/// Keeps, in ascending order of |-ln p - H|, tokens until their mass reaches `p`; those that tie with the last one stay.
fn keep(alive: &mut Survivors<'_>, p: f64) {
    let sums = alive.sums();
    let (max, scale) = (alive.max(), alive.scale());
    // How much nearer the entropy lies than the best token: |-ln p - H| is |surprise + exponent|.
    let surprise = -sums.energy / sums.mass;
    let distance = |x: f32| (surprise + f64::from((x - max) * scale)).abs() as f32;
    // What is farther below the entropy's logit than the best token is above it, and together weighs less than may be dropped,
    // comes last of all.
    let places = (alive.block_count() * kernels::BLOCK) as f64;
    let spare = ln((1.0 - p) * sums.mass * (1.0 - MARGIN) / places);
    let mirrored = -2.0 * surprise;
    let bound = f64::from(max) + spare.min(mirrored) * alive.temperature();
    let bound = if bound > f64::from(f32::MIN) { bound as f32 } else { f32::MIN };
    let bound = if alive.min_keep() > 1 { bound.min(alive.nth(alive.min_keep()).x) } else { bound };
    let mut keys = core::mem::take(alive.collect(bound));
    for key in keys.iter_mut() {
        // The nearest first.
        let (x, place) = key::unpack(*key);
        *key = key::pack(-distance(x), place);
    }
    let limit = p * sums.mass;
    let mut mass_before = 0.0;
    let mut last = None;
    let mut rest = &mut keys[..];
    while !rest.is_empty() {
        let middle = rest.len() / 2;
        let pivot = key::select(rest, middle);
        let (nearer, farther) = rest.split_at_mut(middle);
        let mut weigh = |key: u64| {
            let x = alive.logit(key as u32);
            f64::from(kernels::exp((x - max) * scale))
        };
        let before = mass_before + nearer.iter().map(|key| weigh(*key)).sum::<f64>();
        if before < limit {
            mass_before = before + weigh(pivot);
            last = Some(pivot);
            rest = &mut farther[1..];
        } else {
            rest = nearer;
        }
    }
    // Of those that must stay the farthest, by the same measure; p = 0 keeps the nearest one.
    let rank = alive.min_keep().min(keys.len());
    let spared = key::select(&mut keys, rank - 1);
    let last = last.map_or(spared, |last| last.max(spared));
    alive.give_back(keys);
    keep_within(alive, -key::unpack(last).0, distance);
    alive.arrange(Arrangement::Typical { surprise, max, scale });
}

/// Keeps what is not farther than `last`.
fn keep_within(alive: &mut Survivors<'_>, last: f32, distance: impl Fn(f32) -> f32) {
    let mut least = f32::MAX;
    alive.for_each(|_, x| {
        if distance(x) <= last {
            least = least.min(x);
        }
    });
    alive.raise(f64::from(least));
    // The likeliest may be too likely to be typical.
    let max = alive.max();
    if distance(max) > last {
        alive.retain_places(|x, _| distance(x) <= last);
    }
}
