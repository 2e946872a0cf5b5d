//! Masses accurate to a few percent, and equally close bounds of terms, in a third of the time.

use super::super::{BOUND_LEAST, BOUND_ONE, Block, LOG2_E, ROUGH_LEAST, ROUGH_ONE, ROUGH_SHIFT, bounding_scale};
use super::{VECTORS, fold, load, store};
use core::arch::wasm32::*;
use core::hint::black_box;

/// What every rough term needs, splatted once.
#[derive(Clone, Copy)]
struct Rough {
    max: v128,
    scale: v128,
    floor: v128,
    one: v128,
    least: v128,
}

impl Rough {
    #[inline(always)]
    fn new(max: f32, scale: f32, floor: f32, one: f32, least: f32) -> Self {
        Self {
            max: f32x4_splat(max),
            scale: f32x4_splat(scale * LOG2_E),
            floor: f32x4_splat(floor),
            one: f32x4_splat(one),
            least: f32x4_splat(least),
        }
    }

    /// For use in a loop: opaque, because V8 would otherwise rebuild the vectors wherever it needs them.
    #[inline(always)]
    fn kept(self) -> Self {
        let Self { max, scale, floor, one, least } = self;
        Self {
            max: black_box(max),
            scale: black_box(scale),
            floor: black_box(floor),
            one: black_box(one),
            least: black_box(least),
        }
    }

    #[inline(always)]
    fn term(self, x: v128) -> v128 {
        v128_and(self.any_term(x), f32x4_ge(x, self.floor))
    }

    /// The term, whatever the floor.
    #[inline(always)]
    fn any_term(self, x: v128) -> v128 {
        let y = f32x4_mul(f32x4_sub(x, self.max), self.scale);
        // Compared as integers: negative values are less in either order, and nothing waits for a float unit.
        let place = i32x4_max(self.least, f32x4_add(y, self.one));
        i32x4_shl(place, ROUGH_SHIFT)
    }
}

pub(crate) fn add_rough_masses(
    blocks: &[Block],
    mut bits: u32,
    max: f32,
    scale: f32,
    floor: f32,
    x: f32,
    sums: (f64, f64),
) -> (f64, f64) {
    let rough = Rough::new(max, scale, floor, ROUGH_ONE, ROUGH_LEAST).kept();
    let x = black_box(f32x4_splat(x));
    let (mut above, mut below) = (f32x4_splat(0.0), f32x4_splat(0.0));
    while bits != 0 {
        let block = &blocks[bits.trailing_zeros() as usize];
        bits &= bits - 1;
        each_vector!(|vector| {
            let value = load(block, vector);
            let term = rough.term(value);
            let reaches = f32x4_ge(value, x);
            above = f32x4_add(above, v128_and(term, reaches));
            below = f32x4_add(below, v128_andnot(term, reaches));
        });
    }
    (sums.0 + f64::from(fold(above)), sums.1 + f64::from(fold(below)))
}

pub(crate) fn add_rough_mass(blocks: &[Block], mut bits: u32, max: f32, scale: f32, sum: f64) -> f64 {
    let rough = Rough::new(max, scale, f32::MIN, ROUGH_ONE, ROUGH_LEAST).kept();
    let mut lanes = f32x4_splat(0.0);
    while bits != 0 {
        let block = &blocks[bits.trailing_zeros() as usize];
        bits &= bits - 1;
        each_vector!(|vector| {
            lanes = f32x4_add(lanes, rough.any_term(load(block, vector)));
        });
    }
    sum + f64::from(fold(lanes))
}

pub(crate) fn bound(blocks: &[Block], max: f32, scale: f32, floor: f32, bounds: &mut [Block], sums: &mut [f32]) {
    let rough = Rough::new(max, bounding_scale(scale), floor, BOUND_ONE, BOUND_LEAST).kept();
    for ((block, bounds), sum) in blocks.iter().zip(bounds).zip(sums) {
        // No bound is a negative zero, so that the sum may begin with a zero.
        let mut lanes = f32x4_splat(0.0);
        each_vector!(|vector| {
            let bound = rough.term(load(block, vector));
            store(bounds, vector, bound);
            lanes = f32x4_add(lanes, bound);
        });
        *sum = fold(lanes);
    }
}

pub(crate) fn most_mass(block: &Block, max: f32, scale: f32, floor: f32) -> f32 {
    let rough = Rough::new(max, bounding_scale(scale), floor, BOUND_ONE, BOUND_LEAST);
    let mut lanes = f32x4_splat(0.0);
    for vector in 0..VECTORS {
        lanes = f32x4_add(lanes, rough.term(load(block, vector)));
    }
    fold(lanes)
}
