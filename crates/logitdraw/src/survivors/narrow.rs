//! Decides which tokens survive: raises the floor, gathers into a list, drops from the top.

use super::bound::{Bound, halved};
use super::{Floor, Survivors};
use crate::kernels::{self, BLOCK, Block};
use crate::math;

/// A computed logarithm this far above 0 is above 0, whatever rounding has done to it.
const CERTAINLY: f64 = 1e-12;

impl<'a> Survivors<'a> {
    /// Drops the logits below a threshold. The best `min_keep` stay.
    pub fn raise_floor(&mut self, threshold: f64) {
        let x = at_or_above(threshold).min(self.max());
        let x = if self.min_keep > 1 { x.min(self.nth(self.min_keep).x) } else { x };
        if x > self.floor.x {
            self.floor = Floor::at(x);
        }
    }

    /// The exponent (distance from the largest logit, in units of the temperature) below which all tokens together weigh less
    /// than `mass`; at most 0 if `mass` is a share of the whole.
    pub fn depth_of(&self, mass: f64) -> f64 {
        math::ln(mass / (self.blocks.len() * BLOCK) as f64)
    }

    /// Drops the tokens less probable than e^`log`, in a row whose weights sum to `mass`. The best `min_keep` stay.
    pub fn raise_floor_to_probability(&mut self, log: f64, mass: f64) {
        let max = f64::from(self.max());
        self.raise_floor(max + (log + math::ln(mass)) * self.temperature);
    }

    /// The least logit that has at least `probability` in a row whose weights sum to `mass`; infinity if no token is that probable,
    /// which has to be checked first: added to a very large logit, the distance may be rounded away.
    pub fn logit_of_probability(&mut self, probability: f64, mass: f64) -> f32 {
        let distance = math::ln(probability) + math::ln(mass);
        if distance > CERTAINLY {
            return f32::INFINITY;
        }
        let max = f64::from(self.max());
        at_or_above((max + distance * self.temperature).max(f64::from(f32::MIN)))
    }

    /// Drops everything after a survivor in descending order. The best `min_keep` stay.
    pub fn cut_after(&mut self, last: Floor) {
        let last = if self.min_keep > 1 {
            let least = self.nth(self.min_keep);
            if last.keeps(least.x, least.place) { last } else { least }
        } else {
            last
        };
        if self.floor.keeps(last.x, last.place) {
            self.floor = last;
        }
    }

    /// Drops all logits above `x`, whatever `min_keep` is.
    pub fn drop_above(&mut self, x: f32) {
        for block in 0..self.blocks.len() {
            if self.block_max(block) > x {
                self.settle(block);
                for logit in &mut self.blocks[block] {
                    *logit = if *logit > x { f32::NEG_INFINITY } else { *logit };
                }
                self.refresh(block);
            }
        }
        self.max_is_stale = true;
    }

    /// Gathers the best `n` and a few more into a list; returns a logit that all of these reach.
    pub fn gather_best(&mut self, n: usize) -> f32 {
        let Bound { x, crowded } = self.bound_of_best(n);
        if x > self.floor.x {
            self.floor = Floor::at(x);
        }
        self.gather(!crowded && x == self.floor.x);
        x
    }

    /// Keeps the best `n` as a list. All ties with the last one stay, or with `exact` only as many as make `n`, lower ids first.
    pub fn keep_best(&mut self, n: usize, exact: bool) {
        // The n-th largest block maximum bounds the n-th largest logit from below: gather, then select among what was gathered.
        let bound = self.gather_best(n);
        let logits = self.blocks.as_flattened().as_chunks().0;
        let x = halved(logits, n, (bound, self.max));
        let last = if exact && self.count_from(x) > n { self.nth(n) } else { Floor::at(x) };
        self.cut_after(last);
        self.compact();
    }

    /// Gathers the survivors into a list, unless the whole row survives. Comes before edits, which could move tokens across a floor.
    pub fn compact(&mut self) {
        if self.floor != Floor::NONE {
            self.gather(false);
        }
    }

    /// Gathers the survivors into a list if the floor cuts through equal logits.
    pub fn compact_cut(&mut self) {
        if self.floor.place != u32::MAX {
            self.gather(false);
        }
    }

