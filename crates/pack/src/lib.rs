//! Packs a WebAssembly module into a text for a JavaScript file, with as few letters as a page can decode in time, and unpacks it.
//!
//! A walk through the module (`walk.rs`) knows what each byte is: an opcode, the number of a local, a part of a constant. What was seen
//! before the byte (`history.rs`) gives three contexts, those that predict bytes of its kind best (`contexts.rs`). From these, a model
//! (`model.rs`) estimates how probable each decision about the byte is, and an arithmetic coder (`coder.rs`) turns decisions into letters,
//! the fewer the more probable they were. Unpacking walks the module with the same history and the same model.
//!
//! The build packs, with the program of this package. The code for unpacking becomes a WebAssembly module of its own, five kilobytes, which
//! a page runs to get the other one.

#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "../../logitdraw/tests/common/cases.rs"]
mod cases;
mod coder;
mod contexts;
mod history;
mod model;
#[cfg(not(target_arch = "wasm32"))]
mod pack;
mod ranks;
mod unpack;
mod walk;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub use {
    contexts::{CONTEXTS, Contexts, KINDS, SEEN, SUITABLE},
    pack::{pack, packed},
    unpack::unpack,
};
