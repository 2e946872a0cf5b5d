//! Upper bounds of what blocks weigh, summed by group and by section: an envelope to draw a block from. Bounds come down as
//! blocks are opened.

use crate::kernels::{self, BLOCK, Block, ROUGH_OVER};
use crate::walk::walk;
use alloc::vec;
use alloc::vec::Vec;

/// Blocks in a group, and groups in a section.
const GROUP: usize = BLOCK;
const SECTION: usize = 8;

pub(crate) struct Pyramid {
    /// A 32nd of each block's bound.
    weights: Vec<Block>,
    groups: Vec<f32>,
    sections: Vec<f32>,
    total: f64,
    /// The rough bounds of the blocks that were lowered, less the 32nd of each that `total` includes.
    hidden: f64,
}

impl Pyramid {
    /// Allocates room for `blocks` blocks.
    pub fn new(blocks: usize) -> Self {
        let groups = blocks.div_ceil(GROUP);
        let sections = groups.div_ceil(SECTION);
        Self {
            weights: vec![[0.0; GROUP]; groups],
            groups: vec![0.0; sections * SECTION],
            sections: vec![0.0; sections],
            total: 0.0,
            hidden: 0.0,
        }
    }

    /// Bounds each block by 32 times the rough weight of its maximum, 0 below the floor.
    pub fn weigh(&mut self, maxima: &[Block], max: f32, scale: f32, floor: f32) {
        self.groups.fill(0.0);
        kernels::bound(maxima, max, scale, floor, &mut self.weights, &mut self.groups);
        for section in 0..self.sections.len() {
            self.sum_section(section);
        }
        self.sum_total();
        self.hidden = 0.0;
    }

    /// The sum of all bounds, in 32nds.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// A lower bound of the mass of all blocks, except some whose bounds (in 32nds) sum to `less`: it counts each block's
    /// maximum, or all of a block that was lowered. Valid only for a scale for which `is_rough_scale` holds.
    pub fn least_mass(&self, less: f64) -> f64 {
        (self.total + self.hidden - less) / ROUGH_OVER
    }

    /// A block's bound, in 32nds.
    pub fn weight(&self, block: usize) -> f32 {
        self.weights[block / GROUP][block % GROUP]
    }

    /// Lowers a block's bound to `mass`: `rough`, which bounds the block's weight from above, or the weight itself if it is known.
    pub fn lower(&mut self, block: usize, rough: f32, mass: f32) {
        let group = block / GROUP;
        let weights = &mut self.weights[group];
        let bound = &mut weights[block % GROUP];
        let part = 1.0 / BLOCK as f32;
        // Holds only the first time: afterwards the bound is at most this.
        if rough * part < *bound {
            self.hidden += f64::from(rough * (1.0 - part));
        }
        *bound = mass * part;
        self.groups[group] = kernels::block_sum(weights);
        self.sum_section(group / SECTION);
        self.sum_total();
    }

    /// Returns the block in which `target` (below the total) falls, and leaves in `target` the remainder within that block. The
    /// block's weight is above 0, unless all weights are 0.
    pub fn find(&self, target: &mut f64) -> usize {
        let section = walk(&self.sections, 1, target);
        let group = section * SECTION + walk(self.groups_of(section), 1, target);
        let weights = &self.weights[group];
        // By columns of eight first, which halves the number of steps.
        let columns = kernels::lanes_sum(weights);
        let column = walk(&columns, 1, target);
        group * GROUP + column + walk(&weights[column..], columns.len(), target)
    }

    #[inline(always)]
    fn groups_of(&self, section: usize) -> &[f32; SECTION] {
        &self.groups.as_chunks().0[section]
    }

    #[inline(always)]
    fn sum_section(&mut self, section: usize) {
        self.sections[section] = self.groups_of(section).iter().fold(0.0, |sum, group| sum + group);
    }

