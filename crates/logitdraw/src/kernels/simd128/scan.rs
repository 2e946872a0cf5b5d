//! The one pass over a row: finds each block's maximum, and whether all values are logits.

use super::super::{BLOCK, Block, Scan};
use super::{VECTORS, at_least_inline, fold_max, load, store};
use core::arch::wasm32::*;
use core::hint::black_box;

/// The bits of infinity, with the sign shifted out.
const INFINITE: u32 = f32::INFINITY.to_bits() << 1;

/// Lane by lane, a block's maxima and the products of its two halves. Computed in pairs of pairs, because a dependency chain of
/// eight would be waited for.
#[inline(always)]
fn lanes_max_products(block: &Block) -> (v128, v128, v128) {
    let pair = |vector| {
        let (x, y) = (load(block, vector), load(block, vector + 1));
        (f32x4_pmax(x, y), f32x4_mul(x, y))
    };
    let ((a, ab), (c, cd), (e, ef), (g, gh)) = (pair(0), pair(2), pair(4), pair(6));
    (f32x4_pmax(f32x4_pmax(a, c), f32x4_pmax(e, g)), f32x4_mul(ab, cd), f32x4_mul(ef, gh))
}

/// Keeps the largest bits seen, with the sign shifted out: any NaN is above [`INFINITE`], and nothing else is.
#[inline(always)]
fn remember(bits: v128, first: v128, second: v128) -> v128 {
    u32x4_max(u32x4_max(bits, i32x4_add(first, first)), i32x4_add(second, second))
}

/// Makes V8 compute a value before the next loads. It defers arithmetic until the result is needed, and runs out of registers
/// once it has loaded two blocks; only a store forces the value in time.
#[inline(always)]
fn finish_before(scratch: &mut f32, value: v128) {
    // SAFETY: the pointer comes from a reference. Volatile, because nothing reads the value.
    unsafe { core::ptr::from_mut(scratch).write_volatile(f32x4_extract_lane::<0>(value)) };
}

pub(crate) fn scan(row: &[Block], maxima: &mut [f32]) -> Scan {
    let mut best = f32x4_splat(f32::NEG_INFINITY);
    let mut bits = u32x4_splat(0);
    debug_assert_eq!(row.len(), maxima.len());
    let (pairs, rest) = row.as_chunks::<2>();
    let (pair_maxima, rest_maxima) = maxima.as_chunks_mut::<2>();
    // Two blocks per iteration, whose maxima are folded together.
    for ([first, second], out) in pairs.iter().zip(pair_maxima) {
        let (a, some, more) = lanes_max_products(first);
        bits = remember(bits, some, more);
        finish_before(&mut out[0], a);
        finish_before(&mut out[0], bits);
        let (b, some, more) = lanes_max_products(second);
        bits = remember(bits, some, more);
        let halves = f32x4_pmax(i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
        let both = f32x4_pmax(halves, i32x4_shuffle::<2, 3, 0, 1>(halves, halves));
        // SAFETY: two floats.
        unsafe { v128_store64_lane::<0>(both, out.as_mut_ptr().cast()) };
        best = f32x4_pmax(best, both);
    }
    for (block, out) in rest.iter().zip(rest_maxima) {
        let (largest, some, more) = lanes_max_products(block);
        *out = fold_max(largest);
        best = f32x4_pmax(best, largest);
        bits = remember(bits, some, more);
    }
    let mut max = fold_max(best);
    if max == 0.0 {
        // Which zero's sign is kept depends on the order; the scalar twin goes block by block.
        max = maxima.iter().copied().find(|x| *x == 0.0).unwrap_or(max);
    }
    Scan { max, suspicious: v128_any_true(u32x4_gt(bits, u32x4_splat(INFINITE))) }
}

#[inline(always)]
pub(crate) fn has_nan(block: &Block) -> bool {
    at_least_inline(block, f32::NEG_INFINITY) != u32::MAX
}

/// Lane by lane, a block's maxima and sums, in pairs of pairs as well. With a mask, each block is checked by itself, and one sum
/// is ready sooner than two products.
#[inline(always)]
fn lanes_max_sum(block: &Block) -> (v128, v128) {
    let pair = |vector| {
        let (x, y) = (load(block, vector), load(block, vector + 1));
        (f32x4_pmax(x, y), f32x4_add(x, y))
    };
    let both = |(largest, sum), (other, more)| (f32x4_pmax(largest, other), f32x4_add(sum, more));
    both(both(pair(0), pair(2)), both(pair(4), pair(6)))
}

/// The bits of a block's lanes, vector by vector. Kept in memory, because V8 rebuilds a constant vector wherever a loop uses it.
static BLOCK_BITS: [[u32; 4]; VECTORS] = {
    let mut bits = [[0; 4]; VECTORS];
    let mut lane = 0;
    while lane < BLOCK {
        bits[lane / 4][lane % 4] = 1 << lane;
        lane += 1;
    }
    bits
};

pub(crate) fn scan_masked(row: &mut [Block], mask: &[u32], maxima: &mut [f32]) -> (usize, f32) {
    let mut max = f32::NEG_INFINITY;
    let infinity = f32x4_splat(f32::INFINITY);
    let (bits, nothing) = (black_box(&BLOCK_BITS), black_box(f32x4_splat(f32::NEG_INFINITY)));
    for (index, (block, out)) in row.iter_mut().zip(maxima.iter_mut()).enumerate() {
        let word = mask.get(index).copied().unwrap_or(0);
        let (largest, sum) = lanes_max_sum(block);
        if !u32x4_all_true(f32x4_lt(sum, infinity)) {
            return (index, max);
        }
        *out = match word {
            // In most blocks, a grammar allows nothing or everything.
            0 => {
                each_vector!(|vector| {
                    store(block, vector, nothing);
                });
                f32::NEG_INFINITY
            }
            u32::MAX => fold_max(largest),
            _ => fold_max(mask_lanes(block, word, bits, nothing)),
        };
        if max < *out {
            max = *out;
        }
    }
    (row.len(), max)
}

/// Masks a block; returns the maxima of what is left, lane by lane.
#[inline(always)]
fn mask_lanes(block: &mut Block, word: u32, bits: &[[u32; 4]; VECTORS], nothing: v128) -> v128 {
    let word = u32x4_splat(word);
    let mut largest = nothing;
    each_vector!(|vector| {
        // SAFETY: four words are the 16 bytes of a vector, at any alignment.
        let own = unsafe { v128_load(bits[vector].as_ptr().cast()) };
        let kept = v128_bitselect(load(block, vector), nothing, i32x4_eq(v128_and(word, own), own));
        store(block, vector, kept);
        largest = f32x4_pmax(largest, kept);
    });
    largest
}

pub(crate) fn mask_block(block: &mut Block, word: u32) -> f32 {
    fold_max(mask_lanes(block, word, &BLOCK_BITS, f32x4_splat(f32::NEG_INFINITY)))
}
