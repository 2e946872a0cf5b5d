//! WebAssembly SIMD128: the same bits as `scalar`, four lanes at a time.

use super::{BLOCK, Block, Sums, scalar};
use core::arch::wasm32::*;

/// Repeats its body for each vector of a block. Unrolled by hand: the module is compiled for size, which unrolls nothing, and a
/// loop around an exponential takes half as long again.
macro_rules! each_vector {
    (|$vector:ident| $body:block) => {
        each_vector!(@ $vector $body 0 1 2 3 4 5 6 7)
    };
    (@ $vector:ident $body:block $($place:literal)*) => {
        $({
            let $vector: usize = $place;
            $body
        })*
    };
}

mod double;
mod float16;
mod law;
mod moments;
mod rough;
mod scan;
mod spread;

pub(crate) use double::{exponents, exps, quotients, singles, temper};
pub(crate) use float16::{read_f16, widen_bf16, widen_f16};
pub(crate) use law::weighing;
pub(crate) use moments::{least, moments};
pub(crate) use rough::{add_rough_mass, add_rough_masses, bound, most_mass};
pub(crate) use scalar::{bin, exp, lowered, repeated};
pub(crate) use scan::{has_nan, mask_block, scan, scan_masked};
pub(crate) use spread::spread;

use law::Law;

/// Vectors per block.
const VECTORS: usize = BLOCK / 4;
/// A lane's bit within the four bits of its vector.
const LANE_BITS: v128 = u32x4(1, 2, 4, 8);

#[inline(always)]
fn load(block: &Block, vector: usize) -> v128 {
    debug_assert!(vector < VECTORS);
    // SAFETY: every caller passes a vector below VECTORS, so the four floats lie in the block; v128_load needs no alignment.
    unsafe { v128_load(block.as_ptr().add(4 * vector).cast()) }
}

#[inline(always)]
fn store(block: &mut Block, vector: usize, value: v128) {
    debug_assert!(vector < VECTORS);
    // SAFETY: as for `load`; the reference is exclusive.
    unsafe { v128_store(block.as_mut_ptr().add(4 * vector).cast(), value) }
}

/// All ones in the lanes whose bit is set in the four bits of `word` that belong to `vector`.
#[inline(always)]
fn lanes_of(word: u32, vector: usize) -> v128 {
    let bits = v128_and(u32x4_splat(word >> (4 * vector)), LANE_BITS);
    i32x4_eq(bits, LANE_BITS)
}

/// (0 + 2) + (1 + 3).
#[inline(always)]
fn fold(lanes: v128) -> f32 {
    let pairs = f32x4_add(lanes, i32x4_shuffle::<2, 3, 0, 1>(lanes, lanes));
    f32x4_extract_lane::<0>(pairs) + f32x4_extract_lane::<1>(pairs)
}

/// (0 max 2) max (1 max 3).
#[inline(always)]
fn fold_max(lanes: v128) -> f32 {
    let pairs = f32x4_pmax(lanes, i32x4_shuffle::<2, 3, 0, 1>(lanes, lanes));
    f32x4_extract_lane::<0>(f32x4_pmax(pairs, i32x4_shuffle::<1, 0, 3, 2>(pairs, pairs)))
}

/// Folds a block's vectors, first to last. Unrolled by hand: the module is compiled for size, which unrolls nothing.
#[inline(always)]
fn across<T>(block: &Block, first: impl Fn(v128) -> T, f: impl Fn(T, v128) -> T) -> T {
    let lanes = first(load(block, 0));
    let lanes = f(lanes, load(block, 1));
    let lanes = f(lanes, load(block, 2));
    let lanes = f(lanes, load(block, 3));
    let lanes = f(lanes, load(block, 4));
    let lanes = f(lanes, load(block, 5));
    let lanes = f(lanes, load(block, 6));
    f(lanes, load(block, 7))
}

/// A block's maxima, lane by lane.
#[inline(always)]
fn block_lanes_max(block: &Block) -> v128 {
    across(block, |x| x, |largest, x| f32x4_pmax(largest, x))
}

