//! Greedy: the largest logit, ties to the lowest id.

use crate::kernels::{self, BLOCK};
use crate::survivors::Survivors;

/// The place of the best survivor.
pub(crate) fn draw(alive: &mut Survivors<'_>) -> u32 {
    let max = alive.max();
    for group in 0..alive.maxima().len() {
        let mut blocks = kernels::at_least(&alive.maxima()[group], max);
        while blocks != 0 {
            let block = group * BLOCK + blocks.trailing_zeros() as usize;
            blocks &= blocks - 1;
            // Waiting edits may have lowered its maximum.
            let bits = kernels::at_least(alive.block(block), max);
            if bits != 0 {
                return (block * BLOCK) as u32 + bits.trailing_zeros();
            }
        }
    }
    // Unreachable: some block holds the maximum. A panic would add a message that nobody reads.
    0
}
