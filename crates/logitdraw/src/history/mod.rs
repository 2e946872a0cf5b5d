//! The history: the prompt's tokens and the drawn ones, and what strategies remember of them.

mod counts;
mod followers;
mod map;
mod numbers;
mod track;

pub(crate) use counts::Counts;
pub(crate) use followers::Followers;
pub(crate) use map::Map;
pub(crate) use track::Track;

use crate::bytes::{Reader, Writer};
use crate::error::Error;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;

/// Tokens, oldest first.
#[derive(Clone, Default)]
pub(crate) struct History {
    tokens: Vec<u32>,
    /// Which tokens were drawn (or accepted), not prompted; one bit per token.
    drawn: Vec<u64>,
    /// How many tokens were drawn or accepted.
    steps: u64,
}

impl History {
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// How many tokens were drawn or accepted.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Whether the token at a place was drawn, not prompted.
    pub fn was_drawn(&self, place: usize) -> bool {
        self.drawn[place / 64] >> (place % 64) & 1 == 1
    }

    pub fn push(&mut self, token: u32, drawn: bool) {
        let place = self.tokens.len();
        self.tokens.push(token);
        if place / 64 == self.drawn.len() {
            self.drawn.push(0);
        }
        self.drawn[place / 64] |= u64::from(drawn) << (place % 64);
        self.steps += u64::from(drawn);
    }

    pub fn pop(&mut self) {
        let Some(place) = self.tokens.len().checked_sub(1) else { return };
        self.steps -= u64::from(self.was_drawn(place));
        self.tokens.pop();
        self.drawn[place / 64] &= !(1 << (place % 64));
    }

    /// How many bytes the next token takes at most.
    pub fn growth(&self) -> usize {
        let bits = if self.tokens.len() / 64 < self.drawn.len() { 0 } else { growth(&self.drawn) };
        growth(&self.tokens) + bits
    }
}

/// How many bytes a list takes to hold one more item: twice what it has, in a new place, or none while there is room.
pub(crate) fn growth<T>(list: &Vec<T>) -> usize {
    if list.len() < list.capacity() { 0 } else { 2 * size_of::<T>() * list.len() }
}

/// What a strategy remembers of the history: updated with each token, so that a draw need not look at all of them.
pub(crate) trait Memory: Any + Send + Sync + core::panic::UnwindSafe + core::panic::RefUnwindSafe {
    /// Called after a token was added: the last one of `history`. `observed` is what the strategy learned when it was drawn.
    fn push(&mut self, history: &History, observed: Option<f64>);
    /// Called before the last token of `history` is removed.
    fn pop(&mut self, history: &History);
    /// How many bytes the next token takes at most.
    fn growth(&self) -> usize;
    /// A copy.
    fn twin(&self) -> Box<dyn Memory>;
    /// Takes over, from the same strategy's memory under other settings, what only draws can tell.
    fn inherit(&mut self, _other: &dyn Memory) {}
    /// Writes what cannot be rebuilt from the history.
    fn save(&self, _out: &mut Writer) {}
    /// Reads what `save` wrote, after the whole history was pushed.
    fn restore(&mut self, _input: &mut Reader<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl dyn Memory {
    /// Downcasts the memory to the type that its strategy made.
    pub fn downcast<T: Memory>(&self) -> &T {
        (self as &dyn Any).downcast_ref().expect("a stage is given its own memory")
    }
}

#[cfg(test)]
mod tests {
    use super::History;

    #[test]
    fn a_token_takes_no_more_than_growth_says() {
        let mut history = History::default();
        let bytes = |history: &History| [4 * history.tokens.capacity(), 8 * history.drawn.capacity()];
        for step in 0..20_000 {
            let (growth, before) = (history.growth(), bytes(&history));
            history.push(7, step % 3 == 0);
            let after = bytes(&history);
            let taken: usize = (0..2).map(|list| if after[list] == before[list] { 0 } else { after[list] }).sum();
            // `growth` leaves out a list's first few items.
            assert!(step < 4 || taken <= growth + 64, "step {step}: {taken} bytes, not {growth}");
        }
    }
}
