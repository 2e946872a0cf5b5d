//! The WebAssembly face of logitdraw, for its npm package: what JavaScript hands over becomes what the core takes, and back.
//!
//! Nothing here decides anything. Fallible calls return `false`, `undefined` or a negative number and leave the error to be
//! fetched (`error`): an exception would cost every call that succeeds. Rows of logits are written by JavaScript into
//! memory whose address it asked for (`scratch`, `buffer`), so that logits cross the boundary once.
#![deny(unsafe_code)]
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod buffer;
mod error;
mod functions;
mod generator;
mod global;
mod logprobs;
mod options;
mod past;
mod sampler;
mod scratch;
