//! Rows of logits in WebAssembly memory, which JavaScript writes to without a copy.

use crate::error::to_option;
use crate::room::{has_room, zeros};
use alloc::vec::Vec;
use logitdraw::text;
use logitdraw::{Error, ErrorCode, Row, padded_len};
use wasm_bindgen::prelude::wasm_bindgen;

/// The most floats that pad a row to whole blocks: the last row needs them after it.
const SLACK: usize = 31;

/// `rows` rows of `vocab_size` floats, one after the other, all 0 at first.
#[wasm_bindgen(js_name = CoreBuffer)]
pub struct LogitsBuffer {
    storage: Vec<f32>,
}

#[wasm_bindgen(js_class = CoreBuffer)]
impl LogitsBuffer {
    /// Creates a buffer, or returns `undefined` and keeps OUT_OF_MEMORY. JavaScript has checked that both are from 1 to 2^31.
    pub fn create(vocab_size: usize, rows: usize) -> Option<LogitsBuffer> {
        to_option(Self::new(vocab_size, rows))
    }

    /// Returns the address of row 0.
    pub fn pointer(&self) -> *const f32 {
        self.storage.as_ptr()
    }
}

impl LogitsBuffer {
    fn new(vocab_size: usize, rows: usize) -> Result<Self, Error> {
        let out_of_memory =
            || Error::new(ErrorCode::OutOfMemory, text!("no memory for ", rows, " rows of ", vocab_size, " logits"));
        let floats =
            vocab_size.checked_mul(rows).and_then(|floats| floats.checked_add(SLACK)).ok_or_else(out_of_memory)?;
        if !has_room(floats.saturating_mul(size_of::<f32>())) {
            return Err(out_of_memory());
        }
        Ok(Self { storage: zeros(floats)? })
    }

    /// Passes a row to `use_row` in place. The floats after it in the buffer serve as padding meanwhile, and are restored.
    pub(crate) fn in_place<T>(
        &mut self,
        start: usize,
        vocab_size: usize,
        use_row: impl FnOnce(Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let inside = start.checked_add(vocab_size).is_some_and(|end| end <= self.storage.len() - SLACK);
        if !inside {
            return Err(Error::new(ErrorCode::WrongLength, "the row ends after the buffer"));
        }
        let padded = &mut self.storage[start..start + padded_len(vocab_size)];
        let mut behind = [0.0; SLACK];
        let behind = &mut behind[..padded.len() - vocab_size];
        behind.copy_from_slice(&padded[vocab_size..]);
        padded[vocab_size..].fill(f32::NEG_INFINITY);
        let result = Row::from_padded(padded, vocab_size).and_then(use_row);
        padded[vocab_size..].copy_from_slice(behind);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_place_pads_a_row_and_then_restores_the_storage() {
        for vocab_size in [1, 31, 32, 33, 40] {
            let mut buffer = LogitsBuffer::new(vocab_size, 2).unwrap();
            for (i, x) in buffer.storage.iter_mut().enumerate() {
                *x = i as f32;
            }
            let before = buffer.storage.clone();
            for row in 0..2 {
                let len = buffer.in_place(row * vocab_size, vocab_size, |row| Ok(row.vocab_size())).unwrap();
                assert_eq!((len, &buffer.storage), (vocab_size, &before));
                let bad = || Error::new(ErrorCode::InvalidLogits, "");
                assert!(buffer.in_place(row * vocab_size, vocab_size, |_| Err::<(), _>(bad())).is_err());
                assert_eq!(&buffer.storage, &before);
            }
            let error = buffer.in_place(vocab_size + 1, vocab_size, |_| Ok(())).unwrap_err();
            assert_eq!(error.code, ErrorCode::WrongLength);
            assert!(buffer.in_place(usize::MAX, vocab_size, |_| Ok(())).is_err());
        }
    }

    #[test]
    fn a_buffer_too_large_for_memory_is_refused() {
        for (vocab_size, rows) in [(usize::MAX, 1), (1, usize::MAX), (1 << 31, 1 << 31)] {
            assert_eq!(LogitsBuffer::new(vocab_size, rows).err().unwrap().code, ErrorCode::OutOfMemory);
        }
    }
}
