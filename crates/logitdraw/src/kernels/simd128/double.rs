//! Loops over doubles and words, for the rules of other libraries.

use super::super::{BLOCK, Block, Division, EXP_NORMAL, ROUND_DOUBLE};
use super::{VECTORS, load, scalar};
use crate::math::{EXP_P, EXP_ZERO, INV_LN2, LN2_HI, LN2_LO};
use core::arch::wasm32::*;
use core::hint::black_box;

/// The exponential's constants, as whole vectors (see `law`).
static CONSTANTS: [[f64; 2]; 12] = [
    [INV_LN2; 2],
    [0.5; 2],
    [LN2_HI; 2],
    [LN2_LO; 2],
    [EXP_P[0]; 2],
    [EXP_P[1]; 2],
    [EXP_P[2]; 2],
    [EXP_P[3]; 2],
    [EXP_P[4]; 2],
    [1.0; 2],
    [EXP_NORMAL; 2],
    [ROUND_DOUBLE; 2],
];

pub(crate) fn exps(exponents: &mut [f64]) {
    let constants = black_box(&CONSTANTS);
    // SAFETY: each constant is two doubles.
    let vector = |place: usize| unsafe { v128_load(constants[place].as_ptr().cast()) };
    let (inv_ln2, half, ln2_hi, ln2_lo) = (vector(0), vector(1), vector(2), vector(3));
    let (p1, p2, p3, p4, p5) = (vector(4), vector(5), vector(6), vector(7), vector(8));
    let (one, lowest, round) = (vector(9), vector(10), vector(11));
    let (pairs, rest) = exponents.as_chunks_mut::<2>();
    for pair in pairs {
        // SAFETY: two doubles; v128_load needs no alignment.
        let x = unsafe { v128_load(pair.as_ptr().cast()) };
        let normal = f64x2_ge(x, lowest);
        if !i64x2_all_true(v128_or(normal, f64x2_lt(x, f64x2_splat(EXP_ZERO)))) {
            scalar::exps(pair);
            continue;
        }
        // As `math::exp`, whose comments say why.
        let n = f64x2_ceil(f64x2_sub(f64x2_mul(inv_ln2, x), half));
        let hi = f64x2_sub(x, f64x2_mul(n, ln2_hi));
        let lo = f64x2_mul(n, ln2_lo);
        let r = f64x2_sub(hi, lo);
        let t = f64x2_mul(r, r);
        let p = f64x2_add(p4, f64x2_mul(t, p5));
        let p = f64x2_add(p3, f64x2_mul(t, p));
        let p = f64x2_add(p2, f64x2_mul(t, p));
        let p = f64x2_add(p1, f64x2_mul(t, p));
        let c = f64x2_sub(r, f64x2_mul(t, p));
        let quotient = f64x2_div(f64x2_mul(r, c), f64x2_sub(f64x2_add(one, one), c));
        let y = f64x2_sub(one, f64x2_sub(f64x2_sub(lo, quotient), hi));
        // The integer is in the low bits of that sum, and the bits of 1.0 are the exponent's bias.
        let power = i64x2_add(one, i64x2_shl(f64x2_add(n, round), 52));
        // SAFETY: as above; the reference is exclusive.
        unsafe { v128_store(pair.as_mut_ptr().cast(), v128_and(f64x2_mul(y, power), normal)) };
    }
    scalar::exps(rest);
}

pub(crate) fn exponents(row: &[Block], maxima: &[f32], floor: f32, division: Division, out: &mut [f64]) {
    let least = floor;
    let splat = |x| black_box(f64x2_splat(x));
    let (floor, nothing) = (black_box(f32x4_splat(floor)), splat(f64::NEG_INFINITY));
    let (single, double, max) = match division {
        Division::Single { divisor, max } => (Some(black_box(f32x4_splat(divisor))), nothing, splat(max)),
        Division::Double { divisor, max } => (None, splat(divisor), splat(max)),
    };
    for ((block, block_max), out) in row.iter().zip(maxima).zip(out.as_chunks_mut::<BLOCK>().0) {
        if *block_max < least {
            out.fill(f64::NEG_INFINITY);
            continue;
        }
        for vector in 0..VECTORS {
            let x = load(block, vector);
            let (low, high) = match single {
                Some(divisor) => {
                    let (low, high) = promote(f32x4_div(x, divisor));
                    (f64x2_sub(low, max), f64x2_sub(high, max))
                }
                None => {
                    let (low, high) = promote(x);
                    (f64x2_div(f64x2_sub(low, max), double), f64x2_div(f64x2_sub(high, max), double))
                }
            };
            let kept = f32x4_ge(x, floor);
            let (kept_low, kept_high) =
                (i32x4_shuffle::<0, 0, 1, 1>(kept, kept), i32x4_shuffle::<2, 2, 3, 3>(kept, kept));
            // SAFETY: a block's numbers are sixteen pairs, two per vector; the reference is exclusive.
            unsafe {
                let pointer = out.as_mut_ptr().add(4 * vector);
                v128_store(pointer.cast(), v128_bitselect(low, nothing, kept_low));
                v128_store(pointer.add(2).cast(), v128_bitselect(high, nothing, kept_high));
            }
        }
    }
}

/// Four floats as two pairs of doubles.
#[inline(always)]
fn promote(x: v128) -> (v128, v128) {
    (f64x2_promote_low_f32x4(x), f64x2_promote_low_f32x4(i32x4_shuffle::<2, 3, 2, 3>(x, x)))
}

pub(crate) fn quotients(numbers: &mut [f64], divisor: f64) {
    let (pairs, rest) = numbers.as_chunks_mut::<2>();
    for pair in pairs {
        let pointer = pair.as_mut_ptr().cast();
        // SAFETY: two doubles, exclusive; v128_load needs no alignment.
        unsafe { v128_store(pointer, f64x2_div(v128_load(pointer), f64x2_splat(divisor))) };
    }
    scalar::quotients(rest, divisor);
}

pub(crate) fn singles(numbers: &mut [f64], divisor: f64) {
    let (pairs, rest) = numbers.as_chunks_mut::<2>();
    for pair in pairs {
        let pointer = pair.as_mut_ptr().cast();
        // SAFETY: two doubles, exclusive; v128_load needs no alignment.
        unsafe {
            let quotient = f64x2_div(v128_load(pointer), f64x2_splat(divisor));
            v128_store(pointer, f64x2_promote_low_f32x4(f32x4_demote_f64x2_zero(quotient)));
        }
    }
    scalar::singles(rest, divisor);
}

pub(crate) fn temper(words: &[u32], out: &mut [u32]) {
    let (fours, rest) = words.as_chunks::<4>();
    let (out_fours, out_rest) = out.as_chunks_mut::<4>();
    for (four, out) in fours.iter().zip(out_fours) {
        // SAFETY: four words each; v128_load needs no alignment.
        unsafe {
            let y = v128_load(four.as_ptr().cast());
            let y = v128_xor(y, u32x4_shr(y, 11));
            let y = v128_xor(y, v128_and(u32x4_shl(y, 7), u32x4_splat(0x9d2c_5680)));
            let y = v128_xor(y, v128_and(u32x4_shl(y, 15), u32x4_splat(0xefc6_0000)));
            v128_store(out.as_mut_ptr().cast(), v128_xor(y, u32x4_shr(y, 18)));
        }
    }
    scalar::temper(rest, out_rest);
}
