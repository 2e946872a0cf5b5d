//! The row of logits: aligned, padded with -Infinity to whole blocks, so that no loop has a tail.

use crate::decimal::Decimal;
use crate::error::{Error, ErrorCode};
use crate::kernels::{self, BLOCK, Block};
use crate::text;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// Floats per cache line; rows start on a line boundary.
const LINE: usize = 16;

/// A row of logits that owns its memory: write `vocab_size` floats, hand it to a sampler, overwrite it with the next ones.
///
/// A sampler may overwrite the logits it is given.
pub struct Logits {
    storage: Vec<f32>,
    start: usize,
    len: usize,
}

impl fmt::Debug for Logits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logits").field(&self.values()).finish()
    }
}

impl Clone for Logits {
    fn clone(&self) -> Self {
        // Not derived: the copy begins on a cache line of its own.
        Self::from(self.values())
    }
}

impl From<&[f32]> for Logits {
    /// A row for as many tokens as there are logits.
    fn from(logits: &[f32]) -> Self {
        let mut row = Self::new(logits.len());
        row.values_mut().copy_from_slice(logits);
        row
    }
}

impl Logits {
    /// A row for a vocabulary of `vocab_size` tokens, all of them masked (-Infinity).
    ///
    /// # Panics
    /// If the row would be larger than any address space. (Where there is no memory for it, the process aborts.)
    pub fn new(vocab_size: usize) -> Self {
        let padded = padded_len(vocab_size);
        let storage = vec![f32::NEG_INFINITY; padded + LINE - 1];
        // If no aligned start can be computed, the row works all the same, only slower.
        let start = storage.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE - 1);
        Self { storage, start, len: vocab_size }
    }

    /// Tokens in the vocabulary.
    pub fn vocab_size(&self) -> usize {
        self.len
    }

    /// The logits, one per token.
    pub fn values(&self) -> &[f32] {
        &self.storage[self.start..self.start + self.len]
    }

    /// The logits, for writing.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.storage[self.start..self.start + self.len]
    }

    /// Copies float32 logits in.
    ///
    /// # Errors
    /// WRONG_LENGTH unless there is one logit per token.
    pub fn set(&mut self, logits: &[f32]) -> Result<(), Error> {
        self.check(logits.len())?;
        self.values_mut().copy_from_slice(logits);
        Ok(())
    }

    /// Copies in float16 logits, given as bits, and converts them exactly.
    ///
    /// # Errors
    /// WRONG_LENGTH unless there is one logit per token.
    pub fn set_f16(&mut self, bits: &[u16]) -> Result<(), Error> {
        self.check(bits.len())?;
        kernels::read_f16(self.padded_mut().as_chunks_mut().0, bits);
        self.pad();
        Ok(())
    }

    /// Copies in bfloat16 logits, given as bits, and converts them exactly.
    ///
    /// # Errors
    /// WRONG_LENGTH unless there is one logit per token.
    pub fn set_bf16(&mut self, bits: &[u16]) -> Result<(), Error> {
        self.check(bits.len())?;
        for (out, bits) in self.values_mut().iter_mut().zip(bits) {
            *out = f32::from_bits(u32::from(*bits) << 16);
        }
        Ok(())
    }

    /// Converts float16 logits in place, exactly; for callers that write to the row's address, others use [`set_f16`](Self::set_f16).
    /// The caller has written their bits to the second half of the row, which starts `2 * padded` bytes after the first logit, `padded`
    /// being the vocabulary's size rounded up to a multiple of 32.
    pub fn widen_f16(&mut self) {
        kernels::widen_f16(self.padded_mut().as_chunks_mut().0);
        self.pad();
    }

    /// Like [`widen_f16`](Self::widen_f16), for bfloat16.
    pub fn widen_bf16(&mut self) {
        kernels::widen_bf16(self.padded_mut().as_chunks_mut().0);
        self.pad();
    }

    /// Masks the padding after the vocabulary.
    fn pad(&mut self) {
        let len = self.len;
        self.padded_mut()[len..].fill(f32::NEG_INFINITY);
    }

    /// The row as a sampler takes it.
    pub fn row(&mut self) -> Row<'_> {
        let len = self.len;
        Row { blocks: self.padded_mut().as_chunks_mut().0, len }
    }

    /// The logits and their padding.
    pub(crate) fn padded_mut(&mut self) -> &mut [f32] {
        &mut self.storage[self.start..self.start + padded_len(self.len)]
    }

    fn check(&self, len: usize) -> Result<(), Error> {
        if len == self.len { Ok(()) } else { Err(wrong_length(self.len, len)) }
    }
}

/// A row of logits somewhere in memory, as a sampler takes it: whole blocks, -Infinity past the vocabulary.
pub struct Row<'a> {
    pub(crate) blocks: &'a mut [Block],
    pub(crate) len: usize,
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.values()).finish()
    }
}

