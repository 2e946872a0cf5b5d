//! Moments and the least logit.

use super::super::{Block, Moments};
use super::{VECTORS, fold, load};
use core::arch::wasm32::*;

pub(crate) fn moments(row: &[Block], maxima: &[f32], shift: f32, floor: f32) -> Moments {
    let (shift, floors) = (f32x4_splat(shift), f32x4_splat(floor));
    let mut counts = u32x4_splat(0);
    let mut total = Moments::default();
    for (block, _) in row.iter().zip(maxima).filter(|(_, block_max)| **block_max >= floor) {
        let (mut sum, mut squares) = (f32x4_splat(0.0), f32x4_splat(0.0));
        for vector in 0..VECTORS {
            let x = load(block, vector);
            let kept = f32x4_ge(x, floors);
            let distance = v128_and(f32x4_sub(x, shift), kept);
            // A lane of all ones is -1.
            counts = i32x4_sub(counts, kept);
            sum = f32x4_add(sum, distance);
            squares = f32x4_add(squares, f32x4_mul(distance, distance));
        }
        total.sum += f64::from(fold(sum));
        total.squares += f64::from(fold(squares));
    }
    total.count = u32x4_extract_lane::<0>(counts)
        + u32x4_extract_lane::<1>(counts)
        + u32x4_extract_lane::<2>(counts)
        + u32x4_extract_lane::<3>(counts);
    total
}

pub(crate) fn least(row: &[Block], maxima: &[f32], floor: f32) -> f32 {
    let (floors, infinity) = (f32x4_splat(floor), f32x4_splat(f32::INFINITY));
    let mut least = infinity;
    for (block, _) in row.iter().zip(maxima).filter(|(_, block_max)| **block_max >= floor) {
        for vector in 0..VECTORS {
            let x = load(block, vector);
            least = f32x4_pmin(least, v128_bitselect(x, infinity, f32x4_ge(x, floors)));
        }
    }
    let pairs = f32x4_pmin(least, i32x4_shuffle::<2, 3, 0, 1>(least, least));
    f32x4_extract_lane::<0>(f32x4_pmin(pairs, i32x4_shuffle::<1, 0, 3, 2>(pairs, pairs))) + 0.0
}