    #[inline(always)]
    fn sum_total(&mut self) {
        // The standard library's `sum` would be a call here, and this runs once per try.
        self.total = self.sections.iter().fold(0.0, |sum, section| sum + f64::from(*section));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Random;
    use std::vec::Vec;

    /// Sizes that fill whole groups and sections, and sizes that do not.
    const BLOCKS: [usize; 6] = [1, 31, 32, 300, 2048, 2049];

    /// Random maxima, padded to whole groups.
    fn maxima(random: &mut Random, blocks: usize) -> Vec<Block> {
        let mut maxima = std::vec![[f32::NEG_INFINITY; BLOCK]; blocks.div_ceil(GROUP)];
        maxima.as_flattened_mut()[..blocks].fill_with(|| 3.0 * random.normal());
        maxima
    }

    #[test]
    fn find_returns_blocks_in_proportion_to_their_weights() {
        let mut random = Random(3);
        for blocks in BLOCKS {
            let maxima = maxima(&mut random, blocks);
            let max = maxima.as_flattened().iter().copied().fold(f32::MIN, f32::max);
            let mut pyramid = Pyramid::new(blocks);
            pyramid.weigh(&maxima, max, 1.0, f32::MIN);
            let mut seen = std::vec![0.0; blocks];
            let steps = 100_000;
            for step in 0..steps {
                let mut left = (f64::from(step) + 0.5) / f64::from(steps) * pyramid.total();
                let block = pyramid.find(&mut left);
                let weight = f64::from(pyramid.weight(block));
                assert!((0.0..weight * 1.000_01).contains(&left), "{blocks}, {block}: {left} of {weight}");
                seen[block] += pyramid.total() / f64::from(steps);
            }
            // Evenly spaced targets fall on each block in proportion to its weight, give or take one in each of its sums.
            for (block, seen) in seen.into_iter().enumerate() {
                let weight = f64::from(pyramid.weight(block));
                assert!((seen - weight).abs() <= 3e-5 * pyramid.total(), "{blocks}, {block}: {seen}, not {weight}");
            }
        }
    }

    #[test]
    fn least_mass_is_a_lower_bound_however_blocks_are_lowered() {
        let mut random = Random(4);
        for blocks in BLOCKS {
            let maxima = maxima(&mut random, blocks);
            let max = maxima.as_flattened().iter().copied().fold(f32::MIN, f32::max);
            let mut pyramid = Pyramid::new(blocks);
            pyramid.weigh(&maxima, max, 1.0, f32::MIN);
            // Each block's mass is between its maximum's weight and 32 times that.
            let weights: Vec<f32> = maxima.as_flattened()[..blocks].iter().map(|x| kernels::exp(x - max)).collect();
            let masses: Vec<f32> =
                weights.iter().map(|weight| weight * (1.0 + 31.0 * random.uniform() as f32)).collect();
            let roughs: Vec<f32> = masses.iter().map(|mass| mass * (1.001 + 0.06 * random.uniform() as f32)).collect();
            let whole: f64 = masses.iter().copied().map(f64::from).sum();
            for _ in 0..4 * blocks {
                let block = random.below(blocks);
                // Roughly or exactly; below, each block once more, exactly.
                let (rough, mass) = (roughs[block], masses[block]);
                pyramid.lower(block, rough, if random.below(2) == 0 { rough } else { mass });
                assert!(pyramid.least_mass(0.0) <= whole, "{blocks}");
                let less = f64::from(pyramid.weight(block));
                assert!(pyramid.least_mass(less) < pyramid.least_mass(0.0), "{blocks}");
            }
            for block in 0..blocks {
                pyramid.lower(block, roughs[block], masses[block]);
            }
            assert!(pyramid.least_mass(0.0) >= whole / 1.07, "{blocks}: every mass is exact");
            assert!((pyramid.total() * 32.0 / whole - 1.0).abs() < 1e-5, "{blocks}");
        }
    }
}
