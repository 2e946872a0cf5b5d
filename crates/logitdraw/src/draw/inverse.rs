//! Inverse CDF over the survivors in ascending ids: one uniform, the rule of short lists.

use crate::kernels::{self, BLOCK};
use crate::survivors::Survivors;
use crate::walk::lane_of;

/// For up to this many blocks, the terms computed for the sum are kept for the walk.
const FEW_BLOCKS: usize = 4;

/// The place of the first survivor whose running sum of weights exceeds `u` (in [0, 1)) times the whole.
pub(crate) fn draw(alive: &mut Survivors<'_>, u: f64) -> u32 {
    let (max, scale, floor) = alive.opened_law();
    let count = alive.block_count();
    let mut kept = [[0.0; BLOCK]; FEW_BLOCKS];
    let are_kept = count <= FEW_BLOCKS;
    let mut whole = 0.0;
    if are_kept {
        for (block, terms) in kept[..count].iter_mut().enumerate() {
            *terms = kernels::terms(alive.block(block), max, scale, floor);
            whole += f64::from(kernels::block_sum(terms));
        }
    } else {
        whole = alive.mass();
    }
    let mut left = u * whole;
    let mut last = 0;
    for block in 0..count {
        if alive.block_max(block) < floor {
            continue;
        }
        let terms = match kept.get(block) {
            Some(terms) if are_kept => *terms,
            _ => kernels::terms(alive.block(block), max, scale, floor),
        };
        let mass = f64::from(kernels::block_sum(&terms));
        if mass == 0.0 {
            continue;
        }
        let first = (block * BLOCK) as u32;
        if left < mass {
            let lane = lane_of(&terms, left).unwrap_or_else(|| {
                // What rounding has added to the block's sum goes to its best token: the last may be next to impossible.
                let best = alive.block_max(block);
                kernels::at_least(alive.block(block), best).trailing_zeros() as usize
            });
            return first + lane as u32;
        }
        left -= mass;
        last = first + terms.iter().rposition(|term| *term > 0.0).unwrap_or(0) as u32;
    }
    last
}
