//! The one pass over a row: finds each block's maximum, and whether all values are logits.

use super::super::{Block, Scan};
use super::{block_max, pmax};

/// Lane by lane, the product of the four logits in each half of the block (multiplied in pairs), without signs, the two added.
/// NaN if a logit is, or if a zero has met an infinity.
#[inline]
fn lanes_products(block: &Block) -> [f32; 4] {
    core::array::from_fn(|lane| {
        let pair = |vector: usize| block[4 * vector + lane] * block[4 * vector + 4 + lane];
        (pair(0) * pair(2)).abs() + (pair(4) * pair(6)).abs()
    })
}

/// Writes each block's maximum to `maxima` (one per block); tells whether the row looks clean.
pub(crate) fn scan(row: &[Block], maxima: &mut [f32]) -> Scan {
    let mut max = f32::NEG_INFINITY;
    // A NaN stays in its sum, and nothing else turns a sum into NaN, since no product is negative.
    let mut sums = [0.0; 4];
    for (block, out) in row.iter().zip(maxima.iter_mut()) {
        *out = block_max(block);
        max = pmax(max, *out);
        for (sum, products) in sums.iter_mut().zip(lanes_products(block)) {
            *sum += products;
        }
    }
    Scan { max, suspicious: sums.iter().any(|sum: &f32| sum.is_nan()) }
}

/// Whether a block holds a NaN: the closer look at a suspicious row.
pub(crate) fn has_nan(block: &Block) -> bool {
    block.iter().any(|x| x.is_nan())
}

/// Eight vectors of four lanes, added lane by lane in pairs of pairs. Only `scan_masked` uses this, to look for a NaN.
#[inline]
fn lanes_pair_sum(block: &Block) -> [f32; 4] {
    core::array::from_fn(|lane| {
        let pair = |vector: usize| block[4 * vector + lane] + block[4 * vector + 4 + lane];
        (pair(0) + pair(2)) + (pair(4) + pair(6))
    })
}

/// Masks and scans at once: everything whose bit in `mask` (one word per block, 0 past its end) is 0 becomes -Infinity, and the
/// maxima are those of what is left. Stops before a block that looks bad, leaving it as it was; returns how many blocks are done
/// and their maximum.
pub(crate) fn scan_masked(row: &mut [Block], mask: &[u32], maxima: &mut [f32]) -> (usize, f32) {
    let mut max = f32::NEG_INFINITY;
    for (index, (block, out)) in row.iter_mut().zip(maxima.iter_mut()).enumerate() {
        if !lanes_pair_sum(block).iter().all(|sum| *sum < f32::INFINITY) {
            return (index, max);
        }
        *out = mask_block(block, mask.get(index).copied().unwrap_or(0));
        max = pmax(max, *out);
    }
    (row.len(), max)
}

/// Sets everything whose bit is 0 to -Infinity; returns the maximum of what is left.
#[inline]
pub(crate) fn mask_block(block: &mut Block, word: u32) -> f32 {
    for (lane, x) in block.iter_mut().enumerate() {
        if word >> lane & 1 == 0 {
            *x = f32::NEG_INFINITY;
        }
    }
    block_max(block)
}
