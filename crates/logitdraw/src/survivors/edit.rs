//! Changes logits: those of a few tokens immediately, those of many when their block is opened (see `waiting`).

use super::bound::MORE;
use super::waiting::{Parameters, WAITING, Waiting};
use super::{Survivors, no_token_left};
use crate::error::Error;
use crate::history::Counts;
use crate::kernels::{self, BLOCK};

/// How many blocks are opened at first to find the largest logit.
const FEW_BLOCKS: usize = 16;

impl<'a> Survivors<'a> {
    /// Edits one logit. Masked tokens stay masked; a result above the largest float becomes that float.
    pub fn edit(&mut self, id: u32, f: impl FnOnce(f32) -> f32) {
        if let Some((place, old)) = self.place_and_logit(id) {
            self.put(place, old, f(old).min(f32::MAX));
        }
    }

    /// The place and logit of a token, unless it is masked. Not inlined, like `put`: every edit would add a copy to the bundle.
    #[inline(never)]
    fn place_and_logit(&mut self, id: u32) -> Option<(usize, f32)> {
        self.compact();
        let place = self.place(id)? as usize;
        self.settle(place / BLOCK);
        let x = self.blocks[place / BLOCK][place % BLOCK];
        (x != f32::NEG_INFINITY).then_some((place, x))
    }

    /// Masks tokens. Neighbours in `ids` that share a block are masked together.
    pub fn ban(&mut self, ids: &[u32]) {
        self.compact();
        if self.is_list() {
            for id in ids {
                if let Some(place) = self.place(*id) {
                    self.remove(place);
                }
            }
            return;
        }
        let mut allowed = u32::MAX;
        for (index, id) in ids.iter().enumerate() {
            allowed &= !(1 << (id % 32));
            if ids.get(index + 1).is_none_or(|next| next / 32 != id / 32) {
                self.mask_block(*id as usize / BLOCK, allowed);
                allowed = u32::MAX;
            }
        }
    }

    /// Edits every token that `edit` touches; an edit that can wait is applied when blocks are opened.
    pub fn edit_all(&mut self, edit: Waiting<'a>) {
        if !edit.remember && edit.counts.is_some_and(Counts::is_empty) {
            return;
        }
        self.compact();
        if edit.remember {
            self.edits.remembered = Some(edit.parameters);
            // As many blocks as a row has, because the next survivors may not be a list.
            self.edits.before.resize(self.vocab_size.div_ceil(BLOCK), [f32::NEG_INFINITY; BLOCK]);
        }
        if self.ids.is_some() || self.edits.len == WAITING {
            return self.edit_now(&edit);
        }
        if self.edits.len == 0 {
            self.edits.settled[..self.blocks.len()].fill(0);
        }
        edit.raise_maxima(self.maxima);
        self.edits.list[self.edits.len] = Some(edit);
        self.edits.len += 1;
        self.max_is_stale = true;
    }

    fn edit_now(&mut self, edit: &Waiting<'_>) {
        for block in 0..self.blocks.len() {
            self.settle(block);
            if edit.remember {
                self.edits.before[block] = self.blocks[block];
            }
            let mut touched = false;
            for lane in 0..BLOCK {
                let place = block * BLOCK + lane;
                let id = match &self.ids {
                    Some(ids) if place >= ids.len() => break,
                    Some(ids) => ids[place],
                    None => place as u32,
                };
                if edit.touched(id as usize / BLOCK) >> (id % 32) & 1 == 1 {
                    let x = &mut self.blocks[block][lane];
                    *x = edit.apply(id, *x);
                    touched = true;
                }
            }
            if touched {
                self.refresh(block);
            }
        }
        self.max_is_stale = true;
    }

    /// The logit at a place before the edit that asked to have it remembered, and that edit's parameters.
    pub fn remembered(&mut self, place: u32) -> Option<(f32, Parameters)> {
        let block = place as usize / BLOCK;
        self.settle(block);
        self.edits.remembered.map(|parameters| (self.edits.before[block][place as usize % BLOCK], parameters))
    }

    /// Replaces every survivor's logit by `f(id, logit)`; all other tokens are gone. Maxima are recomputed.
    pub fn rewrite(&mut self, mut f: impl FnMut(u32, f32) -> f32) {
        self.compact();
        self.open(f32::MIN);
        for block in 0..self.blocks.len() {
            let ids = self.ids.as_deref();
            for (place, x) in (block * BLOCK..).zip(&mut self.blocks[block]) {
                if *x != f32::NEG_INFINITY {
                    *x = f(ids.map_or(place as u32, |ids| ids[place]), *x);
                }
            }
            self.refresh(block);
        }
        self.max_is_stale = true;
    }

    /// Masks a whole row, as `scan` does.
    pub fn mask(&mut self, mask: &[u32]) {
        for block in 0..self.blocks.len() {
            self.mask_block(block, mask.get(block).copied().unwrap_or(0));
        }
    }

    /// Masks a block's logits, except those whose bits in `allowed` are set. Not inlined: a second copy would be added to the bundle.
    #[inline(never)]
    fn mask_block(&mut self, block: usize, allowed: u32) {
        self.settle(block);
        self.max_is_stale |= self.block_max(block) == self.max;
        self.maxima.as_flattened_mut()[block] = kernels::mask_block(&mut self.blocks[block], allowed);
    }

