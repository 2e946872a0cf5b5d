//! Doubles and words, for the rules of other libraries.

use crate::generator::mt19937;
use crate::math;

/// e^x in place of each exponent x, which is at most 0: `math::exp`, bit for bit.
pub(crate) fn exps(exponents: &mut [f64]) {
    for x in exponents {
        *x = math::exp(*x);
    }
}

/// Divides in double and rounds to float32.
pub(crate) fn singles(numbers: &mut [f64], divisor: f64) {
    for x in numbers {
        *x = f64::from((*x / divisor) as f32);
    }
}

/// The Mersenne Twister's words as it gives them, of those of its state. As many as both lists have, which are equally long.
pub(crate) fn temper(words: &[u32], out: &mut [u32]) {
    for (word, out) in words.iter().zip(out) {
        *out = mt19937::temper(*word);
    }
}
