//! The mass by logit, in bins of equal width.

use super::super::{BINS, Block, INTEGERS, LAST_BIN};
use super::{Law, VECTORS, fold, load, weighing};
use core::arch::wasm32::*;

pub(crate) fn spread(
    row: &[Block],
    maxima: &[f32],
    (max, scale, floor): (f32, f32, f32),
    bins_a_logit: f32,
    masses: &mut [f64; BINS],
) -> (f64, f64) {
    let floor = weighing(max, scale, floor);
    let law = Law::new(max, scale, floor);
    let (bins_a_logit, last) = (f32x4_splat(bins_a_logit), f32x4_splat(LAST_BIN));
    let (largest, integers) = (f32x4_splat(max), f32x4_splat(INTEGERS));
    let mut total = (0.0, 0.0);
    for (block, block_max) in row.iter().zip(maxima) {
        if *block_max < floor {
            continue;
        }
        let (mut mass, mut energy) = (f32x4_splat(0.0), f32x4_splat(0.0));
        for vector in 0..VECTORS {
            let x = load(block, vector);
            let e = law.weighing_term(x);
            mass = f32x4_add(mass, e);
            energy = f32x4_add(energy, f32x4_mul(e, law.finite_exponent(x)));
            // pmin(a, b) is b only where b < a, so NaN goes into the last bin, as in the scalar twin.
            let bin = f32x4_add(f32x4_pmin(last, f32x4_mul(f32x4_sub(largest, x), bins_a_logit)), integers);
            let (low, high) = (f64x2_promote_low_f32x4(e), f64x2_promote_low_f32x4(i32x4_shuffle::<2, 3, 0, 1>(e, e)));
            masses[u32x4_extract_lane::<0>(bin) as usize % BINS] += f64x2_extract_lane::<0>(low);
            masses[u32x4_extract_lane::<1>(bin) as usize % BINS] += f64x2_extract_lane::<1>(low);
            masses[u32x4_extract_lane::<2>(bin) as usize % BINS] += f64x2_extract_lane::<0>(high);
            masses[u32x4_extract_lane::<3>(bin) as usize % BINS] += f64x2_extract_lane::<1>(high);
        }
        total.0 += f64::from(fold(mass));
        total.1 += f64::from(fold(energy));
    }
    total
}
