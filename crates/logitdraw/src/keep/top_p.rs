//! Top-p, nucleus sampling (Holtzman et al. 2020, arXiv 1904.09751): keep the best tokens until their mass reaches p.

use crate::kernels;
use crate::key;
use crate::stage::Stage;
use crate::survivors::{Arrangement, Floor, MARGIN, Survivors};

pub(crate) static STAGE: Stage = Stage::keep(
    "topP",
    |options| options.top_p < 1.0,
    |alive, step| {
        if step.may_defer {
            alive.defer_nucleus(step.options.top_p);
        } else {
            cut(alive, step.options.top_p);
        }
        Ok(())
    },
);

/// Keeps the tokens whose mass before them (in descending order, equal ones by ascending id) is less than `p` of the
/// whole. The token that crosses stays.
///
/// A weighted quickselect: sums of the terms at hand decide on which side of a pivot the cut lies; where they are too
/// close to tell, the stated sum (`mass_before`) does, so that the result is the same set by which a draw's membership is judged.
pub(crate) fn cut(alive: &mut Survivors<'_>, p: f64) {
    cut_of(alive, p, None);
}

/// Cuts a top-p that was left to the draw, of the mass that there was when the stage had its turn.
pub(crate) fn cut_deferred(alive: &mut Survivors<'_>) {
    if let Some(nucleus) = alive.take_nucleus() {
        let whole = alive.mass_from(nucleus.floor);
        cut_of(alive, nucleus.p, Some(whole));
    }
}

/// `whole`: of what the share is, where that is not all that survives.
fn cut_of(alive: &mut Survivors<'_>, p: f64, whole: Option<f64>) {
    let spare = (1.0 - p) * (1.0 - MARGIN);
    let spread = alive.spread(spare);
    let whole = match (whole, &spread) {
        (Some(whole), _) => whole,
        (None, Some(spread)) => spread.mass,
        (None, None) => alive.mass(),
    };
    let limit = p * whole;
    let (max, scale) = (alive.max(), alive.scale());
    let mut keys;
    let mut mass_before_all = 0.0;
    if let Some(spread) = spread {
        let (bins, before) = spread.cut(limit, MARGIN * whole);
        keys = alive.take_keys();
        alive.collect_bins(&spread, bins, &mut keys);
        mass_before_all = before;
    } else {
        let bound = f64::from(max) + alive.depth_of(spare * whole) / f64::from(scale);
        keys = core::mem::take(alive.collect(if bound > f64::from(f32::MIN) { bound as f32 } else { f32::MIN }));
    }
    let weigh = |key| f64::from(kernels::exp((key::unpack(key).0 - max) * scale));
    let last = key::last_inside(&mut keys, mass_before_all, weigh, |key, before| {
        let (x, place) = key::unpack(key);
        if (before - limit).abs() > MARGIN * whole { before < limit } else { alive.mass_before(x, place) < limit }
    });
    alive.give_back(keys);
    // The best token is always in: nothing comes before it. p = 0 keeps it alone.
    let last = match last.map(key::unpack) {
        Some((x, place)) => Floor { x, place },
        None => alive.nth(1),
    };
    alive.cut_after(last);
    alive.arrange(Arrangement::Descending, 1);
}
