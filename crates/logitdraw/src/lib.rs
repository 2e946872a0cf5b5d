//! logitdraw draws a language model's next token: logits in, token out, the same token for the same seed on every machine.
//!
//! It takes a row of logits through a chain of edits (penalties, biases, bans), temperatures and truncations (top-k, top-p, min-p
//! and others) and draws from what survives, without ever sorting the vocabulary: the maxima of blocks of 32 logits, found in
//! one pass, say which few blocks need a closer look. `no_std`, and no dependencies.
//!
//! # Usage
//!
//! 1. Say what you want: [`Options`], from [`Options::new`] by fields, or by public name with [`Options::set`].
//! 2. Make a [`Sampler`] from them, one per sequence: it holds the options, the history and the generator, but nothing of the
//!    vocabulary's size. An impossible option is an [`Error`] that names it.
//! 3. Make one row ([`Logits`]) and one [`Workspace`] for a vocabulary; all samplers of that size can share them.
//! 4. Pass the prompt to the sampler, for strategies that look back: [`Sampler::prompt`].
//! 5. For each token, write the model's logits into the row and call [`Sampler::sample`], which draws a token and adds it to the
//!    history.
//!
//! ```
//! use logitdraw::{Logits, Options, Request, Sampler, Seed, Workspace};
//!
//! # fn model(history: &[u32]) -> [f32; 9] {
//! #     let mut logits = [4.51, 0.89, -1.9, 6.75, 1.63, -1.62, -1.89, 6.28, 1.79];
//! #     logits[history.len() % 9] += 1.0;
//! #     logits
//! # }
//! # fn main() -> Result<(), logitdraw::Error> {
//! // 1 and 2
//! let mut options = Options::new(9);
//! options.temperature = 0.8;
//! options.top_k = 5;
//! options.repetition_penalty = 1.1;
//! options.seed = Seed::from(42u64);
//! let mut sampler = Sampler::new(options)?;
//! // 3
//! let mut logits = Logits::new(9);
//! let mut workspace = Workspace::new(9);
//! // 4
//! sampler.prompt(&[2, 7])?;
//! // 5
//! for _ in 0..4 {
//!     logits.set(&model(sampler.history()))?;
//!     let token = sampler.sample(logits.row(), &mut workspace, &Request::default())?;
//!     assert!(token < 9);
//! }
//! assert_eq!((sampler.step(), sampler.history().len()), (4, 6));
//! # Ok(())
//! # }
//! ```
//!
//! A [`Request`] adds to a single draw: a mask of allowed tokens, guidance. [`Sampler::distribution`] gives the probabilities,
//! [`Sampler::sample_with_logprobs`] their logarithms along with the draw. [`Sampler::choose`] and [`Sampler::commit`] draw in
//! two steps, for batches in which either all rows are drawn or none.
//!
//! # Threads, memory and speed
//!
//! - A thread needs one [`Logits`] and one [`Workspace`] per vocabulary size, of 4 and some 16 bytes a token (up to 52 with some
//!   strategies and generators); samplers may move between threads.
//! - Without optimisation a draw takes some two hundred times as long: `[profile.dev.package.logitdraw] opt-level = 3` in your Cargo.toml
//!   optimises this crate alone.
//! - Programs for WebAssembly need `-C target-feature=+simd128` for the fast kernels.
//!
//! # What is guaranteed
//!
//! - **The same bits everywhere.** Sums run in a stated order, `exp` and `ln` are the crate's own ([`math`]), nothing is fused:
//!   x86 (with SSE2), ARM and WebAssembly draw the same tokens. Changing this is a breaking change. (Not in threads that flush
//!   subnormal numbers to zero, as some C libraries make theirs do.)
//! - **Independence.** By default a token is a function of its logits, the options, the history (including what strategies
//!   learned from it), the seed, the sequence and the step, whatever else is drawn before, in between or alongside. The other
//!   generators ([`Algorithm`]) give the streams of torch, numpy and llama.cpp, token for token.
//! - **`distribution` is the law of `sample`**, whichever way the draw is made. (The generators of torch and llama.cpp divide
//!   logits by the temperature in float32, as those do, which makes a difference at logits of a million.)
//! - **An error changes nothing.** Bad logits, masks, tokens and options are errors with a stable [`ErrorCode`] that name the
//!   index or the option; history and generator stay as they were.
//! - **No allocation after the first draw** except for the growing history (by doubling) and the lists of log-probabilities, and a draw
//!   never panics. `Workspace::new` and `Logits::new` panic or abort the process if there is no memory for them.
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
mod past;
mod pyramid;
mod randomness;
mod request;
#[cfg(test)]
mod rows;
mod sampler;
mod stage;
mod state;
mod survivors;
mod text;
mod walk;
mod workspace;

pub use error::{Details, Error, ErrorCode};
#[doc(hidden)] // for the bindings, which make lists of any size, too
pub use functions::reserved;
pub use functions::{argmax, bincount, mask_top_k, multinomial_f32, multinomial_f64, softmax, top_k};
pub use generator::{Algorithm, Generator, Seed};
pub use logits::{Logits, Row, padded_len};
pub use logprobs::{Logprobs, LogprobsOf, TokenLogprob};
#[doc(hidden)] // for the bindings, whose own options give the same hint
pub use nearest::nearest;
pub use options::{
    AdaptiveP, Dry, DynamicTemperature, Mirostat, NoRepeatNgram, Options, Order, PLess, PenaltyScope, Scope, Smoothing,
    Source, ThinkingBudget, Ties, Value, Xtc,
};
pub use request::{Guidance, Request};
pub use sampler::Sampler;
#[doc(hidden)] // for the bindings, whose own messages are made of them
pub use text::Piece;
pub use workspace::Workspace;
