//! What a caller asks, validated once.

use crate::chain::Order;
use crate::error::{Error, ErrorCode};
use crate::generator::{Algorithm, Seed};
use crate::nearest;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Where a sampler's random numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// One of the crate's own generators.
    Algorithm(Algorithm),
    /// The caller gives the uniform of each draw ([`Request::uniform`](crate::Request)).
    Caller,
}

/// What becomes of tokens that tie with the k-th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// All of them stay (transformers, vLLM's PyTorch path).
    Keep,
    /// The lower ids stay, so that exactly k survive (llama.cpp keeps exactly k).
    Exact,
}

/// A sampler's settings. The names are those of the TypeScript package in snake case; an absent one is off.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Tokens in the vocabulary: the length of every row, 1 to 2^31.
    pub vocab_size: usize,
    /// Logits are divided by it; 0 is greedy. 0 to 3.4e38. Default 1.
    pub temperature: f64,
    /// Keep the k most likely tokens; 0 is off. Default 0.
    pub top_k: usize,
    /// Ties with the k-th. Default: keep, and exact in llama.cpp's order.
    pub top_k_ties: Option<Ties>,
    /// Keep the best tokens until their probabilities sum to it, 0 to 1; 1 is off. Default 1.
    pub top_p: f64,
    /// Keep tokens at least so many times as likely as the best, 0 to 1; 0 is off. Default 0.
    pub min_p: f64,
    /// No truncation leaves fewer tokens, 1 to the vocabulary's size. Default 1.
    pub min_tokens_to_keep: usize,
    /// The order of the chain. Default: transformers'.
    pub order: Order,
    /// The random numbers, and with them the drawing rule. Default: Philox.
    pub generator: Source,
    /// Their seed. Default 0: the core reads no entropy, seeds come from the caller.
    pub seed: Seed,
    /// Which stream of that seed: one a sequence of a batch. Default 0.
    pub sequence: u64,
}

/// An option's value as it comes from outside, before its type and range are checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// An integer of any size.
    Seed(Seed),
    /// Yes or no.
    Flag(bool),
    /// A word.
    Text(String),
    /// Words.
    Texts(Vec<String>),
    /// Token ids.
    Ids(Vec<u32>),
    /// Sequences of token ids.
    Sequences(Vec<Vec<u32>>),
    /// Token ids, each with a number.
    Biases(Vec<(u32, f64)>),
    /// Sequences of token ids, each with a number.
    SequenceBiases(Vec<(Vec<u32>, f64)>),
    /// Nothing, where something belongs.
    Null,
}

/// Every option's public name.
pub(crate) const NAMES: &[&str] = &[
    "vocabSize",
    "temperature",
    "topK",
    "topKTies",
    "topP",
    "minP",
    "minTokensToKeep",
    "order",
    "generator",
    "seed",
    "sequence",
];

impl Options {
    /// Settings for a vocabulary: temperature 1, everything else off.
    pub fn new(vocab_size: usize) -> Self {
        Self {
            vocab_size,
            temperature: 1.0,
            top_k: 0,
            top_k_ties: None,
            top_p: 1.0,
            min_p: 0.0,
            min_tokens_to_keep: 1,
            order: Order::Transformers,
            generator: Source::Algorithm(Algorithm::Philox),
            seed: Seed::from(0u64),
            sequence: 0,
        }
    }

