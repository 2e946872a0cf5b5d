//! A sampler's past and its settings: what comes and goes between draws.

use crate::error::{done, kept};
use crate::options::Options;
use crate::sampler::Sampler;
use alloc::vec::Vec;
use logitdraw::{Error, Seed};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(js_class = CoreSampler)]
impl Sampler {
    /// Adds a prompt to the history.
    pub fn prompt(&mut self, tokens: &[u32]) -> bool {
        done(self.core.prompt(tokens))
    }

    /// Records a token that something else chose.
    pub fn accept(&mut self, token: u32) -> bool {
        done(self.core.accept(token))
    }

    /// Records one after the other.
    pub fn accept_all(&mut self, tokens: &[u32]) -> bool {
        done(self.core.accept_all(tokens))
    }

    /// Takes the last tokens back.
    pub fn rollback(&mut self, count: usize) -> bool {
        done(self.core.rollback(count))
    }

    /// Back to step 0.
    pub fn reset(&mut self) {
        self.core.reset();
    }

    /// Where prompt and drawn tokens stand, until the next one comes.
    pub fn history_pointer(&self) -> *const u32 {
        self.core.history().as_ptr()
    }

    /// How many they are.
    pub fn history_length(&self) -> usize {
        self.core.history().len()
    }

    /// Tokens drawn or accepted.
    pub fn step(&self) -> f64 {
        self.core.step() as f64
    }

    /// The settings, to be changed for `update`.
    pub fn options(&self) -> Options {
        Options::of(self.core.options_to_change())
    }

    /// Other settings for the steps to come.
    pub fn update(&mut self, options: Options) -> bool {
        done(self.core.update(options.core))
    }

    /// The whole state.
    pub fn save(&self) -> Option<Vec<u8>> {
        kept(self.core.save())
    }

    /// The sampler that `save` saved.
    pub fn restore(state: &[u8]) -> Option<Sampler> {
        kept(logitdraw::Sampler::restore(state).and_then(Self::new))
    }

    /// A twin that goes on as this one would, or with a seed or sequence of its own (as sign and little-endian words) begins one.
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
        kept(self.twin_with(seed, sequence))
    }
}

impl Sampler {
    fn twin_with(&self, seed: Option<Seed>, sequence: Option<Seed>) -> Result<Self, Error> {
        let outside = || Error::option("sequence", "sequence is an integer from 0 to 2^64 - 1");
        let sequence = sequence.map(|sequence| sequence.to_u64().ok_or_else(outside)).transpose()?;
        Self::new(self.core.clone_with(seed, sequence)?)
    }
}
