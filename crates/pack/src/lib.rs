//! A WebAssembly module as a text that stands in a JavaScript file, as few letters as a page can read in time, and back.
//!
//! A walk through the module (`walk.rs`) knows of each byte what it is: an opcode, the number of a local, a part of a constant. What was seen
//! before it (`history.rs`) makes three contexts, those that foretell bytes of its kind best (`contexts.rs`). A model (`model.rs`) says from them
//! how probable each decision about the byte is, and an arithmetic coder (`coder.rs`) makes letters of decisions, the fewer the more
//! probable they were. Whoever puts the module together walks, sees and models the same.
//!
//! Taking apart is the build's, by the program of this package. Putting together becomes a WebAssembly module of its own, five kilobytes, that a
//! page runs before it has the other one.

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
