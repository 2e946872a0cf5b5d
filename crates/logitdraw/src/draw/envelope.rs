//! Envelope rejection: an exact draw from the whole vocabulary without the sum over it.
//!
//! A block is drawn by 32 times its maximum's weight, which its own weights cannot exceed, and opened: where the second
//! random number falls among the weights of its tokens, that token is drawn; where it falls beyond them, the block's bound
//! becomes their sum and all starts again. Every try accepts each token in proportion to its weight, so the law is exact; a
//! block's maximum is one of its 32 tokens, so at most 32 tries are expected, whatever the logits, and nearly always far
//! fewer: no block is refused twice.
//!
//! While edits wait, a block's old maximum is an upper bound of the new one: still an envelope.

use super::membership::Membership;
use crate::generator::philox;
use crate::kernels::{self, BLOCK, Block};
use crate::survivors::{Floor, Survivors};
use alloc::vec;
use alloc::vec::Vec;

/// Maxima a group holds, and groups a section.
const GROUP: usize = BLOCK;
const SECTION: usize = 8;
/// After so many refusals (31/32 to this power is 1e-56) the inverse CDF decides; the law stays exact.
const MOST_TRIES: u32 = 4096;

/// A 32nd of what each block may weigh, and the sums of that by group and section.
pub(crate) struct Scratch {
    weights: Vec<Block>,
    groups: Vec<f64>,
    sections: Vec<f64>,
}

impl Scratch {
    pub fn new(blocks: usize) -> Self {
        let groups = blocks.div_ceil(GROUP);
        Self {
            weights: vec![[0.0; BLOCK]; groups],
            groups: vec![0.0; groups],
            sections: vec![0.0; groups.div_ceil(SECTION)],
        }
    }
}

pub(super) struct Envelope<'a> {
    scratch: &'a mut Scratch,
    total: f64,
    /// What the blocks that are open weigh more than their part of `total`.
    hidden: f64,
    /// Groups in use.
    len: usize,
}

impl<'a> Envelope<'a> {
    /// Over the survivors at or above a floor.
    pub fn new(alive: &mut Survivors<'a>, floor: f32) -> Self {
        let mut envelope = Self { scratch: alive.take_envelope(), total: 0.0, hidden: 0.0, len: 0 };
        envelope.weigh(alive, floor);
        envelope
    }

    fn weigh(&mut self, alive: &mut Survivors<'_>, floor: f32) {
        let (max, scale) = (alive.max(), alive.scale());
        let maxima = alive.maxima();
        self.len = maxima.len();
        let weights = &mut self.scratch.weights[..self.len];
        kernels::weigh(maxima.as_flattened(), max, scale, floor, weights.as_flattened_mut());
        for (sum, weights) in self.scratch.groups.iter_mut().zip(weights) {
            *sum = f64::from(kernels::block_sum(weights));
        }
        for section in 0..self.len.div_ceil(SECTION) {
            self.sum_section(section);
        }
        self.sum_total();
        self.hidden = 0.0;
    }

    fn sum_section(&mut self, section: usize) {
        let end = ((section + 1) * SECTION).min(self.len);
        self.scratch.sections[section] = sum(&self.scratch.groups[section * SECTION..end]);
    }

    fn sum_total(&mut self) {
        self.total = sum(&self.scratch.sections[..self.len.div_ceil(SECTION)]);
    }

    /// The block in which `target` (below the total) falls; of weight above 0, unless all is 0.
    fn find(&self, mut target: f64) -> usize {
        let sections = &self.scratch.sections[..self.len.div_ceil(SECTION)];
        let section = walk(sections, &mut target);
        let first = section * SECTION;
        let groups = &self.scratch.groups[first..(first + SECTION).min(self.len)];
        let group = first + walk(groups, &mut target);
        let weights = &self.scratch.weights[group];
        let mut last = 0;
        for (lane, weight) in weights.iter().enumerate() {
            let weight = f64::from(*weight);
            if weight > 0.0 {
                last = lane;
                if target < weight {
                    break;
                }
            }
            target -= weight;
        }
        group * GROUP + last
    }

