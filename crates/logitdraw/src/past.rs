//! A sampler's past: adding tokens, taking them back, and changing the settings that see them.

use crate::chain::Chain;
use crate::error::{Error, ErrorCode};
use crate::generator::Seed;
use crate::history::{History, growth};
use crate::options::Options;
use crate::randomness::{Position, Randomness};
use crate::sampler::Sampler;
use crate::text;
use alloc::vec::Vec;

impl Sampler {
    /// Adds a prompt's tokens to the history.
    ///
    /// # Errors
    /// INVALID_TOKEN names the first place whose id is outside the vocabulary; none is added then.
    pub fn prompt(&mut self, tokens: &[u32]) -> Result<(), Error> {
        self.record(tokens, false)
    }

    /// Records a token that something else chose, as if it had been drawn. Strategies do not learn what its probability would
    /// have told them, and no random number is spent.
    ///
    /// # Errors
    /// INVALID_TOKEN if it is outside the vocabulary.
    pub fn accept(&mut self, token: u32) -> Result<(), Error> {
        if token as usize >= self.vocab_size() {
            return Err(self.outside(token));
        }
        self.record(&[token], true)
    }

    /// As [`accept`](Self::accept), for one token after the other.
    ///
    /// # Errors
    /// INVALID_TOKEN names the first place whose id is outside the vocabulary; none is recorded then.
    pub fn accept_all(&mut self, tokens: &[u32]) -> Result<(), Error> {
        self.record(tokens, true)
    }

    /// Brings the history in line with a whole sequence: the tokens after the known beginning are recorded, as a prompt if the
    /// history was empty, otherwise as accepted tokens.
    ///
    /// # Errors
    /// INVALID_TOKEN names the first place where they differ, the first id outside the vocabulary, or the end of a sequence that is
    /// shorter than the history.
    pub fn sync(&mut self, tokens: &[u32]) -> Result<(), Error> {
        let known = self.history().len();
        let differs = self.history().iter().zip(tokens).position(|(ours, theirs)| ours != theirs);
        if let Some(place) = differs.or_else(|| (tokens.len() < known).then_some(tokens.len())) {
            let message = text!("the history and the sequence differ at ", place);
            return Err(Error::new(ErrorCode::InvalidToken, message).at(place));
        }
        self.check_tokens(tokens)?;
        self.record(&tokens[known..], known != 0)
    }

    /// Takes back the last `count` tokens: history, step, generator and what strategies know become what they were before them.
    ///
    /// # Errors
    /// INVALID_OPTION `count` if there are fewer.
    pub fn rollback(&mut self, count: usize) -> Result<(), Error> {
        let Some(len) = self.history.len().checked_sub(count) else {
            let message = text!("count must be at most ", self.history.len(), ", not ", count);
            return Err(Error::option("count", message));
        };
        self.discard();
        while self.history.len() > len {
            for active in &mut self.chain.stages {
                if let Some(memory) = &mut active.memory {
                    memory.pop(&self.history);
                }
            }
            self.history.pop();
        }
        if let Randomness::Stream(stream) = &mut self.randomness {
            stream.rewind(len);
        }
        Ok(())
    }

    /// Returns to step 0 of the same seed, with an empty history.
    pub fn reset(&mut self) {
        self.chosen = None;
        self.history = History::default();
        for active in &mut self.chain.stages {
            // Freed first: with memory full, there may be no room for both.
            active.memory = None;
            active.memory = active.stage.remember.map(|remember| remember(&self.options));
        }
        if let Randomness::Stream(stream) = &mut self.randomness {
            stream.marks = Vec::new();
            stream.seek(Position::default());
        }
    }

    #[doc(hidden)] // for the bindings
    /// Returns a copy of the settings, to be changed for [`update`](Self::update).
    pub fn options_to_change(&self) -> Options {
        // Cloned here for other crates, into each of which a derived `clone` would be inlined.
        self.options.clone()
    }

