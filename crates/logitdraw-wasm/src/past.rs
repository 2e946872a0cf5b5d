//! A sampler's past and its settings: what changes between draws.

use crate::error::{to_bool, to_option};
use crate::options::Options;
use crate::room::{check_any_room, room_to_remember};
use crate::sampler::Sampler;
use alloc::vec::Vec;
use logitdraw::{Error, Seed};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(js_class = CoreSampler)]
impl Sampler {
    /// Adds a prompt to the history.
    pub fn prompt(&mut self, tokens: &[u32]) -> bool {
        to_bool(self.check_room_for_tokens(tokens.len()).and_then(|()| self.core.prompt(tokens)))
    }

    /// Records a token that something else chose.
    pub fn accept(&mut self, token: u32) -> bool {
        to_bool(self.check_room_for_next().and_then(|()| self.core.accept(token)))
    }

    /// Records several such tokens, one after the other.
    pub fn accept_all(&mut self, tokens: &[u32]) -> bool {
        to_bool(self.check_room_for_tokens(tokens.len()).and_then(|()| self.core.accept_all(tokens)))
    }

    /// Takes back the last `count` tokens.
    pub fn rollback(&mut self, count: usize) -> bool {
        to_bool(self.core.rollback(count))
    }

    /// Returns to step 0.
    pub fn reset(&mut self) {
        self.core.reset();
    }

    /// Returns the address of the prompt and drawn tokens, valid until the history changes.
    pub fn history_pointer(&self) -> *const u32 {
        self.core.history().as_ptr()
    }

    /// How many prompt and drawn tokens there are.
    pub fn history_length(&self) -> usize {
        self.core.history().len()
    }

    /// How many tokens were drawn or accepted.
    pub fn step(&self) -> f64 {
        self.core.step() as f64
    }

    /// How many bytes the next token takes at most, besides those of the draw.
    pub fn growth(&self) -> usize {
        self.core.growth()
    }

    /// The settings, to be changed for `update`.
    pub fn options(&self) -> Options {
        Options::of(self.core.options_to_change())
    }

    /// Changes the settings for the steps to come.
    pub fn update(&mut self, options: Options) -> bool {
        let room = room_to_remember(self.core.history().len(), &options.core);
        to_bool(room.and_then(|()| self.core.update(options.core)))
    }

    /// The whole state.
    pub fn save(&self) -> Option<Vec<u8>> {
        to_option(self.check_room_for_tokens(0).and_then(|()| self.core.save()))
    }

    /// Restores the sampler that `save` saved.
    pub fn restore(state: &[u8]) -> Option<Sampler> {
        to_option(Self::restored(state))
    }

    /// Returns a sampler that continues as this one would, or starts from a seed or sequence of its own (as sign and little-endian words).
    pub fn twin(
        &self,
        has_seed: bool,
        seed_negative: bool,
        seed_words: &[u32],
        has_sequence: bool,
        sequence_negative: bool,
        sequence_words: &[u32],
    ) -> Option<Sampler> {
        let seed = has_seed.then(|| Seed::new(seed_negative, seed_words.to_vec()));
        let sequence = has_sequence.then(|| Seed::new(sequence_negative, sequence_words.to_vec()));
        to_option(self.twin_with(seed, sequence))
    }
}

impl Sampler {
    /// Returns `OUT_OF_MEMORY` if the next token may be one too many.
    pub(crate) fn check_room_for_next(&self) -> Result<(), Error> {
        let bytes = self.core.growth();
        if bytes == 0 { Ok(()) } else { check_any_room(bytes) }
    }

    /// Returns `OUT_OF_MEMORY` unless all tokens of the history, and `more` tokens, could be remembered anew.
    fn check_room_for_tokens(&self, more: usize) -> Result<(), Error> {
        room_to_remember(self.core.history().len() + more, self.core.options())
    }

    /// Apart from `restore`, so that both ways to fail share one `to_option`, which makes the bundle smaller.
    fn restored(state: &[u8]) -> Result<Self, Error> {
        Self::new(logitdraw::Sampler::restore(state)?)
    }

    fn twin_with(&self, seed: Option<Seed>, sequence: Option<Seed>) -> Result<Self, Error> {
        let outside = || Error::option("sequence", "sequence is an integer from 0 to 2^64 - 1");
        let sequence = sequence.map(|sequence| sequence.to_u64().ok_or_else(outside)).transpose()?;
        self.check_room_for_tokens(0)?;
        Self::new(self.core.clone_with(seed, sequence)?)
    }
}