    /// Drops the survivor at a place.
    pub fn remove(&mut self, place: u32) {
        let place = place as usize;
        self.settle(place / BLOCK);
        let old = self.blocks[place / BLOCK][place % BLOCK];
        self.put(place, old, f32::NEG_INFINITY);
    }

    /// The largest logit; `NO_TOKEN_LEFT` if edits have masked them all.
    pub fn check_left(&mut self) -> Result<f32, Error> {
        let max = self.max();
        if max == f32::NEG_INFINITY { Err(no_token_left()) } else { Ok(max) }
    }

    /// The largest logit (-Infinity if edits have masked them all).
    #[inline]
    pub fn max(&mut self) -> f32 {
        if self.max_is_stale {
            self.find_max();
        }
        self.max
    }

    fn find_max(&mut self) {
        let mut many = FEW_BLOCKS;
        while self.max_is_stale {
            let (best, max) = self.best_block();
            if max == f32::NEG_INFINITY || !self.waits(best) {
                self.max = max;
                self.max_is_stale = false;
            } else {
                // The maximum that this block turns out to have is a lower bound; only blocks above it can hold more. Nearly
                // always, one of the best blocks is as good as it looks.
                self.settle(best);
                let bound = self.block_max(best).max(f32::MIN);
                if bound < max {
                    self.open_best(many, bound);
                    many *= MORE;
                }
            }
        }
    }

    /// The first of the blocks with the largest maximum, and that maximum.
    fn best_block(&self) -> (usize, f32) {
        let (mut best, mut max) = (0, f32::NEG_INFINITY);
        for (group, maxima) in self.maxima.iter().enumerate() {
            let x = kernels::block_max(maxima);
            if x > max {
                (best, max) = (group, x);
            }
        }
        let lane = self.maxima.get(best).and_then(|group| group.iter().position(|x| *x == max));
        (best * BLOCK + lane.unwrap_or(0), max)
    }

    /// Whether edits of this block wait.
    #[inline(always)]
    pub(super) fn waits(&self, block: usize) -> bool {
        self.edits.len != 0 && usize::from(self.edits.settled[block]) < self.edits.len
    }

    /// Whether any block's edits may wait.
    #[inline(always)]
    pub fn has_waiting(&self) -> bool {
        self.edits.len != 0
    }

    /// Calls `f(block)` once for each block whose maximum may be too large. Returns false if it is not known which these are, or
    /// if those of one edit are more than half; some calls may have been made then.
    pub fn for_each_touched(&self, mut f: impl FnMut(usize)) -> bool {
        let edits = &self.edits.list[..self.edits.len];
        for (i, edit) in edits.iter().flatten().enumerate() {
            let Some(counts) = edit.counts else { return false };
            if counts.occupied_blocks() > self.blocks.len() / 2 {
                return false;
            }
            counts.for_each_block(|block| {
                if edits[..i].iter().flatten().all(|earlier| earlier.touched(block) == 0) {
                    f(block);
                }
            });
        }
        true
    }

    /// Applies the edits that wait for a block.
    #[inline(always)]
    pub(crate) fn settle(&mut self, block: usize) {
        if self.has_waiting() {
            self.settle_waiting(block);
        }
    }

    /// Not inlined, so that `settle`, which is inlined wherever blocks are opened, only checks there whether there are edits at all.
    #[inline(never)]
    fn settle_waiting(&mut self, block: usize) {
        if !self.waits(block) {
            return;
        }
        let mut touched = false;
        let mut raised = false;
        for edit in self.edits.list[usize::from(self.edits.settled[block])..self.edits.len].iter().flatten() {
            let bits = edit.touched(block);
            touched |= bits != 0;
            raised |= edit.bound.is_some();
            if edit.remember {
                self.edits.before[block] = self.blocks[block];
            }
            edit.edit_block(block, &mut self.blocks[block], bits);
        }
        self.edits.settled[block] = self.edits.len as u8;
        if touched | raised {
            self.refresh(block);
        }
    }

    /// Settles every block that may hold a logit at or above `x`.
    pub(crate) fn open(&mut self, x: f32) {
        if self.edits.len != 0 {
            // Leaves out the padding.
            self.mark_reaching(x.max(f32::MIN));
            self.open_reaching();
        }
    }

    /// Settles the marked blocks, which stay marked.
    pub(super) fn open_reaching(&mut self) {
        for group in 0..self.maxima.len() {
            let mut bits = self.reaching[group];
            while bits != 0 {
                self.settle(group * BLOCK + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }

    #[inline(never)]
    fn put(&mut self, place: usize, old: f32, new: f32) {
        let block = place / BLOCK;
        self.blocks[block][place % BLOCK] = new;
        let max = self.block_max(block);
        if new >= max {
            self.maxima.as_flattened_mut()[block] = new;
        } else if old == max {
            self.refresh(block);
        }
        if new > self.max {
            self.max = new;
        } else if old == self.max {
            self.max_is_stale = true;
        }
    }

    /// Recomputes a block's maximum.
    pub(super) fn refresh(&mut self, block: usize) {
        self.maxima.as_flattened_mut()[block] = kernels::block_max(&self.blocks[block]);
    }
}
