//! logitdraw draws a language model's next token: logits in, token out.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod bytes;
mod chain;
mod decimal;
mod draw;
mod edit;
mod error;
mod functions;
pub mod generator;
mod history;
mod keep;
mod kernels;
mod key;
mod logits;
mod logprobs;
pub mod math;
mod nearest;
mod options;
mod randomness;
#[cfg(test)]
#[path = "../tests/common/rows.rs"]
mod rows;
mod sampler;
mod state;
mod survivors;
mod workspace;

pub use chain::Order;
pub use error::{Details, Error, ErrorCode};
pub use functions::{argmax, bincount, mask_top_k, multinomial_f32, multinomial_f64, softmax, top_k};
pub use generator::{Algorithm, Generator, Seed};
pub use logits::{Logits, Row, padded_len};
pub use logprobs::{Logprobs, Of, TokenLogprob};
#[doc(hidden)] // for the bindings, whose own options give the same hint
pub use nearest::nearest;
pub use options::{
    AdaptiveP, Dry, DynamicTemperature, Mirostat, NoRepeatNgram, Options, PLess, PenaltyScope, Scope, Smoothing,
    Source, ThinkingBudget, Ties, Value, Xtc,
};
pub use sampler::{Guidance, Request, Sampler};
pub use workspace::Workspace;
