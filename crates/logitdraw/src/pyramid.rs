//! What blocks may weigh, and the sums of that by group and by section: an envelope to draw a block from, whose bounds come down as
//! blocks are looked into.

use crate::kernels::{self, BLOCK, Block};
use crate::walk::walk;
use alloc::vec;
use alloc::vec::Vec;

/// Maxima a group holds, and groups a section.
const GROUP: usize = BLOCK;
const SECTION: usize = 8;

pub(crate) struct Pyramid {
    /// A 32nd of what each block may weigh.
    weights: Vec<Block>,
    groups: Vec<f64>,
    sections: Vec<f64>,
    total: f64,
    /// What the blocks that were lowered weigh more than their part of `total`.
    hidden: f64,
    /// Groups in use.
    len: usize,
}

impl Pyramid {
    /// Room for so many blocks.
    pub fn new(blocks: usize) -> Self {
        let groups = blocks.div_ceil(GROUP);
        Self {
            weights: vec![[0.0; BLOCK]; groups],
            groups: vec![0.0; groups],
            sections: vec![0.0; groups.div_ceil(SECTION)],
            total: 0.0,
            hidden: 0.0,
            len: 0,
        }
    }

    /// Bounds each block by 32 times the weight of its maximum, 0 below the floor.
    pub fn weigh(&mut self, maxima: &[Block], max: f32, scale: f32, floor: f32) {
        self.len = maxima.len();
        let weights = &mut self.weights[..self.len];
        kernels::weigh(maxima.as_flattened(), max, scale, floor, weights.as_flattened_mut());
        for (sum, weights) in self.groups.iter_mut().zip(weights) {
            *sum = f64::from(kernels::block_sum(weights));
        }
        for section in 0..self.len.div_ceil(SECTION) {
            self.sum_section(section);
        }
        self.sum_total();
        self.hidden = 0.0;
    }

    /// The sum of all bounds, in 32nds.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// What all blocks weigh at least: their maxima, and those that were lowered all that they hold.
    pub fn least_mass(&self) -> f64 {
        self.total + self.hidden
    }

    /// What a block may weigh, in 32nds.
    pub fn weight(&self, block: usize) -> f32 {
        self.weights[block / GROUP][block % GROUP]
    }

    /// Bounds a block by its mass, where that is less.
    pub fn lower(&mut self, block: usize, mass: f32) {
        let bound = &mut self.weights[block / GROUP][block % GROUP];
        if mass / (BLOCK as f32) < *bound {
            *bound = mass / BLOCK as f32;
            self.hidden += f64::from(mass - *bound);
            self.sum_group(block / GROUP);
        }
    }

    /// The block in which `target` (below the total) falls; of weight above 0, unless all is 0.
    pub fn find(&self, mut target: f64) -> usize {
        let sections = &self.sections[..self.len.div_ceil(SECTION)];
        let section = walk(sections, &mut target);
        let first = section * SECTION;
        let groups = &self.groups[first..(first + SECTION).min(self.len)];
        let group = first + walk(groups, &mut target);
        group * GROUP + walk(&self.weights[group], &mut target)
    }

    fn sum_group(&mut self, group: usize) {
        self.groups[group] = f64::from(kernels::block_sum(&self.weights[group]));
        self.sum_section(group / SECTION);
        self.sum_total();
    }

    fn sum_section(&mut self, section: usize) {
        let end = ((section + 1) * SECTION).min(self.len);
        self.sections[section] = sum(&self.groups[section * SECTION..end]);
    }

    fn sum_total(&mut self) {
        self.total = sum(&self.sections[..self.len.div_ceil(SECTION)]);
    }
}

/// First to last. The standard library's sum would be a call, and this is asked twice a try.
#[inline(always)]
fn sum(terms: &[f64]) -> f64 {
    let mut total = 0.0;
    for term in terms {
        total += term;
    }
    total
}