pub(crate) fn lanes_max(blocks: &[Block], lanes: &mut [[f32; 4]]) -> (f32, f32) {
    let mut least = f32x4_splat(f32::INFINITY);
    let mut best = f32x4_splat(f32::NEG_INFINITY);
    for (block, out) in blocks.iter().zip(lanes) {
        let largest = block_lanes_max(block);
        least = f32x4_pmin(least, largest);
        best = f32x4_pmax(best, largest);
        // SAFETY: four floats.
        unsafe { v128_store(out.as_mut_ptr().cast(), largest) };
    }
    let pairs = f32x4_pmin(least, i32x4_shuffle::<2, 3, 0, 1>(least, least));
    let least = f32x4_pmin(pairs, i32x4_shuffle::<1, 0, 3, 2>(pairs, pairs));
    (f32x4_extract_lane::<0>(least), fold_max(best))
}

pub(crate) fn block_max(block: &Block) -> f32 {
    fold_max(block_lanes_max(block))
}

/// Edits the logits of a block whose bits are set, unless they are masked; a result above the largest float becomes that float.
#[inline(always)]
fn edit(block: &mut Block, touched: u32, edited: impl Fn(usize, v128) -> v128) {
    for vector in 0..VECTORS {
        let x = load(block, vector);
        let y = f32x4_pmin(edited(vector, x), f32x4_splat(f32::MAX));
        let takes = v128_and(lanes_of(touched, vector), f32x4_gt(x, f32x4_splat(f32::NEG_INFINITY)));
        store(block, vector, v128_bitselect(y, x, takes));
    }
}

pub(crate) fn repeat(block: &mut Block, touched: u32, r: f32) {
    let r = f32x4_splat(r);
    edit(block, touched, |_, x| {
        let is_low = f32x4_le(x, f32x4_splat(0.0));
        let y = v128_bitselect(f32x4_mul(x, r), f32x4_div(x, r), is_low);
        f32x4_pmax(y, f32x4_splat(f32::MIN))
    });
}

pub(crate) fn subtract(block: &mut Block, touched: u32, counts: &[u32; BLOCK], penalty: f64) {
    let penalty = f64x2_splat(penalty);
    let lowered = |x: v128, counts: v128| {
        let y = f64x2_sub(f64x2_promote_low_f32x4(x), f64x2_mul(f64x2_convert_low_u32x4(counts), penalty));
        f32x4_demote_f64x2_zero(f64x2_pmax(y, f64x2_splat(f64::from(f32::MIN))))
    };
    edit(block, touched, |vector, x| {
        // SAFETY: `counts` is as long as a block, eight vectors; v128_load needs no alignment.
        let counts = unsafe { v128_load(counts.as_ptr().add(4 * vector).cast()) };
        let upper = |lanes: v128| i32x4_shuffle::<2, 3, 2, 3>(lanes, lanes);
        i32x4_shuffle::<0, 1, 4, 5>(lowered(x, counts), lowered(upper(x), upper(counts)))
    });
}

/// The sums of a block's lanes, as one vector.
#[inline(always)]
fn vectors_sum(terms: &Block) -> v128 {
    across(terms, |x| x, |sum, x| f32x4_add(sum, x))
}

pub(crate) fn lanes_sum(terms: &Block) -> [f32; 4] {
    // SAFETY: a vector is four floats.
    unsafe { core::mem::transmute(vectors_sum(terms)) }
}

#[inline]
pub(crate) fn block_sum(terms: &Block) -> f32 {
    fold(vectors_sum(terms))
}

#[inline]
pub(crate) fn terms(block: &Block, max: f32, scale: f32, floor: f32) -> Block {
    let law = Law::new(max, scale, floor);
    let mut out = [0.0; BLOCK];
    each_vector!(|vector| {
        store(&mut out, vector, law.term(load(block, vector)));
    });
    out
}

pub(crate) fn block_mass(block: &Block, max: f32, scale: f32, floor: f32) -> f32 {
    block_sum(&terms(block, max, scale, floor))
}

pub(crate) fn block_masses(block: &Block, max: f32, scale: f32, floor: f32, x: f32, lane: u32) -> (f32, f32) {
    let law = Law::new(max, scale, floor);
    let x = f32x4_splat(x);
    let below = if lane >= BLOCK as u32 { u32::MAX } else { (1 << lane) - 1 };
    let (mut before, mut all) = (f32x4_splat(0.0), f32x4_splat(0.0));
    for vector in 0..VECTORS {
        let value = load(block, vector);
        let term = law.term(value);
        let tied = v128_and(f32x4_eq(value, x), lanes_of(below, vector));
        before = f32x4_add(before, v128_and(term, v128_or(f32x4_gt(value, x), tied)));
        all = f32x4_add(all, term);
    }
    (fold(before), fold(all))
}

