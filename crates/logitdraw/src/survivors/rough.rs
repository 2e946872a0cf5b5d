//! Masses accurate to a few percent, in a third of the time: enough for questions that are rarely close.

use super::{MARGIN, Survivors};
use crate::kernels::{self, ROUGH_OVER, ROUGH_UNDER};
use crate::key;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// Only a few tokens can be as probable as this.
const PROBABLE: f64 = 0.005;

/// Rough masses on both sides of a logit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sides {
    above: f64,
    below: f64,
}

impl Sides {
    /// Bounds of the sum of the weights at or above the logit.
    pub fn above(self) -> RangeInclusive<f64> {
        bounds(self.above)
    }

    /// Bounds of the sum of the weights below it.
    pub fn below(self) -> RangeInclusive<f64> {
        bounds(self.below)
    }

    /// Bounds of the sum of both.
    pub fn whole(self) -> RangeInclusive<f64> {
        bounds(self.above + self.below)
    }
}

fn bounds(rough: f64) -> RangeInclusive<f64> {
    rough / ROUGH_OVER..=rough / ROUGH_UNDER
}

impl Survivors<'_> {
    /// Whether rough masses are available, as they are at all but extreme temperatures.
    pub fn has_rough_masses(&self) -> bool {
        kernels::is_rough_scale(self.scale)
    }

    /// Adds the weights on both sides of `x` in the blocks whose maximum is at least `least` and below `end`; logits below
    /// `floor` have none.
    pub fn add_blocks(&mut self, least: f32, end: f32, floor: f32, x: f32, sides: Sides) -> Sides {
        self.open(least);
        let (max, scale) = (self.max(), self.scale);
        let mut sums = (sides.above, sides.below);
        // Then each of their tokens is below `x`, and at or above the floor unless it is masked; a masked one adds 2^-126.
        let are_below = end <= x && floor == f32::MIN;
        for (maxima, blocks) in self.maxima.iter().zip(self.blocks.chunks(kernels::BLOCK)) {
            let bits = kernels::at_least(maxima, least) & !kernels::at_least(maxima, end);
            if bits != 0 && are_below {
                sums.1 = kernels::add_rough_mass(blocks, bits, max, scale, sums.1);
            } else if bits != 0 {
                sums = kernels::add_rough_masses(blocks, bits, max, scale, floor, x, sums);
            }
        }
        Sides { above: sums.0, below: sums.1 }
    }

    /// Keys of the survivors with at least a probability, as `collect` returns them. Where these are few, a rough mass mostly
    /// suffices to find them.
    pub fn collect_probable(&mut self, probability: f64) -> &mut Vec<u64> {
        if probability >= PROBABLE && self.has_rough_masses() {
            let (_, _, floor) = self.opened_law();
            let mass = self.add_blocks(floor, f32::INFINITY, floor, f32::INFINITY, Sides::default()).whole();
            let low = self.logit_of_probability(probability, mass.start() * (1.0 - MARGIN));
            let high = self.logit_of_probability(probability, mass.end() * (1.0 + MARGIN));
            if self.collect(low).iter().all(|key| key::unpack(*key).0 >= high) {
                return self.keys;
            }
        }
        let mass = self.mass();
        let least = self.logit_of_probability(probability, mass);
        self.collect(least)
    }
}
