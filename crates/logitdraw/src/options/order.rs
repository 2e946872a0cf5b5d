//! The order in which a sampler's stages run, as the caller specifies it.

use crate::error::Error;
use crate::text;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The order in which stages run.
///
/// Stages have the names of the options that turn them on, as [`Options::set`](crate::Options::set) spells them: `"repetitionPenalty"`,
/// `"temperature"`, `"topK"`. An option with parts is one stage (`"dry"`, `"mirostat"`).
///
/// ```
/// # use logitdraw::{Options, Order, Sampler};
/// let mut options = Options::new(9);
/// (options.temperature, options.top_k) = (0.8, 40);
/// options.order = Order::of(&["topK", "temperature"]);
/// assert!(Sampler::new(options).is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Hugging Face transformers': temperature, top-k, top-p, min-p ...
    #[default]
    Transformers,
    /// llama.cpp's: truncations first, temperature last. Exact ties, and windows of 64 tokens unless others are given.
    LlamaCpp,
    /// vLLM's: temperature, min-p, top-k, top-p.
    Vllm,
    /// A custom order: stage names, first to last. A sampler refuses names that are unknown or given twice, and options that are on
    /// without their stage. llama.cpp's other defaults do not come with it.
    Custom(Vec<String>),
}

impl Order {
    /// Returns the preset with the given name.
    ///
    /// # Errors
    /// INVALID_OPTION `order` if there is none.
    pub fn preset(name: &str) -> Result<Self, Error> {
        match name {
            "transformers" => Ok(Self::Transformers),
            "llama.cpp" => Ok(Self::LlamaCpp),
            "vllm" => Ok(Self::Vllm),
            _ => Err(Error::option("order", text!("unknown order \"", name, "\": transformers, llama.cpp or vllm"))),
        }
    }

    /// Creates a custom order.
    pub fn of<T: ToString>(names: &[T]) -> Self {
        Self::Custom(names.iter().map(ToString::to_string).collect())
    }
}

impl core::str::FromStr for Order {
    type Err = Error;

    /// As [`Order::preset`].
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::preset(name)
    }
}
