//! The order in which a sampler's stages run, as the caller specifies it.

use crate::error::Error;
use crate::text;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The order in which stages run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Hugging Face transformers': temperature, top-k, top-p, min-p ...
    Transformers,
    /// llama.cpp's: truncations first, temperature last. Exact ties, and windows of 64 tokens unless others are given.
    LlamaCpp,
    /// vLLM's: temperature, min-p, top-k, top-p.
    Vllm,
    /// A custom order: stage names, first to last. A sampler refuses names that are unknown or given twice.
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
