//! Greedy: the largest logit, ties to the lowest id.

use crate::kernels;
use crate::survivors::Survivors;

/// The place of the best survivor.
pub(crate) fn draw(alive: &mut Survivors<'_>) -> u32 {
    let max = alive.max();
    for block in 0..alive.block_count() {
        if alive.block_max(block) >= max {
            let bits = kernels::at_least(alive.block(block), max);
            if bits != 0 {
                return (block * kernels::BLOCK) as u32 + bits.trailing_zeros();
            }
        }
    }
    unreachable!("some block holds the maximum")
}
