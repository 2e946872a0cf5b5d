//! The mass by logit, in bins of equal width.

use super::super::{BINS, BLOCK, Block, EXP_LOWEST, INTEGERS, LAST_BIN};
use super::{block_sum, pmax, terms, weighs};

/// The bin nearest to a logit: `(max - x) * bins_a_logit`, or the last bin if that is less. It never falls as logits fall.
#[inline]
pub(crate) fn bin(x: f32, max: f32, bins_a_logit: f32) -> usize {
    let bin = (max - x) * bins_a_logit;
    let bin = if bin < LAST_BIN { bin } else { LAST_BIN };
    ((bin + INTEGERS).to_bits() - INTEGERS.to_bits()) as usize % BINS
}

/// Adds each term at or above `floor` to the mass of its logit's bin, first to last; returns the mass and the energy, which are
/// those of `sums`.
pub(crate) fn spread(
    row: &[Block],
    maxima: &[f32],
    (max, scale, floor): (f32, f32, f32),
    bins_a_logit: f32,
    masses: &mut [f64; BINS],
) -> (f64, f64) {
    let mut total = (0.0, 0.0);
    for (block, block_max) in row.iter().zip(maxima) {
        if weighs(*block_max, max, scale, floor) {
            let e = terms(block, max, scale, floor);
            let mut energy = [0.0; BLOCK];
            for (lane, x) in block.iter().enumerate() {
                energy[lane] = e[lane] * pmax(EXP_LOWEST, (x - max) * scale);
                masses[bin(*x, max, bins_a_logit)] += f64::from(e[lane]);
            }
            total.0 += f64::from(block_sum(&e));
            total.1 += f64::from(block_sum(&energy));
        }
    }
    total
}