pub(crate) fn add_masses(
    blocks: &[Block],
    mut bits: u32,
    max: f32,
    scale: f32,
    floor: f32,
    x: f32,
    sums: (f64, f64),
) -> (f64, f64) {
    let law = Law::new(max, scale, floor);
    let x = core::hint::black_box(f32x4_splat(x));
    let (mut total_above, mut total) = sums;
    while bits != 0 {
        let block = &blocks[bits.trailing_zeros() as usize];
        bits &= bits - 1;
        let (mut above, mut all) = (f32x4_splat(0.0), f32x4_splat(0.0));
        for vector in 0..VECTORS {
            let value = load(block, vector);
            let term = law.term(value);
            above = f32x4_add(above, v128_and(term, f32x4_ge(value, x)));
            all = f32x4_add(all, term);
        }
        total_above += f64::from(fold(above));
        total += f64::from(fold(all));
    }
    (total_above, total)
}

pub(crate) fn mass(row: &[Block], maxima: &[f32], max: f32, scale: f32, floor: f32) -> f64 {
    let floor = weighing(max, scale, floor);
    let law = Law::new(max, scale, floor);
    let mut total = 0.0;
    for (block, block_max) in row.iter().zip(maxima) {
        if *block_max >= floor {
            total += f64::from(law.block_mass(block));
        }
    }
    total
}

pub(crate) fn sums(row: &[Block], maxima: &[f32], max: f32, scale: f32, floor: f32) -> Sums {
    let floor = weighing(max, scale, floor);
    let law = Law::new(max, scale, floor);
    let mut total = Sums::default();
    for (block, block_max) in row.iter().zip(maxima) {
        if *block_max < floor {
            continue;
        }
        let zero = f32x4_splat(0.0);
        let (mut mass, mut energy, mut squares) = (zero, zero, zero);
        each_vector!(|vector| {
            let x = load(block, vector);
            let e = law.weighing_term(x);
            mass = f32x4_add(mass, e);
            // A sum that starts from zero may lose a negative zero's sign, but the total loses it anyway.
            energy = f32x4_add(energy, f32x4_mul(e, law.finite_exponent(x)));
            squares = f32x4_add(squares, f32x4_mul(e, e));
        });
        total.mass += f64::from(fold(mass));
        total.energy += f64::from(fold(energy));
        total.squares += f64::from(fold(squares));
    }
    total
}

/// The bits of sixteen lanes: narrowing keeps a lane of all ones. Lanes of 32 bits are narrowed as two of 16 each, because the
/// standard library's `i16x8_narrow_i32x4` compiles to seven instructions where the compiler knows what it narrows.
#[inline(always)]
fn sixteen_at_least(block: &Block, vector: usize, x: v128) -> u32 {
    let low = i8x16_narrow_i16x8(f32x4_ge(load(block, vector), x), f32x4_ge(load(block, vector + 1), x));
    let high = i8x16_narrow_i16x8(f32x4_ge(load(block, vector + 2), x), f32x4_ge(load(block, vector + 3), x));
    u32::from(i8x16_bitmask(i8x16_narrow_i16x8(low, high)))
}

/// `at_least` for loops that call it a hundred times per draw.
#[inline(always)]
pub(crate) fn at_least_inline(block: &Block, x: f32) -> u32 {
    let x = f32x4_splat(x);
    sixteen_at_least(block, 0, x) | sixteen_at_least(block, 4, x) << 16
}

pub(crate) fn at_least(block: &Block, x: f32) -> u32 {
    at_least_inline(block, x)
}

pub(crate) fn count_at_least(values: &[[f32; 4]], x: f32) -> u32 {
    let x = f32x4_splat(x);
    let mut counts = i32x4_splat(0);
    let (blocks, rest) = values.as_chunks::<VECTORS>();
    for block in blocks {
        // A lane that is at or above is -1.
        let block: &Block = block.as_flattened().try_into().expect("eight vectors are a block");
        counts = i32x4_sub(counts, across(block, |v| f32x4_ge(v, x), |sum, v| i32x4_add(sum, f32x4_ge(v, x))));
    }
    for four in rest {
        // SAFETY: four floats.
        counts = i32x4_sub(counts, f32x4_ge(unsafe { v128_load(four.as_ptr().cast()) }, x));
    }
    let pairs = i32x4_add(counts, i32x4_shuffle::<2, 3, 0, 1>(counts, counts));
    (i32x4_extract_lane::<0>(pairs) + i32x4_extract_lane::<1>(pairs)) as u32
}