    /// The lane of a block in which `u`, in [0, 1), times its bound falls; none where that is beyond its weights, which are its
    /// bound from then on.
    fn open(&mut self, alive: &mut Survivors<'_>, block: usize, floor: f32, u: f64) -> Option<usize> {
        let (max, scale) = (alive.max(), alive.scale());
        let terms = kernels::terms(alive.block(block), max, scale, floor);
        let mass = kernels::block_sum(&terms);
        let bound = &mut self.scratch.weights[block / GROUP][block % GROUP];
        let mut left = u * f64::from(*bound) * BLOCK as f64;
        let inside = left < f64::from(mass);
        if mass / (BLOCK as f32) < *bound {
            *bound = mass / BLOCK as f32;
            self.hidden += f64::from(mass - *bound);
            self.lowered(block / GROUP);
        }
        if !inside {
            return None;
        }
        let mut last = 0;
        for (lane, term) in terms.iter().enumerate() {
            let term = f64::from(*term);
            if term > 0.0 {
                last = lane;
                if left < term {
                    break;
                }
            }
            left -= term;
        }
        Some(last)
    }

    /// A lower bound of the mass of all survivors: while edits wait, of the blocks that none of them touches.
    pub fn least_mass(&self, alive: &Survivors<'_>) -> f64 {
        if alive.has_waiting() { self.untouched(alive) } else { self.total + self.hidden }
    }

    /// The part of the sum that no waiting edit touches.
    fn untouched(&self, alive: &Survivors<'_>) -> f64 {
        let weights = self.scratch.weights[..self.len].as_flattened();
        let mut touched = 0.0;
        let is_known = alive.for_each_touched(|block| touched += f64::from(weights[block]));
        if is_known { self.total - touched + self.hidden } else { 0.0 }
    }

    /// A bound of the group became lower.
    fn lowered(&mut self, group: usize) {
        self.scratch.groups[group] = f64::from(kernels::block_sum(&self.scratch.weights[group]));
        self.sum_section(group / SECTION);
        self.sum_total();
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

/// The first place whose running sum exceeds `target`, which becomes what is left of it; else the last one above 0.
fn walk(sums: &[f64], target: &mut f64) -> usize {
    let mut last = 0;
    let mut left = *target;
    for (place, sum) in sums.iter().enumerate() {
        if *sum > 0.0 {
            last = place;
            *target = left;
            if left < *sum {
                break;
            }
        }
        left -= sum;
    }
    last
}

/// The place of a token drawn from the survivors, and from the waiting nucleus if there is one.
/// `random` gives the 128 random bits of a try.
pub(crate) fn draw(alive: &mut Survivors<'_>, random: impl Fn(u32) -> [u32; 4]) -> u32 {
    let mut floor = alive.floor();
    let mut envelope = Envelope::new(alive, floor.x);
    let mut nucleus = alive.nucleus().map(Membership::new);
    for attempt in 0..MOST_TRIES {
        let [chooses, places] = philox::uniforms(random(attempt));
        let block = envelope.find(chooses * envelope.total);
        let Some(lane) = envelope.open(alive, block, floor.x, places) else { continue };
        let x = alive.block(block)[lane];
        let place = (block * BLOCK + lane) as u32;
        if !floor.keeps(x, place) {
            continue;
        }
        if nucleus.as_mut().is_none_or(|nucleus| nucleus.holds(alive, &envelope, x, place)) {
            return place;
        }
        floor = before(x, place);
        envelope.weigh(alive, floor.x);
    }
    last_resort(alive, nucleus, floor, philox::uniforms(random(MOST_TRIES))[0])
}

/// The floor that keeps all that come before a token.
fn before(x: f32, place: u32) -> Floor {
    match place.checked_sub(1) {
        Some(place) => Floor { x, place },
        None => Floor::at(x.next_up()),
    }
}

#[cold]
fn last_resort(alive: &mut Survivors<'_>, nucleus: Option<Membership>, floor: Floor, u: f64) -> u32 {
    if nucleus.is_some() {
        crate::keep::top_p::cut_deferred(alive);
    }
    alive.cut_after(floor);
    super::inverse::draw(alive, u)
}
