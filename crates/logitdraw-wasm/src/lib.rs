//! The WebAssembly bindings of logitdraw for its npm package: they convert JavaScript's values to the core's and back.
//!
//! Nothing is decided here. Fallible calls return `false`, `undefined` or a negative number and keep the error to be
//! fetched (`error`): exceptions would have a cost in every call that succeeds. JavaScript writes rows of logits into
//! memory whose address it has asked for (`scratch`, `buffer`), so that logits cross the boundary once.
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
mod room;
mod sampler;
mod scratch;
