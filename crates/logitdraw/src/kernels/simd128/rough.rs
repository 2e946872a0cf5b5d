//! Masses to a few percent, in a third of the time.

use super::super::{BOUND_LEAST, BOUND_ONE, Block, LOG2_E, ROUGH_LEAST, ROUGH_ONE, ROUGH_SHIFT, bounding_scale};
use super::{fold, load, store};
use core::arch::wasm32::*;
use core::hint::black_box;

pub(crate) fn add_rough_masses(
    blocks: &[Block],
    mut bits: u32,
    max: f32,
    scale: f32,
    floor: f32,
    x: f32,
    sums: (f64, f64),
) -> (f64, f64) {
    // Opaque, or V8 makes them anew wherever the loop needs them.
    let splat = |x| black_box(f32x4_splat(x));
    let (max, scale, floor, x) = (splat(max), splat(scale * LOG2_E), splat(floor), splat(x));
    let (one, least) = (splat(ROUGH_ONE), splat(ROUGH_LEAST));
    let (mut above, mut below) = (f32x4_splat(0.0), f32x4_splat(0.0));
    while bits != 0 {
        let block = &blocks[bits.trailing_zeros() as usize];
        bits &= bits - 1;
        each_vector!(|vector| {
            let value = load(block, vector);
            let place = f32x4_pmax(f32x4_add(f32x4_mul(f32x4_sub(value, max), scale), one), least);
            let term = v128_and(i32x4_shl(place, ROUGH_SHIFT), f32x4_ge(value, floor));
            let reaches = f32x4_ge(value, x);
            above = f32x4_add(above, v128_and(term, reaches));
            below = f32x4_add(below, v128_andnot(term, reaches));
        });
    }
    (sums.0 + f64::from(fold(above)), sums.1 + f64::from(fold(below)))
}

pub(crate) fn bound(blocks: &[Block], max: f32, scale: f32, floor: f32, bounds: &mut [Block], sums: &mut [f32]) {
    let splat = |x| black_box(f32x4_splat(x));
    let (max, scale, floor) = (splat(max), splat(bounding_scale(scale) * LOG2_E), splat(floor));
    let (one, least) = (splat(BOUND_ONE), splat(BOUND_LEAST));
    for ((block, bounds), sum) in blocks.iter().zip(bounds).zip(sums) {
        // No bound is a negative zero, so that the sum may begin with a zero.
        let mut lanes = f32x4_splat(0.0);
        each_vector!(|vector| {
            let x = load(block, vector);
            let place = f32x4_pmax(least, f32x4_add(f32x4_mul(f32x4_sub(x, max), scale), one));
            let bound = v128_and(i32x4_shl(place, ROUGH_SHIFT), f32x4_ge(x, floor));
            store(bounds, vector, bound);
            lanes = f32x4_add(lanes, bound);
        });
        *sum = fold(lanes);
    }
}