    /// Changes the settings for the steps to come. History, seed and step stay, and so does what strategies that stay on have learned
    /// (mirostat's mu, adaptive-p's average).
    ///
    /// # Errors
    /// INVALID_OPTION if `options` are impossible or differ in vocabulary, seed, sequence or generator; nothing has changed then.
    pub fn update(&mut self, mut options: Options) -> Result<(), Error> {
        for (name, same) in [
            ("vocabSize", options.vocab_size == self.options.vocab_size),
            ("seed", options.seed == self.options.seed),
            ("sequence", options.sequence == self.options.sequence),
            ("generator", options.generator == self.options.generator),
        ] {
            if !same {
                return Err(Error::option(name, text!(name, " cannot be updated")));
            }
        }
        options.validate_and_sort()?;
        let mut chain = Chain::new(&options)?;
        chain.replay(&self.history);
        chain.inherit(&self.chain);
        self.discard();
        self.options = options;
        self.chain = chain;
        Ok(())
    }

    /// Returns a sampler with the same settings and history, and with another seed or sequence if one is given.
    ///
    /// With neither, it continues exactly as this one would; with one, its generator starts anew from it.
    ///
    /// # Errors
    /// INVALID_OPTION `seed` or `sequence` if the generator does not accept it.
    pub fn clone_with(&self, seed: Option<Seed>, sequence: Option<u64>) -> Result<Self, Error> {
        let mut twin = self.clone();
        twin.discard();
        if seed.is_some() || sequence.is_some() {
            twin.options.seed = seed.unwrap_or(twin.options.seed);
            twin.options.sequence = sequence.unwrap_or(twin.options.sequence);
            twin.randomness = Randomness::new(twin.options.generator, &twin.options.seed, twin.options.sequence)?;
        }
        Ok(twin)
    }

    #[doc(hidden)] // for the bindings
    /// How many bytes the next token takes at most in what grows with the history.
    pub fn growth(&self) -> usize {
        let mut bytes = self.history.growth();
        if let Randomness::Stream(stream) = &self.randomness {
            bytes += growth(&stream.marks);
        }
        for active in &self.chain.stages {
            if let Some(memory) = &active.memory {
                bytes += memory.growth();
            }
        }
        bytes
    }

    pub(crate) fn check_tokens(&self, tokens: &[u32]) -> Result<(), Error> {
        match tokens.iter().position(|token| *token as usize >= self.vocab_size()) {
            Some(place) => Err(self.outside(tokens[place]).at(place)),
            None => Ok(()),
        }
    }

    /// Adds tokens to the history, all or none.
    fn record(&mut self, tokens: &[u32], drawn: bool) -> Result<(), Error> {
        self.check_tokens(tokens)?;
        self.discard();
        for token in tokens {
            self.remember(*token, drawn);
        }
        Ok(())
    }

    /// Adds a token to the history and to what strategies know of it.
    pub(crate) fn remember(&mut self, token: u32, drawn: bool) {
        self.history.push(token, drawn);
        for active in &mut self.chain.stages {
            if let Some(memory) = &mut active.memory {
                memory.push(&self.history, None);
            }
        }
    }
}

impl Chain {
    /// Feeds a history to the memories, as if its tokens were added now.
    fn replay(&mut self, history: &History) {
        if self.stages.iter().all(|active| active.memory.is_none()) {
            return;
        }
        let mut growing = History::default();
        for (place, token) in history.tokens().iter().enumerate() {
            growing.push(*token, history.was_drawn(place));
            for active in &mut self.stages {
                if let Some(memory) = &mut active.memory {
                    memory.push(&growing, None);
                }
            }
        }
    }

    /// Takes over what another chain's memories learned from draws alone.
    fn inherit(&mut self, other: &Self) {
        for active in &mut self.stages {
            let same = other.stages.iter().find(|theirs| core::ptr::eq(theirs.stage, active.stage));
            if let (Some(memory), Some(theirs)) = (&mut active.memory, same.and_then(|same| same.memory.as_deref())) {
                memory.inherit(theirs);
            }
        }
    }
}
