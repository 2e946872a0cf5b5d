//! 16-bit floats to float32.

use super::{BLOCK, VECTORS, scalar, store};
use core::arch::wasm32::*;

/// As many 16-bit floats as a block has places.
type Bits = [u16; BLOCK];

pub(crate) fn from_f16(bits: &[u16], out: &mut [f32]) {
    let len = bits.len().min(out.len());
    let (blocks, bits_rest) = bits[..len].as_chunks::<BLOCK>();
    let (out_blocks, out_rest) = out[..len].as_chunks_mut::<BLOCK>();
    // Opaque: V8 would build each constant anew wherever a vector needs it.
    let splat = |bits| core::hint::black_box(u32x4_splat(bits));
    let (kept, rebias) = (splat(0x8fff_e000), splat((127 + 112) << 23));
    let (beyond, infinity) = (splat(65536_f32.to_bits()), splat(f32::INFINITY.to_bits()));
    for (bits, out) in blocks.iter().zip(out_blocks) {
        // A shift, a mask that takes the copies of the sign away, and 2^112 times that: the product has the sign.
        each_vector!(|vector| {
            let wide = upper_halves(bits, vector);
            store(out, vector, f32x4_mul(v128_and(i32x4_shr(wide, 3), kept), rebias));
        });
        if !is_finite(bits) {
            // An infinity or a NaN has come out as 2^16 or more; it gets the exponent it ought to have.
            for vector in 0..VECTORS {
                let x = super::load(out, vector);
                let special = f32x4_ge(f32x4_abs(x), beyond);
                store(out, vector, v128_or(x, v128_and(special, infinity)));
            }
        }
    }
    scalar::from_f16(bits_rest, out_rest);
}

pub(crate) fn from_bf16(bits: &[u16], out: &mut [f32]) {
    let len = bits.len().min(out.len());
    let (blocks, bits_rest) = bits[..len].as_chunks::<BLOCK>();
    let (out_blocks, out_rest) = out[..len].as_chunks_mut::<BLOCK>();
    for (bits, out) in blocks.iter().zip(out_blocks) {
        each_vector!(|vector| {
            store(out, vector, upper_halves(bits, vector));
        });
    }
    scalar::from_bf16(bits_rest, out_rest);
}

/// Whether a block of float16 holds neither an infinity nor a NaN.
#[inline(always)]
fn is_finite(bits: &Bits) -> bool {
    // Doubled they have no sign.
    let doubled = |eight| i16x8_shl(load(bits, eight), 1);
    let largest = u16x8_max(u16x8_max(doubled(0), doubled(1)), u16x8_max(doubled(2), doubled(3)));
    !v128_any_true(u16x8_sub_sat(largest, u16x8_splat(0x7bff << 1)))
}

/// Four 16-bit floats in the upper halves of lanes.
#[inline(always)]
fn upper_halves(bits: &Bits, vector: usize) -> v128 {
    let (zero, eight) = (u32x4_splat(0), load(bits, vector / 2));
    if vector % 2 == 0 {
        i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(zero, eight)
    } else {
        i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(zero, eight)
    }
}

#[inline(always)]
fn load(bits: &Bits, eight: usize) -> v128 {
    debug_assert!(eight < BLOCK / 8);
    // SAFETY: a block holds four times eight.
    unsafe { v128_load(bits.as_ptr().add(8 * eight).cast()) }
}