    /// Sets an option by its public (TypeScript) name; parts of an option are dotted, as in `xtc.probability`.
    ///
    /// `UNKNOWN_OPTION` names the nearest known one; `INVALID_OPTION`: a value of another type. Ranges are checked by
    /// [`validate`](Self::validate).
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), Error> {
        let value = Named { name, value };
        match name {
            "vocabSize" => self.vocab_size = value.count()?,
            "temperature" => self.temperature = value.number()?,
            "topK" => self.top_k = value.count()?,
            "topKTies" => self.top_k_ties = Some(value.one_of(&[("keep", Ties::Keep), ("exact", Ties::Exact)])?),
            "topP" => self.top_p = value.number()?,
            "minP" => self.min_p = value.number()?,
            "minTokensToKeep" => self.min_tokens_to_keep = value.count()?,
            "order" => self.order = value.order()?,
            "generator" => self.generator = value.source()?,
            "seed" => self.seed = value.seed()?,
            "sequence" => self.sequence = value.integer()?,
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    /// Checks every range. The error names the option at fault.
    pub fn validate(&self) -> Result<(), Error> {
        within("vocabSize", self.vocab_size as f64, 1.0, 2_147_483_648.0)?;
        within("temperature", self.temperature, 0.0, f64::from(f32::MAX))?;
        within("topP", self.top_p, 0.0, 1.0)?;
        within("minP", self.min_p, 0.0, 1.0)?;
        within("minTokensToKeep", self.min_tokens_to_keep as f64, 1.0, self.vocab_size as f64)?;
        Ok(())
    }
}

/// `INVALID_OPTION` unless `low <= x <= high`; NaN is in no range.
pub(crate) fn within(name: &str, x: f64, low: f64, high: f64) -> Result<(), Error> {
    if x >= low && x <= high {
        Ok(())
    } else {
        Err(Error::option(name, format!("{name} must be from {low} to {high}, not {x}")))
    }
}

fn unknown(name: &str) -> Error {
    let hint = nearest::nearest(name, NAMES).map_or(String::new(), |near| format!("; did you mean {near}?"));
    let message = format!("there is no option {name}{hint}");
    Error { option: Some(name.to_owned()), ..Error::new(ErrorCode::UnknownOption, message) }
}

/// A value and the option it is for.
struct Named<'a> {
    name: &'a str,
    value: Value,
}

impl Named<'_> {
    fn wrong<T>(&self, expected: &str) -> Result<T, Error> {
        Err(Error::option(self.name, format!("{} must be {expected}", self.name)))
    }

    fn number(self) -> Result<f64, Error> {
        match self.value {
            Value::Number(x) => Ok(x),
            _ => self.wrong("a number"),
        }
    }

    fn count(self) -> Result<usize, Error> {
        match self.value {
            // Up to 2^53 every integer is a double.
            Value::Number(x) if x >= 0.0 && x <= 9_007_199_254_740_992.0 && x as u64 as f64 == x => {
                // On 32-bit targets a larger count is as good as the largest.
                Ok(usize::try_from(x as u64).unwrap_or(usize::MAX))
            }
            _ => self.wrong("an integer of at least 0"),
        }
    }

    fn seed(self) -> Result<Seed, Error> {
        match self.value {
            Value::Seed(seed) => Ok(seed),
            Value::Number(x) if x == x as i64 as f64 => Ok(Seed::from(x as i64)),
            _ => self.wrong("an integer"),
        }
    }

    fn integer(self) -> Result<u64, Error> {
        let name = self.name.to_owned();
        let seed = self.seed()?;
        seed.to_u64().ok_or_else(|| Error::option(&name, format!("{name} must be an integer from 0 to 2^64 - 1")))
    }

    fn one_of<T: Copy>(self, choices: &[(&str, T)]) -> Result<T, Error> {
        if let Value::Text(text) = &self.value
            && let Some((_, choice)) = choices.iter().find(|(name, _)| name == text)
        {
            return Ok(*choice);
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        self.wrong(&names.join(" or "))
    }

    fn source(self) -> Result<Source, Error> {
        match &self.value {
            Value::Flag(true) => Ok(Source::Caller),
            Value::Text(text) => match Algorithm::from_name(text) {
                Some(algorithm) => Ok(Source::Algorithm(algorithm)),
                None => self.wrong("a generator's name: philox, torch, torch-mkl, numpy, numpy-legacy or llama.cpp"),
            },
            _ => self.wrong("a generator's name or a function"),
        }
    }

    fn order(self) -> Result<Order, Error> {
        match self.value {
            Value::Text(text) => Order::preset(&text),
            Value::Texts(names) => Order::of(&names),
            _ => self.wrong("a preset or a list of stage names"),
        }
    }
}
