//! Envelope rejection: an exact draw from the whole vocabulary without the sum over it.
//!
//! A block is drawn by its maximum's weight, a lane in it uniformly, and the token accepted with the ratio of its weight
//! to the maximum's. Every try accepts each token in proportion to its weight, so the law is exact; a block's maximum is
//! one of its 32 tokens, so at most 32 tries are expected, whatever the logits.
//!
//! While edits wait, a block's old maximum is an upper bound of the new one: still an envelope, tightened as blocks open.

use crate::generator::philox;
use crate::kernels::{self, BLOCK, Block};
use crate::survivors::{Floor, Survivors};
use alloc::vec;
use alloc::vec::Vec;

/// Maxima a group holds, and groups a section.
const GROUP: usize = BLOCK;
const SECTION: usize = 16;
/// After so many refusals (never seen: 31/32 to this power is 1e-56) the inverse CDF decides; the law stays exact.
const MOST_TRIES: u32 = 4096;

/// Weights of the block maxima and their sums by group and section.
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

struct Envelope<'a> {
    scratch: &'a mut Scratch,
    total: f64,
    /// Groups in use.
    len: usize,
}

impl Envelope<'_> {
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
    }

    fn sum_section(&mut self, section: usize) {
        let end = ((section + 1) * SECTION).min(self.len);
        self.scratch.sections[section] = self.scratch.groups[section * SECTION..end].iter().sum();
    }

    fn sum_total(&mut self) {
        self.total = self.scratch.sections[..self.len.div_ceil(SECTION)].iter().sum();
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

    /// A block's maximum turned out lower.
    fn lower(&mut self, block: usize, weight: f32) {
        let group = block / GROUP;
        self.scratch.weights[group][block % GROUP] = weight;
        self.scratch.groups[group] = f64::from(kernels::block_sum(&self.scratch.weights[group]));
        self.sum_section(group / SECTION);
        self.sum_total();
    }
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
    let mut envelope = Envelope { scratch: alive.take_envelope(), total: 0.0, len: 0 };
    let mut floor = alive.floor();
    envelope.weigh(alive, floor.x);
    let mut nucleus = alive.nucleus().map(Membership::new);
    let (max, scale) = (alive.max(), alive.scale());
    for attempt in 0..MOST_TRIES {
        let words = random(attempt);
        let [chooses, accepts] = philox::uniforms(words);
        let block = envelope.find(chooses * envelope.total);
        let bound = alive.block_max(block);
        // The uniform that accepts leaves these bits unused.
        let lane = words[2] % BLOCK as u32;
        let x = alive.block(block)[lane as usize];
        let place = (block * BLOCK) as u32 + lane;
        let accepted = accepts < f64::from(kernels::exp((x - bound) * scale));
        if alive.block_max(block) < bound {
            let lowered = alive.block_max(block);
            let weight = if lowered >= floor.x { kernels::exp((lowered - max) * scale) } else { 0.0 };
            envelope.lower(block, weight);
        }
        if !accepted || !floor.keeps(x, place) {
            continue;
        }
        if nucleus.as_mut().is_none_or(|nucleus| nucleus.holds(alive, &mut envelope, floor.x, (x, place))) {
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

/// Whether drawn tokens belong to the nucleus.
struct Membership {
    p: f64,
    floor: f32,
    /// `p` times the whole mass, once it had to be known.
    limit: Option<f64>,
}

impl Membership {
    fn new(nucleus: crate::survivors::Nucleus) -> Self {
        Self { p: nucleus.p, floor: nucleus.floor, limit: None }
    }

    /// Whether the mass before the token is less than `p` of the whole. The envelope's exact weights are a lower bound of
    /// the whole and decide most questions; sums of non-negative terms in one order are monotone, so the bound needs a
    /// margin only for the order of its own additions.
    fn holds(
        &mut self,
        alive: &mut Survivors<'_>,
        envelope: &mut Envelope<'_>,
        floor: f32,
        (x, place): (f32, u32),
    ) -> bool {
        let before = alive.mass_before(x, place);
        if before == 0.0 {
            return true; // The best token is always in, whatever p is.
        }
        if let Some(limit) = self.limit {
            return before < limit;
        }
        let known = if alive.has_waiting() {
            // That sum has opened blocks whose weights are too large now.
            envelope.weigh(alive, floor);
            settled_weight(alive, envelope)
        } else {
            envelope.total
        };
        if before < self.p * known * (1.0 - 1e-9) {
            return true;
        }
        let limit = self.p * alive.mass_from(self.floor);
        self.limit = Some(limit);
        before < limit
    }
}

/// The part of the envelope that is exact: blocks whose edits do not wait.
fn settled_weight(alive: &Survivors<'_>, envelope: &Envelope<'_>) -> f64 {
    let weights = envelope.scratch.weights[..envelope.len].as_flattened();
    (0..alive.block_count()).filter(|block| alive.is_settled(*block)).map(|block| f64::from(weights[block])).sum()
}
