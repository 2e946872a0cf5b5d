//! 16-bit floats to float32.

use super::{Block, VECTORS, load, store};
use core::arch::wasm32::*;
use core::hint::black_box;

pub(crate) fn read_f16(row: &mut [Block], bits: &[u16]) {
    let halves = row.as_flattened_mut();
    let start = halves.len() / 2;
    for (pair, out) in bits.chunks(2).zip(&mut halves[start..]) {
        let upper = pair.get(1).copied().unwrap_or(0);
        *out = f32::from_bits(u32::from(upper) << 16 | u32::from(pair[0]));
    }
    widen_f16(row);
}

pub(crate) fn widen_f16(row: &mut [Block]) {
    // Opaque, because V8 would rebuild each constant wherever a vector needs it.
    let splat = |bits| black_box(u32x4_splat(bits));
    let (kept, rebias) = (splat(0x8fff_e000), splat((127 + 112) << 23));
    let (beyond, infinity) = (splat(65536_f32.to_bits()), splat(f32::INFINITY.to_bits()));
    for index in 0..row.len() {
        let bits = bits_of(row, index);
        let out = &mut row[index];
        // Shifts, masks out the copies of the sign, and multiplies by 2^112: the product has the sign.
        each_vector!(|vector| {
            let wide = upper_halves(bits[vector / 2], vector);
            store(out, vector, f32x4_mul(v128_and(i32x4_shr(wide, 3), kept), rebias));
        });
        if !is_finite(bits) {
            // An infinity or a NaN has become 2^16 or more; this sets its exponent as it should be.
            each_vector!(|vector| {
                let x = load(out, vector);
                let special = f32x4_ge(f32x4_abs(x), beyond);
                store(out, vector, v128_or(x, v128_and(special, infinity)));
            });
        }
    }
}

pub(crate) fn widen_bf16(row: &mut [Block]) {
    for index in 0..row.len() {
        let bits = bits_of(row, index);
        let out = &mut row[index];
        each_vector!(|vector| {
            store(out, vector, upper_halves(bits[vector / 2], vector));
        });
    }
}

/// The bits of a block's logits, eight per vector, from the second half of the row.
#[inline(always)]
fn bits_of(row: &[Block], index: usize) -> [v128; 4] {
    let half = row.len() + index;
    let (block, first) = (&row[half / 2], half % 2 * (VECTORS / 2));
    [load(block, first), load(block, first + 1), load(block, first + 2), load(block, first + 3)]
}

/// Whether all of a block's float16 are finite.
#[inline(always)]
fn is_finite([a, b, c, d]: [v128; 4]) -> bool {
    // Doubling drops the sign.
    let largest = u16x8_max(u16x8_max(i16x8_shl(a, 1), i16x8_shl(b, 1)), u16x8_max(i16x8_shl(c, 1), i16x8_shl(d, 1)));
    !v128_any_true(u16x8_sub_sat(largest, u16x8_splat(0x7bff << 1)))
}

/// Puts four of eight 16-bit floats into the upper halves of lanes: the first four for an even vector, the last four for an odd one.
#[inline(always)]
fn upper_halves(eight: v128, vector: usize) -> v128 {
    let zero = u32x4_splat(0);
    if vector % 2 == 0 {
        i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(zero, eight)
    } else {
        i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(zero, eight)
    }
}
