//! Masses accurate to a few percent, and equally close bounds of terms: for questions that are rarely close.

use super::super::{BLOCK, BOUND_LEAST, BOUND_ONE, Block, LOG2_E, ROUGH_LEAST, ROUGH_ONE, ROUGH_SHIFT, bounding_scale};
use super::{block_sum, pmax};

/// Adds two rough sums for the blocks whose bit in `bits` is set (32 of them at most): of the terms at or above `x`, and of those
/// between `floor` and `x`. Each sum is at least `ROUGH_UNDER` and at most `ROUGH_OVER` times the sum of the terms, give or take
/// 2^-126 per term, if `is_rough_scale` holds for the scale.
pub(crate) fn add_rough_masses(
    blocks: &[Block],
    bits: u32,
    max: f32,
    scale: f32,
    floor: f32,
    x: f32,
    sums: (f64, f64),
) -> (f64, f64) {
    let scale = scale * LOG2_E;
    let (mut above, mut below) = ([0.0; 4], [0.0; 4]);
    for (_, block) in blocks.iter().take(BLOCK).enumerate().filter(|(index, _)| bits >> index & 1 == 1) {
        for (place, value) in block.iter().enumerate() {
            let term = if *value >= floor { term((*value - max) * scale, ROUGH_ONE, ROUGH_LEAST) } else { 0.0 };
            let (more, less) = if *value >= x { (term, 0.0) } else { (0.0, term) };
            above[place % 4] += more;
            below[place % 4] += less;
        }
    }
    let fold = |lanes: [f32; 4]| f64::from((lanes[0] + lanes[2]) + (lanes[1] + lanes[3]));
    (sums.0 + fold(above), sums.1 + fold(below))
}

/// Like `add_rough_masses`, for all terms of these blocks.
pub(crate) fn add_rough_mass(blocks: &[Block], bits: u32, max: f32, scale: f32, sum: f64) -> f64 {
    add_rough_masses(blocks, bits, max, scale, f32::NEG_INFINITY, f32::NEG_INFINITY, (sum, 0.0)).0
}

/// Writes bounds of the terms of some blocks to `bounds`, and each block's sum of them to `sums`. A bound is 0 below the floor.
/// Elsewhere it is at least the term; at most `ROUGH_OVER` times the term if `is_rough_scale` holds for the scale, and at most
/// `ROUGH_OVER` if not.
pub(crate) fn bound(blocks: &[Block], max: f32, scale: f32, floor: f32, bounds: &mut [Block], sums: &mut [f32]) {
    let scale = bounding_scale(scale) * LOG2_E;
    for ((block, bounds), sum) in blocks.iter().zip(bounds).zip(sums) {
        *bounds = block.map(|x| if x >= floor { term((x - max) * scale, BOUND_ONE, BOUND_LEAST) } else { 0.0 });
        *sum = block_sum(bounds);
    }
}

/// 2^y for integers y, and linear in between: a float's exponent and fraction are the two parts of a fixed-point number
/// (Schraudolph 1999). `one` is where y = 0 lies on that scale; everything below `least` gives the same result.
fn term(y: f32, one: f32, least: f32) -> f32 {
    f32::from_bits(pmax(least, y + one).to_bits() << ROUGH_SHIFT)
}

/// An upper bound of a block's mass; if `is_rough_scale` holds for the scale, at most `ROUGH_OVER` times as much.
pub(crate) fn most_mass(block: &Block, max: f32, scale: f32, floor: f32) -> f32 {
    let (mut bounds, mut sum) = ([[0.0; BLOCK]], [0.0]);
    bound(core::slice::from_ref(block), max, scale, floor, &mut bounds, &mut sum);
    sum[0]
}
