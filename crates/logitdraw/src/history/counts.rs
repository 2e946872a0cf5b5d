//! How often each token stands in the history, or in its last tokens.

use super::{History, Map, Memory};
use alloc::boxed::Box;

/// Counts of the tokens in scope.
#[derive(Clone)]
pub(crate) struct Counts {
    /// How many tokens it looks back; none: all.
    window: Option<usize>,
    /// Only tokens that were drawn count.
    output_only: bool,
    counts: Map,
    /// For each block of 32 ids the tokens that occur, one bit each.
    blocks: Map,
}

impl Counts {
    pub fn new(window: Option<usize>, output_only: bool) -> Self {
        Self { window, output_only, counts: Map::default(), blocks: Map::default() }
    }

    /// How often a token occurs.
    #[inline]
    pub fn of(&self, token: u32) -> u32 {
        self.counts.get(token)
    }

    /// The tokens of a block that occur, one bit each.
    #[inline]
    pub fn in_block(&self, block: usize) -> u32 {
        self.blocks.get(block as u32)
    }

    /// Calls `f(block, bits)` for each block with tokens that occur.
    pub fn for_each_block(&self, f: impl FnMut(u32, u32)) {
        self.blocks.for_each(f);
    }

    fn add(&mut self, history: &History, place: usize) {
        if self.output_only && !history.was_drawn(place) {
            return;
        }
        let token = history.tokens()[place];
        let count = self.counts.get(token);
        self.counts.set(token, count + 1);
        if count == 0 {
            self.blocks.set(token / 32, self.blocks.get(token / 32) | 1 << (token % 32));
        }
    }

    fn remove(&mut self, history: &History, place: usize) {
        if self.output_only && !history.was_drawn(place) {
            return;
        }
        let token = history.tokens()[place];
        let count = self.counts.get(token);
        self.counts.set(token, count - 1);
        if count == 1 {
            self.blocks.set(token / 32, self.blocks.get(token / 32) & !(1 << (token % 32)));
        }
    }

    /// The token that a history of `len` tokens has just outside the window.
    fn outside(&self, len: usize) -> Option<usize> {
        self.window.and_then(|window| len.checked_sub(window + 1))
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

    fn clear(&mut self) {
        self.counts.clear();
        self.blocks.clear();
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}
