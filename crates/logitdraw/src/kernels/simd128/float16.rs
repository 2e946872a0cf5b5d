//! 16-bit floats to float32.

use super::scalar;
use core::arch::wasm32::*;

pub(crate) fn from_f16(bits: &[u16], out: &mut [f32]) {
    let law = Float16::new();
    widen(bits, out, |wide| law.widened(wide), scalar::from_f16);
}

pub(crate) fn from_bf16(bits: &[u16], out: &mut [f32]) {
    widen(bits, out, |wide| wide, scalar::from_bf16);
}

/// What widening float16 needs. Opaque: V8 would build each constant anew wherever a vector needs it.
#[derive(Clone, Copy)]
struct Float16 {
    magnitudes: v128,
    rebias: v128,
    finite: v128,
    infinity: v128,
    sign: v128,
}

impl Float16 {
    #[inline(always)]
    fn new() -> Self {
        let splat = |bits| core::hint::black_box(u32x4_splat(bits));
        Self {
            magnitudes: splat(0x7fff << 13),
            rebias: splat((127 + 112) << 23),
            finite: splat((0x7c00 << 13) - 1),
            infinity: splat(0x7f80_0000),
            sign: splat(0x8000_0000),
        }
    }

    /// Four floats of the sixteen bits in each lane's upper half, where the sign is in its place already.
    #[inline(always)]
    fn widened(self, wide: v128) -> v128 {
        let magnitude = v128_and(i32x4_shr(wide, 3), self.magnitudes);
        let special = v128_and(i32x4_gt(magnitude, self.finite), self.infinity);
        v128_or(v128_or(f32x4_mul(magnitude, self.rebias), special), v128_and(wide, self.sign))
    }
}

/// Eight at a time through `convert`, which gets their bits as the upper halves of lanes, the rest through the twin.
#[inline(always)]
fn widen(bits: &[u16], out: &mut [f32], convert: impl Fn(v128) -> v128, rest: fn(&[u16], &mut [f32])) {
    let len = bits.len().min(out.len());
    let (eights, bits_rest) = bits[..len].as_chunks::<8>();
    let (eight_out, out_rest) = out[..len].as_chunks_mut::<8>();
    let zero = u32x4_splat(0);
    for (bits, out) in eights.iter().zip(eight_out) {
        // SAFETY: `bits` is 16 bytes, `out` 32.
        unsafe {
            let eight = v128_load(bits.as_ptr().cast());
            let [low, high] = [
                i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(zero, eight),
                i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(zero, eight),
            ];
            v128_store(out.as_mut_ptr().cast(), convert(low));
            v128_store(out.as_mut_ptr().add(4).cast(), convert(high));
        }
    }
    rest(bits_rest, out_rest);
}
