//! The loops over logits, each written twice: `scalar` is the readable reference, `simd128` gives the same bits faster.
//!
//! Both follow one stated order, so that a sum is the same number on every machine: a block of 32 is eight vectors of four lanes;
//! the eight are added lane by lane, first to last; the four lanes are folded as (0 + 2) + (1 + 3); blocks are added in double,
//! first to last. (Rough sums and bounds, which decide nothing close, sum up to 32 blocks in float32, in an equally fixed order.)
//! Nothing here uses fused multiply-add or relaxed SIMD.
//!
//! This file alone chooses which of the two runs.

use crate::math;

// With `simd128`, only the tests use most of it.
#[cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), allow(dead_code, unused_imports))]
pub(crate) mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[allow(unsafe_code)] // loads and stores through pointers, each site with its reason
pub(crate) mod simd128;
#[cfg(test)]
mod tests;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use scalar::*;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use simd128::*;

/// Logits per block. A mask's word covers one block; the bitmask of a block is one `u32`.
pub(crate) const BLOCK: usize = 32;

/// A block of logits.
pub(crate) type Block = [f32; BLOCK];

/// What the pass over a row learned besides the block maxima.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scan {
    /// The largest logit; meaningless if the row holds a NaN.
    pub max: f32,
    /// Whether a product of four logits was NaN: either one of them is, or a zero has met an infinity (-Infinity, or large logits
    /// that overflowed), which is harmless.
    pub suspicious: bool,
}

/// Sums over a distribution's terms, `e = exp((x - max) * scale)` for the logits at or above a floor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    /// Sum of `e`.
    pub mass: f64,
    /// Sum of `e * (x - max) * scale`, at most 0.
    pub energy: f64,
    /// Sum of `e * e`.
    pub squares: f64,
}

impl Sums {
    /// The entropy in nats.
    pub fn entropy(&self) -> f64 {
        math::ln(self.mass) - self.energy / self.mass
    }
}

/// The number of bins of a spread of the mass, a power of two.
pub(crate) const BINS: usize = 2048;
pub(crate) const LAST_BIN: f32 = (BINS - 1) as f32;
/// 2^23: from here on floats are integers, so adding it to a smaller float leaves the nearest integer in the low bits.
pub(crate) const INTEGERS: f32 = 8_388_608.0;

/// Sums over the logits at or above a floor, each less a shift.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    pub count: u32,
    /// Sum of `x - shift`.
    pub sum: f64,
    /// Sum of `(x - shift)^2`.
    pub squares: f64,
}

/// How exponents are computed from logits and a temperature.
#[derive(Clone, Copy)]
pub(crate) enum Division {
    /// torch's: `x / divisor - max` with the quotient in float32; `max` is such a quotient too.
    Single { divisor: f32, max: f64 },
    /// numpy's: `(x - max) / divisor` in double.
    Double { divisor: f64, max: f64 },
}

impl Division {
    /// torch's division, for logits from `least` to `max`, both finite, and a temperature above 0. It is in float32; where that
    /// would overflow, distances from the largest logit are divided in double instead.
    pub fn torch(max: f32, least: f32, temperature: f64) -> Self {
        let divisor = temperature as f32;
        let in_range = divisor > 0.0 && divisor < f32::INFINITY;
        if in_range && (max / divisor).is_finite() && (least / divisor).is_finite() {
            Self::Single { divisor, max: f64::from(max / divisor) }
        } else {
            Self::Double { divisor: temperature, max: f64::from(max) }
        }
    }

    /// A logit's exponent.
    #[inline(always)]
    pub fn exponent(self, x: f32) -> f64 {
        match self {
            Self::Single { divisor, max } => f64::from(x / divisor) - max,
            Self::Double { divisor, max } => (f64::from(x) - max) / divisor,
        }
    }
}

/// Below this, `exp` returns 0: e^-87 is still a normal number, so results never fall below 2^-126 times a mantissa.
pub(crate) const EXP_LOWEST: f32 = -87.0;
/// 1.5 * 2^23: adding it rounds to the nearest integer and leaves that integer in the low bits.
pub(crate) const ROUND: f32 = 12_582_912.0;
/// Exponents in double down to this one have exponentials in the normal range.
pub(crate) const EXP_NORMAL: f64 = -700.0;
/// 1.5 * 2^52: what `ROUND` is to a float32, to a double.
pub(crate) const ROUND_DOUBLE: f64 = 6_755_399_441_055_744.0;
pub(crate) const LOG2_E: f32 = core::f32::consts::LOG2_E;
/// ln 2 in two parts; the first has nine significant bits, so that its product with an exponent is exact.
pub(crate) const LN_2_HIGH: f32 = 0.693_359_4;
pub(crate) const LN_2_LOW: f32 = -2.121_944_4e-4;
/// e^r = 1 + r + r^2 * q(r) on |r| <= ln(2) / 2; q by weighted least squares driven to equal ripple, error 5e-9 before rounding.
pub(crate) const EXP_Q: [f32; 5] = [0.499_999_94, 0.166_665_2, 0.041_668_393, 0.008_368_781, 0.001_381_446_7];

/// A rough 2^y, for y from -126 to 0, is read off the bits of `y + ROUGH_ONE`: a float from 512 to 1,024 has 14 bits for its
/// fraction, and once it is shifted left by `ROUGH_SHIFT`, the part above 512 becomes the exponent (biased by 127) and the
/// fraction of 2^y.
pub(crate) const ROUGH_ONE: f32 = 512.0 + 127.0;
pub(crate) const ROUGH_LEAST: f32 = 512.0 + 1.0;
pub(crate) const ROUGH_SHIFT: u32 = 9;
/// On [0, 1], 1 + f is at least 2^f and at most 1.0615 times that. The thousandth covers all rounding.
pub(crate) const ROUGH_UNDER: f64 = 0.999;
pub(crate) const ROUGH_OVER: f64 = 1.0625;

/// The scales at which rough terms are as accurate as stated: a difference of logits times the scale neither underflows nor overflows.
const ROUGH_SCALES: core::ops::Range<f32> = 1e-30..1e30;

pub(crate) fn is_rough_scale(scale: f32) -> bool {
    ROUGH_SCALES.contains(&scale)
}

/// `ROUGH_ONE` and a little more, so that rounding never makes a bound less than the term it bounds.
pub(crate) const BOUND_ONE: f32 = ROUGH_ONE + 1.0 / 1024.0;
/// The shift leaves none of its bits, which gives 0.
pub(crate) const BOUND_LEAST: f32 = 512.0;

/// Returns a scale at which rough terms are bounds of the terms at `scale`: a smaller scale makes terms larger.
fn bounding_scale(scale: f32) -> f32 {
    if scale < ROUGH_SCALES.start {
        0.0
    } else if scale < ROUGH_SCALES.end {
        scale
    } else {
        ROUGH_SCALES.end
    }
}
