//! Changing logits.
//!
//! Edits that look back over a long history wait: they can only lower logits, so a block's old maximum stays an upper
//! bound, and a block is edited when (and only if) something opens it. That is what keeps a history of a hundred
//! thousand tokens from costing a hundred thousand edits a draw.

use super::{Floor, Survivors, WAITING, no_token_left};
use crate::error::Error;
use crate::kernels::{self, BLOCK};

/// An edit of many tokens that can only lower logits, and so may wait until a block is opened.
pub(crate) trait Lowering {
    /// The tokens of ids `32 * block` to `32 * block + 31` that it touches, one bit each.
    fn touched(&self, block: usize) -> u32;
    /// The lowered logit of a token that it touches.
    fn lower(&self, id: u32, x: f32) -> f32;
}

impl<'a> Survivors<'a> {
    /// Edits one logit. Masked tokens stay masked; a result above the largest float becomes that float.
    pub fn edit(&mut self, id: u32, f: impl FnOnce(f32) -> f32) {
        self.compact_floor();
        let Some(place) = self.place(id) else { return };
        self.settle(place / BLOCK);
        let old = self.blocks[place / BLOCK][place % BLOCK];
        if old != f32::NEG_INFINITY {
            self.put(place, old, f(old).min(f32::MAX));
        }
    }

    /// Masks one token.
    pub fn ban(&mut self, id: u32) {
        self.edit(id, |_| f32::NEG_INFINITY);
    }

    /// Edits every token that `edit` touches, later if it can wait.
    pub fn lower(&mut self, edit: &'a dyn Lowering) {
        self.compact_floor();
        if self.ids.is_some() || self.waiting_len == WAITING {
            return self.lower_now(edit);
        }
        if self.waiting_len == 0 {
            self.settled[..self.blocks.len()].fill(0);
        }
        self.waiting[self.waiting_len] = Some(edit);
        self.waiting_len += 1;
        self.max_is_stale = true;
    }

    fn lower_now(&mut self, edit: &dyn Lowering) {
        for block in 0..self.blocks.len() {
            self.settle(block);
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
                    *x = edit.lower(id, *x);
                    touched = true;
                }
            }
            if touched {
                self.refresh(block);
            }
        }
        self.max_is_stale = true;
    }

    /// Replaces every survivor's logit by `f(id, logit)`; what does not survive is gone. Maxima are found anew.
    pub fn rewrite(&mut self, mut f: impl FnMut(u32, f32) -> f32) {
        self.compact_floor();
        self.open(f32::MIN);
        for block in 0..self.blocks.len() {
            for lane in 0..BLOCK {
                let x = self.blocks[block][lane];
                if x != f32::NEG_INFINITY {
                    let id = self.id((block * BLOCK + lane) as u32);
                    self.blocks[block][lane] = f(id, x);
                }
            }
            self.refresh(block);
        }
        self.max_is_stale = true;
    }

    /// Drops a survivor at a place.
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
    pub fn max(&mut self) -> f32 {
        while self.max_is_stale {
            let (mut best, mut max) = (0, f32::NEG_INFINITY);
            for (block, x) in self.maxima.as_flattened()[..self.blocks.len()].iter().enumerate() {
                if *x > max {
                    (best, max) = (block, *x);
                }
            }
            if max == f32::NEG_INFINITY || !self.waits(best) {
                self.max = max;
                self.max_is_stale = false;
            } else {
                // What this block turns out to hold is a lower bound; only blocks above it can hold more.
                self.settle(best);
                let bound = self.block_max(best).max(f32::MIN);
                self.open(bound);
            }
        }
        self.max
    }

    /// Whether edits of this block wait.
    #[inline]
    pub(super) fn waits(&self, block: usize) -> bool {
        self.waiting_len != 0 && usize::from(self.settled[block]) < self.waiting_len
    }

    /// Whether any block's edits may wait.
    #[inline]
    pub fn has_waiting(&self) -> bool {
        self.waiting_len != 0
    }

    /// Whether a block's maximum is exact.
    #[inline]
    pub fn is_settled(&self, block: usize) -> bool {
        !self.waits(block)
    }

    /// Does what waits for a block.
    #[inline]
    pub(crate) fn settle(&mut self, block: usize) {
        if self.waits(block) {
            self.settle_now(block);
        }
    }

    fn settle_now(&mut self, block: usize) {
        let mut touched = false;
        for edit in self.waiting[usize::from(self.settled[block])..self.waiting_len].iter().flatten() {
            let mut bits = edit.touched(block);
            touched |= bits != 0;
            while bits != 0 {
                let lane = bits.trailing_zeros();
                bits &= bits - 1;
                let x = &mut self.blocks[block][lane as usize];
                *x = edit.lower((block * BLOCK) as u32 + lane, *x);
            }
        }
        self.settled[block] = self.waiting_len as u8;
        if touched {
            self.refresh(block);
        }
    }

    /// Settles every block that may hold a logit at or above `x`.
    pub(crate) fn open(&mut self, x: f32) {
        if self.waiting_len == 0 {
            return;
        }
        for block in 0..self.blocks.len() {
            if self.block_max(block) >= x {
                self.settle(block);
            }
        }
    }

    /// Edits move tokens across a floor, so a floor becomes a list before an edit.
    fn compact_floor(&mut self) {
        if self.floor != Floor::NONE {
            self.compact();
        }
    }

    /// Where a token stands.
    fn place(&self, id: u32) -> Option<usize> {
        match &self.ids {
            Some(ids) => ids.binary_search(&id).ok(),
            None => Some(id as usize),
        }
    }

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

    fn refresh(&mut self, block: usize) {
        self.maxima.as_flattened_mut()[block] = kernels::block_max(&self.blocks[block]);
    }
}