    /// Gathers the survivors into a list. `are_marked`: the blocks that reach the floor are marked.
    fn gather(&mut self, are_marked: bool) {
        let floor = self.floor;
        if !are_marked {
            self.open(floor.x);
            self.mark_reaching(floor.x);
        }
        if let Some(list) = self.list.take() {
            let (blocks, _) = list.logits.padded_mut().as_chunks_mut::<BLOCK>();
            let mut kept = 0;
            let ids = &mut list.ids[..];
            let out = blocks.as_flattened_mut();
            // Like `for_each`, but with the comparisons inlined: every top-k waits for this loop.
            for group in 0..self.maxima.len() {
                let mut reaching = self.reaching[group];
                while reaching != 0 {
                    let block = group * BLOCK + reaching.trailing_zeros() as usize;
                    reaching &= reaching - 1;
                    let own = &self.blocks[block];
                    let mut bits = kernels::at_least_inline(own, floor.x);
                    while bits != 0 {
                        let lane = bits.trailing_zeros() as usize;
                        bits &= bits - 1;
                        let (place, x) = ((block * BLOCK + lane) as u32, own[lane]);
                        if floor.keeps(x, place) {
                            out[kept] = x;
                            ids[kept] = place;
                            kept += 1;
                        }
                    }
                }
            }
            self.move_remembered(&ids[..kept]);
            self.become_list(blocks, &mut list.maxima, ids, kept);
        } else {
            // In place: a survivor never moves to a later place.
            let blocks = core::mem::take(&mut self.blocks);
            let ids = self.ids.take().expect("a list has ids");
            let logits = blocks.as_flattened_mut();
            let mut kept = 0;
            for place in 0..ids.len() {
                let (x, id) = (logits[place], ids[place]);
                logits[kept] = x;
                ids[kept] = id;
                if self.edits.remembered.is_some() {
                    let before = self.edits.before.as_flattened_mut();
                    before[kept] = before[place];
                }
                kept += usize::from(floor.keeps(x, place as u32));
            }
            let maxima = core::mem::take(&mut self.maxima);
            self.become_list(blocks, maxima, ids, kept);
        }
    }

    /// Keeps only the given tokens, as far as they are alive. `ids` must be ascending, each id once.
    pub fn retain(&mut self, ids: &[u32]) {
        debug_assert!(ids.is_sorted_by(|a, b| a < b));
        self.compact();
        if self.ids.is_some() {
            for place in 0..self.ids.as_ref().map_or(0, |ids| ids.len()) as u32 {
                if ids.binary_search(&self.id(place)).is_err() {
                    self.remove(place);
                }
            }
        } else if let Some(list) = self.list.take() {
            if self.has_waiting() {
                for id in ids {
                    self.settle(*id as usize / BLOCK);
                }
            }
            let (blocks, _) = list.logits.padded_mut().as_chunks_mut::<BLOCK>();
            let logits = self.blocks.as_flattened();
            let (out, places) = (blocks.as_flattened_mut(), &mut list.ids[..]);
            let mut kept = 0;
            for id in ids {
                // A dead token's place is overwritten by the next token.
                let x = logits[*id as usize];
                out[kept] = x;
                places[kept] = *id;
                kept += usize::from(x != f32::NEG_INFINITY);
            }
            self.move_remembered(&list.ids[..kept]);
            self.become_list(blocks, &mut list.maxima, &mut list.ids, kept);
        }
    }

    /// Moves remembered logits from their places in the row to those in the list, which are never later ones.
    fn move_remembered(&mut self, places: &[u32]) {
        if self.edits.remembered.is_some() {
            let before = self.edits.before.as_flattened_mut();
            for (to, from) in places.iter().enumerate() {
                before[to] = before[*from as usize];
            }
        }
    }

    fn become_list(&mut self, blocks: &'a mut [Block], maxima: &'a mut [Block], ids: &'a mut [u32], len: usize) {
        let count = len.div_ceil(BLOCK);
        let blocks = &mut blocks[..count];
        let maxima = &mut maxima[..count.div_ceil(BLOCK)];
        blocks.as_flattened_mut()[len..].fill(f32::NEG_INFINITY);
        maxima.as_flattened_mut()[count..].fill(f32::NEG_INFINITY);
        self.max = kernels::scan(blocks, &mut maxima.as_flattened_mut()[..count]).max;
        self.max_is_stale = false;
        self.blocks = blocks;
        self.maxima = maxima;
        self.ids = Some(&mut ids[..len]);
        self.edits.len = 0;
        self.floor = Floor::NONE;
    }
}

/// The smallest float at or above a threshold, so that comparing a float with it is the same as comparing with the threshold.
pub(crate) fn at_or_above(threshold: f64) -> f32 {
    let x = threshold as f32;
    if f64::from(x) < threshold { x.next_up() } else { x }
}
