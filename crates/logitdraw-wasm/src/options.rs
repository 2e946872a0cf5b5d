//! Options as JavaScript passes them: one call per option, by its public name. The core knows names, types and ranges.

use crate::error::to_bool;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use logitdraw::{Seed, Value};
use wasm_bindgen::prelude::wasm_bindgen;

/// Collects options, then makes a sampler of them or updates one. Methods that set an option return whether the core
/// took it.
#[wasm_bindgen(js_name = CoreOptions)]
pub struct Options {
    pub(crate) core: logitdraw::Options,
    /// The option to which the next calls apply.
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

    /// Selects the option to which the next calls apply.
    pub fn at(&mut self, name: String) {
        self.name = name;
    }

    /// Resets an option, or all parts of one, to the default.
    pub fn unset(&mut self) -> bool {
        to_bool(self.core.unset(&self.name))
    }

    /// Sets a number.
    pub fn number(&mut self, value: f64) -> bool {
        self.set(Value::Number(value))
    }

    /// Sets an integer of any size, passed as sign and little-endian words.
    pub fn seed(&mut self, negative: bool, words: &[u32]) -> bool {
        self.set(Value::Seed(Seed::new(negative, words.to_vec())))
    }

    /// Sets true or false.
    pub fn flag(&mut self, value: bool) -> bool {
        self.set(Value::Flag(value))
    }

    /// Sets a string.
    pub fn text(&mut self, value: &str) -> bool {
        self.set(Value::Text(value.to_owned()))
    }

    /// Sets null, which no option accepts.
    pub fn nothing(&mut self) -> bool {
        self.set(Value::Null)
    }

    /// Sets numbers.
    pub fn numbers(&mut self, numbers: &[f64]) -> bool {
        self.set(Value::Numbers(numbers.to_vec()))
    }

    /// Sets token ids.
    pub fn ids(&mut self, ids: &[u32]) -> bool {
        self.set(Value::Ids(ids.to_vec()))
    }

    /// Sets token ids, each with a number.
    pub fn biases(&mut self, ids: &[u32], values: &[f64]) -> bool {
        let mut biases = Vec::with_capacity(ids.len());
        for (id, value) in ids.iter().zip(values) {
            biases.push((*id, *value));
        }
        self.set(Value::Biases(biases))
    }

    /// Adds a string for `texts`.
    pub fn push_text(&mut self, text: &str) {
        self.texts.push(text.to_owned());
    }

    /// Adds a sequence for `sequences`, or with its number for `sequence_biases`.
    pub fn push_sequence(&mut self, ids: &[u32], value: f64) {
        self.sequences.push((ids.to_vec(), value));
    }

    /// Sets the strings pushed.
    pub fn texts(&mut self) -> bool {
        let texts = core::mem::take(&mut self.texts);
        self.set(Value::Texts(texts))
    }

    /// Sets the sequences pushed.
    pub fn sequences(&mut self) -> bool {
        let mut sequences = Vec::new();
        for (ids, _) in core::mem::take(&mut self.sequences) {
            sequences.push(ids);
        }
        self.set(Value::Sequences(sequences))
    }

    /// Sets the sequences pushed, with their numbers.
    pub fn sequence_biases(&mut self) -> bool {
        let biases = core::mem::take(&mut self.sequences);
        self.set(Value::SequenceBiases(biases))
    }
}

impl Options {
    /// Wraps these options, to be changed.
    pub(crate) fn of(core: logitdraw::Options) -> Self {
        Self { core, name: String::new(), texts: Vec::new(), sequences: Vec::new() }
    }

    fn set(&mut self, value: Value) -> bool {
        to_bool(self.core.set(&self.name, value))
    }
}

/// Returns which name of `known` (comma-separated) is nearest to a mistyped one, or -1 if none is near; for options that the core does
/// not see.
#[wasm_bindgen]
pub fn nearest_name(name: &str, known: &str) -> i32 {
    let mut names = Vec::new();
    for name in known.as_bytes().split(|byte| *byte == b',') {
        names.push(name);
    }
    logitdraw::nearest(name, &names).map_or(-1, |index| index as i32)
}
