//! A WebAssembly module as a text that stands in a JavaScript file and that gzip makes small, and back.
//!
//! Instructions and what follows them are as different as words and prices: side by side they hide each other's repetitions from gzip. So a
//! module is taken apart into lists of what is alike, by a walk through it (`walk.rs`), and put together by the same walk. Two things
//! the walk knows are left out: the size of a function's body, and the usual alignment of loads and stores. Lists are written as letters,
//! one or two a byte (`letters.rs`). The text starts with the places of the lists and their alphabets.
//!
//! Taking apart is the build's, by the program of this package. Putting together becomes a WebAssembly module of its own, two kilobytes, that a
//! page runs before it has the other one.

#![cfg_attr(target_arch = "wasm32", no_std)]

mod letters;
#[cfg(not(target_arch = "wasm32"))]
mod pack;
mod unpack;
mod walk;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub use pack::pack;
pub use unpack::unpack;
