//! Loops over doubles and words, for the rules of other libraries.

use super::super::{BLOCK, Block, Division, EXP_NORMAL, ROUND_DOUBLE};
use crate::generator::mt19937;
use crate::math::{self, INV_LN2};

/// Writes the exponents of the logits at or above `floor`, and -Infinity for all others, as many as `out` has room for. Blocks
/// whose maximum is below the floor are not read, since their edits may still wait.
pub(crate) fn exponents(row: &[Block], maxima: &[f32], floor: f32, division: Division, out: &mut [f64]) {
    for ((block, block_max), out) in row.iter().zip(maxima).zip(out.chunks_mut(BLOCK)) {
        for (x, out) in block.iter().zip(out) {
            *out = if *block_max >= floor && *x >= floor { division.exponent(*x) } else { f64::NEG_INFINITY };
        }
    }
}

/// Replaces each exponent x, which is at most 0, by e^x: `math::exp`, bit for bit.
pub(crate) fn exps(exponents: &mut [f64]) {
    let (groups, rest) = exponents.as_chunks_mut::<32>();
    for group in groups {
        // Without branches, so that compilers vectorise it.
        let plain = group.iter().fold(true, |plain, x| plain & (*x >= EXP_NORMAL));
        if plain {
            for x in group {
                *x = normal(*x);
            }
        } else {
            each(group);
        }
    }
    each(rest);
}

fn each(exponents: &mut [f64]) {
    for x in exponents {
        *x = math::exp(*x);
    }
}

/// `math::exp` for x from `EXP_NORMAL` to 0.
#[inline(always)]
fn normal(x: f64) -> f64 {
    // The least integer that is not below, which is what truncation gives there.
    let below = INV_LN2 * x - 0.5;
    let nearest = (below + ROUND_DOUBLE) - ROUND_DOUBLE;
    let n = nearest + if nearest < below { 1.0 } else { 0.0 };
    let power = f64::from_bits(1f64.to_bits().wrapping_add((n + ROUND_DOUBLE).to_bits() << 52));
    math::exp_of_rest(x, n) * power
}

/// Divides in double and rounds to float32.
pub(crate) fn singles(numbers: &mut [f64], divisor: f64) {
    for x in numbers {
        *x = f64::from((*x / divisor) as f32);
    }
}

/// Divides in double.
pub(crate) fn quotients(numbers: &mut [f64], divisor: f64) {
    for x in numbers {
        *x /= divisor;
    }
}

/// Makes the Mersenne Twister's output words from the words of its state. Both lists have the same length.
pub(crate) fn temper(words: &[u32], out: &mut [u32]) {
    for (word, out) in words.iter().zip(out) {
        *out = mt19937::temper(*word);
    }
}
