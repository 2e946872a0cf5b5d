//! logitdraw draws a language model's next token: logits in, token out.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod bytes;
mod error;
pub mod generator;
pub mod math;

pub use error::{Error, ErrorCode};
pub use generator::{Algorithm, Generator, Seed};
