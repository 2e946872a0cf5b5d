//! The memory a draw needs, once per vocabulary size: all samplers of that size share it, and the last one frees it.

use crate::global::global;
use crate::room::{has_room, promise, withdraw};
use alloc::rc::{Rc, Weak};
use alloc::vec;
use alloc::vec::Vec;
use core::cell::RefCell;
use logitdraw::text;
use logitdraw::{Error, ErrorCode, Logits, Workspace};

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

impl Drop for Scratch {
    fn drop(&mut self) {
        withdraw(self.row.vocab_size() * BYTES_PER_LOGIT);
    }
}

pub(crate) type Shared = Rc<RefCell<Scratch>>;

global!(ALL: Vec<(usize, Weak<RefCell<Scratch>>)> = Vec::new());
global!(MADE: u32 = 0);

/// Upper bound of the bytes per token of the vocabulary, over all that a scratch holds: `row`, `unconditional` and `law` 4 each; a mask's bit
/// is in what the workspace rounds up.
const BYTES_PER_LOGIT: usize = 12 + Workspace::MOST_BYTES_PER_TOKEN;

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
    promise(bytes);
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
        assert!(Rc::ptr_eq(&next, &of(1000).unwrap()));
    }
}
