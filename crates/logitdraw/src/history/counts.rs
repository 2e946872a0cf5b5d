//! Counts how often each token occurs in the history, or in its last tokens.

use super::numbers::{Numbers, RUN};
use super::{History, Memory};
use crate::key;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Tokens per block: one for each bit of a word.
const BLOCK: usize = RUN;

/// Counts of the tokens in scope.
#[derive(Clone)]
pub(crate) struct Counts {
    /// How many of the last tokens count.
    window: usize,
    /// Only tokens that were drawn count.
    output_only: bool,
    /// Places before this one do not count.
    first: usize,
    /// Tokens that do not count, ascending.
    except: Vec<u64>,
    counts: Numbers,
    /// For each block of 32 ids, the tokens that occur, one bit each.
    present: Numbers,
    /// For each block, its largest count.
    most: Option<Numbers>,
}

impl Counts {
    /// Counts of the last `window` tokens, for a vocabulary.
    pub fn new(vocab_size: usize, window: usize) -> Self {
        Self {
            window,
            output_only: false,
            first: 0,
            except: Vec::new(),
            counts: Numbers::new(vocab_size),
            present: Numbers::new(vocab_size.div_ceil(BLOCK)),
            most: None,
        }
    }

    /// If `only` is true, counts only tokens that were drawn.
    pub fn output_only(mut self, only: bool) -> Self {
        self.output_only = only;
        self
    }

    /// If `kept` is true, keeps each block's largest count too.
    pub fn with_most(mut self, kept: bool) -> Self {
        self.most = kept.then(|| self.present.clone());
        self
    }

    /// Places before this one do not count.
    pub fn starting_at(mut self, first: usize) -> Self {
        self.first = first;
        self
    }

    /// These tokens do not count.
    pub fn except(mut self, tokens: &[u32]) -> Self {
        self.except = key::of_ids(tokens);
        self
    }

    /// How often a token occurs.
    #[inline]
    pub fn count(&self, token: u32) -> u32 {
        self.counts.get(token as usize)
    }

    /// The tokens of a block that occur, one bit each.
    #[inline]
    pub fn present_in_block(&self, block: usize) -> u32 {
        self.present.get(block)
    }

    /// Returns an upper bound of the counts of a block's tokens.
    #[inline]
    pub fn most_in_block(&self, block: usize) -> u32 {
        self.most.as_ref().map_or(u32::MAX, |most| most.get(block))
    }

    /// Whether no token occurs.
    pub fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    /// How often each token of a block occurs, if the counts are stored contiguously.
    #[inline]
    pub fn block_counts(&self, block: usize) -> Option<&[u32; BLOCK]> {
        self.counts.run(block)
    }

    /// Returns which of 32 blocks have tokens that occur, one bit each, and if kept the largest count of each block; `None` while few
    /// blocks have any.
    pub fn group(&self, group: usize) -> Option<(u32, Option<&[u32; BLOCK]>)> {
        let most = self.most.as_ref();
        Some((self.present.run_bits(group)?, most.and_then(|most| most.run(group))))
    }

    /// How many blocks have tokens that occur.
    pub fn occupied_blocks(&self) -> usize {
        self.present.len()
    }

    /// Calls `f(block)` for each block with tokens that occur.
    pub fn for_each_block(&self, f: impl FnMut(usize)) {
        self.present.for_each(f);
    }

    /// Whether the token at a place counts as long as it is in the window.
    fn matters(&self, history: &History, place: usize) -> bool {
        place >= self.first
            && (!self.output_only || history.was_drawn(place))
            && (self.except.is_empty() || self.except.binary_search(&u64::from(history.tokens()[place])).is_err())
    }

    fn add(&mut self, history: &History, place: usize) {
        if self.matters(history, place) {
            let token = history.tokens()[place];
            let (block, bit) = (token as usize / BLOCK, 1 << (token % 32));
            let count = self.counts.get(token as usize) + 1;
            self.counts.set(token as usize, count);
            if count == 1 {
                self.present.set(block, self.present.get(block) | bit);
            }
            if let Some(most) = &mut self.most
                && most.get(block) < count
            {
                most.set(block, count);
            }
        }
    }

    fn remove(&mut self, history: &History, place: usize) {
        if self.matters(history, place) {
            let token = history.tokens()[place];
            let (block, bit) = (token as usize / BLOCK, 1 << (token % 32));
            let count = self.counts.get(token as usize);
            self.counts.set(token as usize, count - 1);
            if count == 1 {
                self.present.set(block, self.present.get(block) & !bit);
            }
            if let Some(most) = &mut self.most
                && most.get(block) == count
            {
                let ids = block * BLOCK..(block + 1) * BLOCK;
                most.set(block, ids.map(|id| self.counts.get(id)).max().unwrap_or(0));
            }
        }
    }

    /// Returns the last place that is outside the window of a history of `len` tokens.
    fn outside(&self, len: usize) -> Option<usize> {
        len.checked_sub(self.window)?.checked_sub(1)
    }
}

impl Memory for Counts {
    fn push(&mut self, history: &History, _: Option<f64>) {
        self.add(history, history.len() - 1);
        if let Some(place) = self.outside(history.len()) {
            self.remove(history, place);
        }
    }

    fn pop(&mut self, history: &History) {
        if let Some(place) = self.outside(history.len()) {
            self.add(history, place);
        }
        self.remove(history, history.len() - 1);
    }

    fn growth(&self) -> usize {
        self.counts.growth() + self.present.growth() + self.most.as_ref().map_or(0, Numbers::growth)
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}
