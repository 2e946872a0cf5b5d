//! Options as JavaScript hands them over: one call an option, by its public name. The core knows names, types and ranges.

use crate::error::done;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use logitdraw::{Seed, Value};
use wasm_bindgen::prelude::wasm_bindgen;

/// Collects options, then makes a sampler of them or updates one. Every method but the `push` ones returns whether the core took
/// it.
#[wasm_bindgen]
pub struct Options {
    pub(crate) core: logitdraw::Options,
    texts: Vec<String>,
    sequences: Vec<(Vec<u32>, f64)>,
}

#[wasm_bindgen]
impl Options {
    /// No options yet; without `vocabSize` they are invalid.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::of(logitdraw::Options::new(0))
    }

    /// Back to the default: an option, or all parts of one.
    pub fn unset(&mut self, name: &str) -> bool {
        done(self.core.unset(name))
    }

    /// A number.
    pub fn number(&mut self, name: &str, value: f64) -> bool {
        self.set(name, Value::Number(value))
    }

    /// An integer of any size, as sign and little-endian words.
    pub fn seed(&mut self, name: &str, negative: bool, words: &[u32]) -> bool {
        self.set(name, Value::Seed(Seed::new(negative, words.to_vec())))
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str, value: bool) -> bool {
        self.set(name, Value::Flag(value))
    }

    /// A word.
    pub fn text(&mut self, name: &str, value: &str) -> bool {
        self.set(name, Value::Text(value.to_owned()))
    }

    /// Nothing where something belongs.
    pub fn nothing(&mut self, name: &str) -> bool {
        self.set(name, Value::Null)
    }

    /// Numbers.
    pub fn numbers(&mut self, name: &str, numbers: &[f64]) -> bool {
        self.set(name, Value::Numbers(numbers.to_vec()))
    }

    /// Token ids.
    pub fn ids(&mut self, name: &str, ids: &[u32]) -> bool {
        self.set(name, Value::Ids(ids.to_vec()))
    }

    /// Token ids, each with a number.
    pub fn biases(&mut self, name: &str, ids: &[u32], values: &[f64]) -> bool {
        let mut biases = Vec::with_capacity(ids.len());
        for (id, value) in ids.iter().zip(values) {
            biases.push((*id, *value));
        }
        self.set(name, Value::Biases(biases))
    }

    /// One more word for `texts`.
    pub fn push_text(&mut self, text: &str) {
        self.texts.push(text.to_owned());
    }

    /// One more sequence for `sequences`, and with its number for `sequence_biases`.
    pub fn push_sequence(&mut self, ids: &[u32], value: f64) {
        self.sequences.push((ids.to_vec(), value));
    }

    /// The words pushed.
    pub fn texts(&mut self, name: &str) -> bool {
        let texts = core::mem::take(&mut self.texts);
        self.set(name, Value::Texts(texts))
    }

    /// The sequences pushed.
    pub fn sequences(&mut self, name: &str) -> bool {
        let mut sequences = Vec::new();
        for (ids, _) in core::mem::take(&mut self.sequences) {
            sequences.push(ids);
        }
        self.set(name, Value::Sequences(sequences))
    }

    /// The sequences pushed, with their numbers.
    pub fn sequence_biases(&mut self, name: &str) -> bool {
        let biases = core::mem::take(&mut self.sequences);
        self.set(name, Value::SequenceBiases(biases))
    }
}

impl Options {
    /// These options, to be changed.
    pub(crate) fn of(core: logitdraw::Options) -> Self {
        Self { core, texts: Vec::new(), sequences: Vec::new() }
    }

    fn set(&mut self, name: &str, value: Value) -> bool {
        done(self.core.set(name, value))
    }
}

/// Which name among `known` (comma-separated) is nearest to a mistyped one, for options that the core does not see; -1 where none is near.
#[wasm_bindgen]
pub fn nearest_name(name: &str, known: &str) -> i32 {
    let mut names = Vec::new();
    for name in known.as_bytes().split(|byte| *byte == b',') {
        names.push(name);
    }
    logitdraw::nearest(name, &names).map_or(-1, |index| index as i32)
}
