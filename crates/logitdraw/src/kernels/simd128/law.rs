//! The exponential, and the terms of a distribution.

use super::super::{Block, EXP_LOWEST, EXP_Q, LN_2_HIGH, LN_2_LOW, LOG2_E, ROUND};
use super::{fold, load};
use crate::key;
use core::arch::wasm32::*;

/// The exponential's constants, as whole vectors. Loaded at the start of a kernel rather than written into it: V8 rebuilds a
/// constant vector, in three instructions, wherever a loop needs it.
static CONSTANTS: [[f32; 4]; 11] = [
    [LOG2_E; 4],
    [ROUND; 4],
    [LN_2_HIGH; 4],
    [LN_2_LOW; 4],
    [EXP_Q[0]; 4],
    [EXP_Q[1]; 4],
    [EXP_Q[2]; 4],
    [EXP_Q[3]; 4],
    [EXP_Q[4]; 4],
    [1.0; 4],
    [EXP_LOWEST; 4],
];

#[derive(Clone, Copy)]
struct Exp {
    log2_e: v128,
    round: v128,
    ln_2_high: v128,
    ln_2_low: v128,
    q: [v128; 5],
    one: v128,
    lowest: v128,
}

impl Exp {
    #[inline(always)]
    fn new() -> Self {
        let constants = core::hint::black_box(&CONSTANTS);
        // SAFETY: each constant is four floats.
        let vector = |place: usize| unsafe { v128_load(constants[place].as_ptr().cast()) };
        Self {
            log2_e: vector(0),
            round: vector(1),
            ln_2_high: vector(2),
            ln_2_low: vector(3),
            q: [vector(4), vector(5), vector(6), vector(7), vector(8)],
            one: vector(9),
            lowest: vector(10),
        }
    }

    /// e^y, for y no less than `lowest`.
    #[inline(always)]
    fn of(self, y: v128) -> v128 {
        let [q0, q1, q2, q3, q4] = self.q;
        let rounded = f32x4_add(f32x4_mul(y, self.log2_e), self.round);
        let n = f32x4_sub(rounded, self.round);
        let r = f32x4_sub(y, f32x4_mul(n, self.ln_2_high));
        let r = f32x4_sub(r, f32x4_mul(n, self.ln_2_low));
        let q = f32x4_add(q3, f32x4_mul(r, q4));
        let q = f32x4_add(q2, f32x4_mul(r, q));
        let q = f32x4_add(q1, f32x4_mul(r, q));
        let q = f32x4_add(q0, f32x4_mul(r, q));
        let p = f32x4_add(self.one, f32x4_add(r, f32x4_mul(f32x4_mul(r, r), q)));
        i32x4_add(p, i32x4_shl(rounded, 23))
    }
}

/// What every term needs, splatted once.
#[derive(Clone, Copy)]
pub(super) struct Law {
    exp: Exp,
    max: v128,
    scale: v128,
    pub floor: v128,
}

impl Law {
    #[inline(always)]
    pub fn new(max: f32, scale: f32, floor: f32) -> Self {
        // Opaque, because they would otherwise be splatted again wherever a loop needs them.
        let splat = |x| core::hint::black_box(f32x4_splat(x));
        Self { exp: Exp::new(), max: splat(max), scale: splat(scale), floor: splat(floor) }
    }

    /// `(x - max) * scale`.
    #[inline(always)]
    fn exponent(self, x: v128) -> v128 {
        f32x4_mul(f32x4_sub(x, self.max), self.scale)
    }

    /// The exponent, clamped where the term is 0 anyway: -Infinity times 0 would be NaN.
    #[inline(always)]
    pub fn finite_exponent(self, x: v128) -> v128 {
        f32x4_pmax(self.exp.lowest, self.exponent(x))
    }

    /// `exp((x - max) * scale)`, 0 below the floor.
    #[inline(always)]
    pub fn term(self, x: v128) -> v128 {
        let y = self.exponent(x);
        v128_and(self.exp.of(y), v128_and(f32x4_ge(y, self.exp.lowest), f32x4_ge(x, self.floor)))
    }

    /// The same, if the floor is the result of [`weighing`].
    #[inline(always)]
    pub fn weighing_term(self, x: v128) -> v128 {
        v128_and(self.exp.of(self.exponent(x)), f32x4_ge(x, self.floor))
    }

    /// The sum of a block's terms, for a floor as `weighing_term` needs it.
    #[inline(always)]
    pub fn block_mass(self, block: &Block) -> f32 {
        // No term is a negative zero, so that the sum may begin with a zero rather than with the first term.
        let mut lanes = f32x4_splat(0.0);
        each_vector!(|vector| {
            lanes = f32x4_add(lanes, self.weighing_term(load(block, vector)));
        });
        fold(lanes)
    }
}

/// The least logit whose term is not 0: at or above the floor, and not too far below the largest logit. Rounding is monotone, so
/// a comparison with it is all that a term needs.
pub(crate) fn weighing(max: f32, scale: f32, floor: f32) -> f32 {
    let (mut low, mut high) = (key::ascending(floor), key::ascending(max));
    while low < high {
        let middle = low + (high - low) / 2;
        let weighs = (key::from_ascending(middle) - max) * scale >= EXP_LOWEST;
        (low, high) = if weighs { (low, middle) } else { (middle + 1, high) };
    }
    key::from_ascending(low)
}
