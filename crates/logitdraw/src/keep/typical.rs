//! Locally typical sampling (Meister et al. 2022, arXiv 2202.00666): keep the tokens whose surprise is nearest to the entropy.

use crate::kernels;
use crate::key;
use crate::stage::Stage;
use crate::survivors::{Arrangement, MARGIN, Survivors};

pub(crate) static STAGE: Stage = Stage {
    overwrites: |_| true,
    ..Stage::keep(
        "typicalP",
        |options| options.typical_p < 1.0,
        |alive, step| {
            keep(alive, step.options.typical_p);
            Ok(())
        },
    )
};

/// Keeps tokens in ascending order of |-ln p - H| until their mass reaches `p`; ties with the last one stay. The tokens that must
/// stay (`minTokensToKeep`) are the nearest ones, as in transformers and llama.cpp.
fn keep(alive: &mut Survivors<'_>, p: f64) {
    let spare = (1.0 - p) * (1.0 - MARGIN);
    let spread = if alive.min_keep() == 1 { alive.spread(spare) } else { None };
    let (whole, energy) = match &spread {
        Some(spread) => (spread.mass, spread.energy),
        None => {
            let sums = alive.sums();
            (sums.mass, sums.energy)
        }
    };
    let (max, scale) = (alive.max(), alive.scale());
    // How far the entropy exceeds the best token's surprise.
    let surprise = -energy / whole;
    let signed = |x: f32| surprise + f64::from((x - max) * scale);
    let distance = |x: f32| signed(x).abs() as f32;
    let limit = p * whole;
    let mut keys;
    let (mut mass_before, mut last) = (0.0, None);
    if let Some(spread) = spread {
        let (bins, mass, certain) = spread.cut_around(surprise, limit, MARGIN * whole);
        keys = alive.take_keys();
        for bins in bins {
            alive.collect_bins(&spread, bins, &mut keys);
        }
        if mass > 0.0 {
            (mass_before, last) = (mass, Some(certain as f32));
        }
    } else {
        // Tokens that lie farther below the entropy's logit than the best token lies above it, and together weigh less than may
        // be dropped, come last.
        let deepest = alive.depth_of(spare * whole).min(-2.0 * surprise);
        let bound = (f64::from(max) + deepest * alive.temperature()).max(f64::from(f32::MIN)) as f32;
        let bound = if alive.min_keep() > 1 { bound.min(alive.nth(alive.min_keep()).x) } else { bound };
        keys = core::mem::take(alive.collect(bound));
    }
    for key in keys.iter_mut() {
        // The nearest first.
        let (x, place) = key::unpack(*key);
        *key = key::pack(-distance(x), place);
    }
    let weigh = |key| f64::from(kernels::exp((alive.logit(key as u32) - max) * scale));
    if let Some(key) = key::last_inside(&mut keys, mass_before, weigh, |_, before| before < limit) {
        last = Some(-key::unpack(key).0);
    }
    let rank = alive.min_keep().min(keys.len());
    if last.is_none() || rank > 1 {
        // The farthest of the tokens that must stay; with p = 0 the nearest one stays.
        let spared = -key::unpack(key::select(&mut keys, rank - 1)).0;
        last = Some(last.map_or(spared, |last| last.max(spared)));
    }
    alive.give_back(keys);
    keep_within(alive, last.unwrap_or(0.0), signed);
    alive.arrange(Arrangement::Typical { surprise, max, scale }, 1);
}

/// Keeps the tokens at a distance of at most `last`: an interval of logits, since `signed` never decreases as logits increase.
fn keep_within(alive: &mut Survivors<'_>, last: f32, signed: impl Fn(f32) -> f64) {
    let max = alive.max();
    let near_enough = |d: f64| d.abs() as f32 <= last;
    let lowest = first_float(max, |x| signed(x) >= 0.0 || near_enough(signed(x)));
    alive.raise_floor(f64::from(lowest));
    // The most likely tokens may be too likely to be typical.
    if !near_enough(signed(max)) {
        alive.drop_above(first_float(max, |x| signed(x) > 0.0 && !near_enough(signed(x))).next_down());
    }
}

/// Returns the least float up to `max` that passes a test, given that all larger ones pass it too.
fn first_float(max: f32, passes: impl Fn(f32) -> bool) -> f32 {
    let (mut low, mut high) = (key::ascending(f32::MIN), key::ascending(max));
    while low < high {
        let middle = low + (high - low) / 2;
        if passes(key::from_ascending(middle)) { high = middle } else { low = middle + 1 }
    }
    key::from_ascending(low)
}
