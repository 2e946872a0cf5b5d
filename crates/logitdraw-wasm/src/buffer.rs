//! Rows of logits in WebAssembly memory, which JavaScript writes to without a copy.

use crate::error::kept;
use crate::scratch::zeros;
use logitdraw::{Error, ErrorCode, Row, padded_len};
use wasm_bindgen::prelude::wasm_bindgen;

/// Floats between a vocabulary and the next multiple of a block, at most: the last row needs them behind it.
const SLACK: usize = 31;

/// `rows` rows of `vocab_size` floats, one behind the other, all 0 at first.
#[wasm_bindgen]
pub struct LogitsBuffer {
    storage: Vec<f32>,
}

#[wasm_bindgen]
impl LogitsBuffer {
    /// A buffer, or `undefined` and OUT_OF_MEMORY, or INVALID_OPTION naming `vocabSize` or `rows`.
    pub fn create(vocab_size: f64, rows: f64) -> Option<LogitsBuffer> {
        kept(Self::new(vocab_size, rows))
    }

    /// Where row 0 starts.
    pub fn pointer(&self) -> *const f32 {
        self.storage.as_ptr()
    }
}

impl LogitsBuffer {
    fn new(vocab_size: f64, rows: f64) -> Result<Self, Error> {
        let whole = |name: &str, x: f64| {
            if (1.0..=2_147_483_648.0).contains(&x) && x as u32 as f64 == x {
                Ok(x as usize)
            } else {
                Err(Error::option(name, format!("{name} is an integer from 1 to 2^31, not {x}")))
            }
        };
        let (vocab_size, rows) = (whole("vocabSize", vocab_size)?, whole("rows", rows)?);
        let floats = vocab_size.checked_mul(rows).and_then(|floats| floats.checked_add(SLACK)).ok_or_else(|| {
            Error::new(ErrorCode::OutOfMemory, format!("no memory for {rows} rows of {vocab_size} logits"))
        })?;
        Ok(Self { storage: zeros(floats)? })
    }

    /// Hands a row to `use_row` where it stands. What follows it in the buffer is padding for that while, and is put back.
    pub(crate) fn in_place<T>(
        &mut self,
        start: usize,
        vocab_size: usize,
        use_row: impl FnOnce(Row<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let inside = start.checked_add(vocab_size).is_some_and(|end| end <= self.storage.len() - SLACK);
        if !inside {
            return Err(Error::new(ErrorCode::WrongLength, "the row ends behind the buffer"));
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