impl<'a> Row<'a> {
    /// Takes `padded`, whose first `vocab_size` floats are logits and whose rest, up to a multiple of 32, is -Infinity.
    ///
    /// # Errors
    /// WRONG_LENGTH if `padded` has any other length, INVALID_LOGITS if its padding holds anything else.
    pub fn from_padded(padded: &'a mut [f32], vocab_size: usize) -> Result<Self, Error> {
        // If the multiple overflows, no slice can be that long.
        let expected = vocab_size.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX);
        if padded.len() != expected {
            return Err(wrong_length(expected, padded.len()));
        }
        if padded[vocab_size..].iter().any(|x| *x != f32::NEG_INFINITY) {
            return Err(Error::new(ErrorCode::InvalidLogits, "the padding of a row must be -Infinity"));
        }
        Ok(Self { blocks: padded.as_chunks_mut().0, len: vocab_size })
    }

    /// Tokens in the vocabulary.
    pub fn vocab_size(&self) -> usize {
        self.len
    }

    /// The logits, without the padding.
    pub fn values(&self) -> &[f32] {
        &self.blocks.as_flattened()[..self.len]
    }

    /// The same row for a shorter time, so that it can be used again.
    pub fn reborrow(&mut self) -> Row<'_> {
        Row { blocks: &mut *self.blocks, len: self.len }
    }

    /// The row, with its logits replaced by `logits`.
    pub(crate) fn filled(self, logits: &[f32]) -> Self {
        self.blocks.as_flattened_mut()[..self.len].copy_from_slice(logits);
        self
    }

    /// The row with NaN replaced by 0 and infinities by the largest and lowest float (transformers' InfNanRemoveLogitsProcessor).
    pub(crate) fn without_invalid_values(self) -> Self {
        for x in &mut self.blocks.as_flattened_mut()[..self.len] {
            *x = if x.is_nan() { 0.0 } else { x.clamp(f32::MIN, f32::MAX) };
        }
        self
    }
}

/// The floats that a row of `vocab_size` logits takes: the next multiple of 32.
pub const fn padded_len(vocab_size: usize) -> usize {
    // Saturating, so that a size beyond any memory is not taken for a small one.
    vocab_size.saturating_add(BLOCK - 1) / BLOCK * BLOCK
}

/// Returns an error that names the first NaN or +Infinity, if there is one. `what` is what the message calls the values, `first`
/// the index of the first of them.
#[cold]
pub(crate) fn check_logits(what: &str, logits: &[f32], first: usize) -> Result<(), Error> {
    match logits.iter().position(|x| x.is_nan() || *x == f32::INFINITY) {
        None => Ok(()),
        Some(place) => {
            let (x, index) = (Decimal(f64::from(logits[place])), first + place);
            let message = text!(what, " ", index, " is ", x, ": logits must be finite or -Infinity");
            Err(Error::new(ErrorCode::InvalidLogits, message).at(index))
        }
    }
}

/// Returns the largest of logits that nothing else checks (-Infinity if all are masked), or an error as [`check_logits`] does.
pub(crate) fn checked_max(what: &str, logits: &[f32]) -> Result<f32, Error> {
    let mut max = f32::NEG_INFINITY;
    let mut bad = false;
    for &x in logits {
        bad |= x.is_nan() || x == f32::INFINITY;
        max = if x > max { x } else { max };
    }
    if bad {
        check_logits(what, logits, 0)?;
    }
    Ok(max)
}

/// The error for a row of `got` logits when the vocabulary has `expected` tokens; its index is that of the first one missing or too many.
pub(crate) fn wrong_length(expected: usize, got: usize) -> Error {
    Error::new(ErrorCode::WrongLength, text!("expected ", expected, " logits, got ", got)).at(expected.min(got))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At every length, over an earlier row's leftovers: the bits are written where the padding is.
    #[test]
    fn set_f16_and_set_bf16_convert_and_mask_the_padding() {
        let bits: Vec<u16> = (0..200).map(|i| 0x3c00 + 37 * i).collect();
        for len in 1..=200 {
            let mut row = Logits::new(len);
            let mut once = |set: fn(&mut Logits, &[u16]) -> Result<(), Error>, expected: fn(u16) -> f32| {
                row.values_mut().fill(f32::NAN);
                set(&mut row, &bits[..len]).unwrap();
                assert!(row.values().iter().zip(&bits).all(|(x, bits)| *x == expected(*bits)), "{len} tokens");
                assert!(row.padded_mut()[len..].iter().all(|x| *x == f32::NEG_INFINITY), "{len} tokens");
            };
            // float16 from 1.0 upwards: 5 exponent bits and 10 fraction bits.
            once(Logits::set_f16, |bits| f32::from_bits((u32::from(bits) << 13) + (112 << 23)));
            once(Logits::set_bf16, |bits| f32::from_bits(u32::from(bits) << 16));
            assert!(row.set_f16(&bits[1..len]).is_err());
        }
    }
}
