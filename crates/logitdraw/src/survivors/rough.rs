//! Masses to a few percent, in a third of the time: enough where a question is rarely close.

use super::Survivors;
use crate::kernels::{self, ROUGH_OVER, ROUGH_UNDER};
use core::ops::RangeInclusive;

/// Rough masses on both sides of a logit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sides {
    above: f64,
    below: f64,
}

impl Sides {
    /// Between which the sum of the weights at or above the logit lies.
    pub fn above(self) -> RangeInclusive<f64> {
        bounds(self.above)
    }

    /// Between which the sum of the weights below it lies.
    pub fn below(self) -> RangeInclusive<f64> {
        bounds(self.below)
    }
}

fn bounds(rough: f64) -> RangeInclusive<f64> {
    rough / ROUGH_OVER..=rough / ROUGH_UNDER
}

impl Survivors<'_> {
    /// Whether masses can be told roughly: no edit waits, and the temperature is not beyond all measure.
    pub fn has_rough_masses(&self) -> bool {
        !self.has_waiting() && kernels::is_rough_scale(self.scale)
    }

    /// Adds, of the blocks whose maximum reaches `x`, the weights on both sides of it; nothing below `floor` has any.
    pub fn add_blocks_from(&mut self, x: f32, floor: f32, sides: Sides) -> Sides {
        self.add_rough(x, floor, sides, |maxima| kernels::at_least(maxima, x))
    }

    /// Adds the weights of all other blocks.
    pub fn add_blocks_below(&mut self, x: f32, floor: f32, sides: Sides) -> Sides {
        let least = floor.max(self.lowest());
        self.add_rough(x, floor, sides, |maxima| kernels::at_least(maxima, least) & !kernels::at_least(maxima, x))
    }

    fn add_rough(&mut self, x: f32, floor: f32, sides: Sides, bits: impl Fn(&kernels::Block) -> u32) -> Sides {
        let (max, scale) = (self.max(), self.scale);
        let mut sums = (sides.above, sides.below);
        for (maxima, blocks) in self.maxima.iter().zip(self.blocks.chunks(kernels::BLOCK)) {
            let bits = bits(maxima);
            if bits != 0 {
                sums = kernels::add_rough_masses(blocks, bits, max, scale, floor, x, sums);
            }
        }
        Sides { above: sums.0, below: sums.1 }
    }
}
