//! Options as JavaScript hands them over: one call an option, by its public name. The core knows names, types and ranges.

use crate::error::done;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use logitdraw::{Seed, Value};
use wasm_bindgen::prelude::wasm_bindgen;

/// Collects options, then makes a sampler of them or updates one. Every method but the `push` ones returns whether the core took
/// it.
#[wasm_bindgen(js_name = CoreOptions)]
pub struct Options {
    pub(crate) core: logitdraw::Options,
    /// The option that the next calls speak of.
    name: String,
    texts: Vec<String>,
    sequences: Vec<(Vec<u32>, f64)>,
}

#[wasm_bindgen(js_class = CoreOptions)]
impl Options {
    /// No options yet; without `vocabSize` they are invalid.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::of(logitdraw::Options::new(0))
    }

    /// Says of which option the next calls speak.
    pub fn at(&mut self, name: String) {
        self.name = name;
    }

    /// Back to the default: an option, or all parts of one.
    pub fn unset(&mut self) -> bool {
        done(self.core.unset(&self.name))
    }

    /// A number.
    pub fn number(&mut self, value: f64) -> bool {
        self.set(Value::Number(value))
    }

    /// An integer of any size, as sign and little-endian words.
    pub fn seed(&mut self, negative: bool, words: &[u32]) -> bool {
        self.set(Value::Seed(Seed::new(negative, words.to_vec())))
    }

    /// Yes or no.
    pub fn flag(&mut self, value: bool) -> bool {
        self.set(Value::Flag(value))
    }

    /// A word.
    pub fn text(&mut self, value: &str) -> bool {
        self.set(Value::Text(value.to_owned()))
    }

    /// Nothing where something belongs.
    pub fn nothing(&mut self) -> bool {
        self.set(Value::Null)
    }

    /// Numbers.
    pub fn numbers(&mut self, numbers: &[f64]) -> bool {
        self.set(Value::Numbers(numbers.to_vec()))
    }

    /// Token ids.
    pub fn ids(&mut self, ids: &[u32]) -> bool {
        self.set(Value::Ids(ids.to_vec()))
    }

    /// Token ids, each with a number.
    pub fn biases(&mut self, ids: &[u32], values: &[f64]) -> bool {
        let mut biases = Vec::with_capacity(ids.len());
        for (id, value) in ids.iter().zip(values) {
            biases.push((*id, *value));
        }
        self.set(Value::Biases(biases))
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
    pub fn texts(&mut self) -> bool {
        let texts = core::mem::take(&mut self.texts);
        self.set(Value::Texts(texts))
    }

    /// The sequences pushed.
    pub fn sequences(&mut self) -> bool {
        let mut sequences = Vec::new();
        for (ids, _) in core::mem::take(&mut self.sequences) {
            sequences.push(ids);
        }
        self.set(Value::Sequences(sequences))
    }

    /// The sequences pushed, with their numbers.
    pub fn sequence_biases(&mut self) -> bool {
        let biases = core::mem::take(&mut self.sequences);
        self.set(Value::SequenceBiases(biases))
    }
}

impl Options {
    /// These options, to be changed.
    pub(crate) fn of(core: logitdraw::Options) -> Self {
        Self { core, name: String::new(), texts: Vec::new(), sequences: Vec::new() }
    }

    fn set(&mut self, value: Value) -> bool {
        done(self.core.set(&self.name, value))
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
