//! Whether there is room in the module's memory, checked before a call takes any: an allocation that fails in the middle of one is a trap.

use crate::error::to_bool;
use crate::global::global;
use alloc::vec::Vec;
use logitdraw::{Error, ErrorCode, reserved};
use wasm_bindgen::prelude::wasm_bindgen;

/// Bytes held in reserve: for messages, growing histories, and everything too small to be checked.
const SPARE: usize = 1 << 20;

// Bytes that scratches may still take at any time, without a further check.
global!(PROMISED: usize = 0);

/// Promises bytes that `has_room` has found.
pub(crate) fn promise(bytes: usize) {
    PROMISED.with_borrow_mut(|promised| *promised += bytes);
}

/// Withdraws a promise, once what was promised is freed.
pub(crate) fn withdraw(bytes: usize) {
    PROMISED.with_borrow_mut(|promised| *promised -= bytes);
}

/// Whether `bytes` can be allocated, and besides them everything that has been promised: allocates it at once and frees it. If that fails
/// an error can be returned; later on there would only be a trap.
pub(crate) fn has_room(bytes: usize) -> bool {
    let all = bytes.saturating_add(PROMISED.with_borrow(|promised| promised + SPARE));
    // As far as possible in one piece: the allocator's largest is a little less than half of all memory.
    let first = all.min(0x7fff_0000);
    reserved::<u8>(first).is_ok_and(|_held| reserved::<u8>(all - first).is_ok())
}

/// Whether there is room for this many bytes, before JavaScript passes them; keeps OUT_OF_MEMORY if there is not.
#[wasm_bindgen]
pub fn spare_room(bytes: f64) -> bool {
    to_bool(check_room(bytes as usize))
}

/// As [`spare_room`], for memory that is about to be allocated.
pub(crate) fn check_room(bytes: usize) -> Result<(), Error> {
    // This little is always available from the reserve.
    if bytes <= SPARE / 16 { Ok(()) } else { check_any_room(bytes) }
}

/// As [`check_room`], however little it is: the lists of many samplers, which double at the same token, would use up the reserve.
pub(crate) fn check_any_room(bytes: usize) -> Result<(), Error> {
    if has_room(bytes) { Ok(()) } else { Err(Error::new(ErrorCode::OutOfMemory, "no memory for so much at once")) }
}

/// `len` zeros, or `OUT_OF_MEMORY`.
pub(crate) fn zeros<T: Clone + Default>(len: usize) -> Result<Vec<T>, Error> {
    let mut list = reserved(len)?;
    list.resize(len, T::default());
    Ok(list)
}

/// Upper bound of the bytes per token of the history: 12 while the list of tokens grows, 21 while one of the strategies' lists does, and
/// 43 for DRY's second memory, which it has if even single tokens are repetitions. A state takes no more while it is written.
const BYTES_PER_TOKEN: usize = 80;
/// In addition, what each strategy remembers of a token: a link of 16 bytes and two map entries of 8, all in lists that are half empty; or
/// three counts.
const BYTES_PER_MEMORY: usize = 64;

/// Returns `OUT_OF_MEMORY` unless there is room for this many tokens and for what the strategies of these options remember of them.
pub(crate) fn room_to_remember(tokens: usize, options: &logitdraw::Options) -> Result<(), Error> {
    check_room(tokens.saturating_mul(BYTES_PER_TOKEN + BYTES_PER_MEMORY * options.memory_count()))
}
