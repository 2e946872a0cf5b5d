//! The memory a draw needs, once per vocabulary size: all samplers of that size share it, and the last one frees it. Also checks whether
//! there is room for anything else besides what they may still need.

use crate::error::to_bool;
use crate::global::global;
use alloc::rc::{Rc, Weak};
use alloc::vec;
use alloc::vec::Vec;
use core::cell::RefCell;
use logitdraw::text;
use logitdraw::{Error, ErrorCode, Logits, Workspace, reserved};
use wasm_bindgen::prelude::wasm_bindgen;

/// A row to write logits into, and what the core needs besides it.
pub(crate) struct Scratch {
    /// Distinguishes it from one that was freed before and may have had the same address.
    pub id: u32,
    pub row: Logits,
    pub workspace: Workspace,
    /// Allowed tokens, one bit each.
    pub mask: Vec<u32>,
    /// The logits without the prompt, for draws with guidance; empty until the first one.
    pub unconditional: Vec<f32>,
    /// The law of a draw, one probability per token; empty until it is first asked for.
    pub law: Vec<f32>,
}

pub(crate) type Shared = Rc<RefCell<Scratch>>;

global!(ALL: Vec<(usize, Weak<RefCell<Scratch>>)> = Vec::new());
global!(MADE: u32 = 0);

/// Upper bound of the bytes per token of the vocabulary, over all that a scratch holds: `row` 4, `unconditional` 4, `law` 4; of the
/// workspace `list` 8, `keys` 8, `doubles` 8, `again` 4, `before` 4, `whole` 20; and less than 2 for what blocks and masks take.
const BYTES_PER_LOGIT: usize = 66;

/// The scratch of a vocabulary size, made if there is none yet. `OUT_OF_MEMORY` if there is no room for it, or for the sampler itself.
pub(crate) fn of(vocab_size: usize) -> Result<Shared, Error> {
    let known = ALL.with_borrow_mut(|all| {
        all.retain(|(_, scratch)| scratch.strong_count() > 0);
        all.iter().find(|(size, _)| *size == vocab_size).and_then(|(_, weak)| weak.upgrade())
    });
    let bytes = if known.is_some() { 0 } else { vocab_size.saturating_mul(BYTES_PER_LOGIT) };
    if !has_room(bytes) {
        let message = text!("no memory for a sampler with a vocabulary of ", vocab_size, " tokens");
        return Err(Error::new(ErrorCode::OutOfMemory, message));
    }
    if let Some(scratch) = known {
        return Ok(scratch);
    }
    ALL.with_borrow_mut(|all| {
        let id = MADE.with_borrow_mut(|made| {
            *made = made.wrapping_add(1);
            *made
        });
        let scratch = Rc::new(RefCell::new(Scratch {
            id,
            row: Logits::new(vocab_size),
            workspace: Workspace::new(vocab_size),
            mask: vec![0; vocab_size.div_ceil(32)],
            unconditional: Vec::new(),
            law: Vec::new(),
        }));
        all.push((vocab_size, Rc::downgrade(&scratch)));
        Ok(scratch)
    })
}

/// Bytes held in reserve: for messages, growing histories, and everything too small to be checked.
const SPARE: usize = 1 << 20;

/// Whether `bytes` can be allocated, and besides them everything that the live scratches may still take: allocates it at once and frees
/// it. If that fails an error can be returned; later on there would only be a trap.
pub(crate) fn has_room(bytes: usize) -> bool {
    let promised = ALL.with_borrow(|all| {
        let living = all.iter().filter(|(_, scratch)| scratch.strong_count() > 0);
        living.fold(SPARE, |sum, (vocab_size, _)| sum.saturating_add(vocab_size.saturating_mul(BYTES_PER_LOGIT)))
    });
    reserved::<u8>(bytes.saturating_add(promised)).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_is_shared_per_size_and_freed_by_its_last_owner() {
        let (first, second, other) = (of(1000).unwrap(), of(1000).unwrap(), of(1001).unwrap());
        assert!(Rc::ptr_eq(&first, &second) && !Rc::ptr_eq(&first, &other));
        let id = first.borrow().id;
        let weak = Rc::downgrade(&first);
        drop(first);
        assert_eq!(weak.strong_count(), 1);
        drop(second);
        assert_eq!(weak.strong_count(), 0);
        assert_eq!(of(usize::MAX).err().unwrap().code, ErrorCode::OutOfMemory);
        let next = of(1000).unwrap();
        assert_eq!(next.borrow().row.vocab_size(), 1000);
        assert_ne!(next.borrow().id, id);
    }
}
