//! logitdraw draws a language model's next token: logits in, token out.
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

mod error;

pub use error::{Error, ErrorCode};
