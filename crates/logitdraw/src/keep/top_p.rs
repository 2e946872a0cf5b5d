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

/// Keeps the tokens for which the mass before them (in descending order, ties by ascending id) is less than `p` of the
/// whole. The token that crosses that limit stays.
///
/// A weighted quickselect: sums over the collected keys decide on which side of a pivot the cut lies. If they are too close to
/// tell, the sum in its stated order (`mass_before`) decides, so that the result is the set that the draw's membership test uses.
pub(crate) fn cut(alive: &mut Survivors<'_>, p: f64) {
    cut_of(alive, p, None);
}

/// Applies a top-p that was left to the draw, as a share of the mass that was alive when its stage ran.
pub(crate) fn cut_deferred(alive: &mut Survivors<'_>) {
    if let Some(nucleus) = alive.take_nucleus() {
        let whole = alive.mass_from(nucleus.floor);
        cut_of(alive, nucleus.p, Some(whole));
    }
}

/// `whole` is the mass of which `p` is a share, if that is not the mass of all survivors.
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
    // No mass comes before the best token, so it always stays; with p = 0 it stays alone.
    let last = match last.map(key::unpack) {
        Some((x, place)) => Floor { x, place },
        None => alive.nth(1),
    };
    alive.cut_after(last);
    alive.arrange(Arrangement::Descending, 1);
}
