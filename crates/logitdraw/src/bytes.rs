//! Saved states: little-endian fields between a tag and a checksum. Reading never panics, whatever the bytes are.

use crate::error::{Error, ErrorCode};
use alloc::string::String;
use alloc::vec::Vec;

/// 64-bit FNV-1a: enough to detect truncated or altered bytes, but no protection against forgery.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns the error for a state that cannot be read.
pub(crate) fn invalid(message: &str) -> Error {
    Error::new(ErrorCode::InvalidState, message)
}

/// Builds a saved state.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(tag: &[u8; 4]) -> Self {
        Self(tag.to_vec())
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn u128(&mut self, value: u128) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Writes a list: its length, then its words.
    pub(crate) fn words(&mut self, words: &[u32]) {
        self.u32(words.len() as u32);
        for &word in words {
            self.u32(word);
        }
    }

    /// Writes a list of bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.0.extend_from_slice(bytes);
    }

    /// Writes a string as its bytes.
    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Returns the state with its checksum.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let sum = checksum(&self.0);
        self.u64(sum);
        self.0
    }
}

/// Reads a state in the order in which it was written.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Checks tag and checksum first, so that everything read afterwards is what was saved.
    pub(crate) fn new(bytes: &'a [u8], tag: &[u8; 4]) -> Result<Self, Error> {
        let Some((body, sum)) = bytes.split_last_chunk::<8>() else { return Err(invalid("the saved state is cut")) };
        let Some(rest) = body.strip_prefix(tag) else {
            return Err(invalid("not a saved state of this kind and version"));
        };
        if checksum(body) != u64::from_le_bytes(*sum) {
            return Err(invalid("the saved state is cut or altered"));
        }
        Ok(Self(rest))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (head, rest) = self.0.split_at_checked(count).ok_or_else(|| invalid("the saved state is cut"))?;
        self.0 = rest;
        Ok(head)
    }

    /// Reads a number of up to eight bytes.
    fn number(&mut self, count: usize) -> Result<u64, Error> {
        Ok(self.take(count)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.number(1)? as u8)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        Ok(self.number(4)? as u32)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Error> {
        self.number(8)
    }

    pub(crate) fn u128(&mut self) -> Result<u128, Error> {
        let low = self.u64()?;
        Ok(u128::from(self.u64()?) << 64 | u128::from(low))
    }

    /// Reads a list that [`Writer::words`] wrote. Its length is checked against the bytes that are left before anything is allocated.
    pub(crate) fn words(&mut self) -> Result<Vec<u32>, Error> {
        let length = self.u32()? as usize;
        if length > self.0.len() / 4 {
            return Err(invalid("the saved state is cut"));
        }
        let mut words = Vec::with_capacity(length);
        for _ in 0..length {
            words.push(self.u32()?);
        }
        Ok(words)
    }

    /// Reads bytes that [`Writer::bytes`] wrote.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = self.u32()? as usize;
        self.take(length)
    }

    /// Reads a string that [`Writer::text`] wrote. All known strings are ASCII; any other byte becomes a character that none of them has.
    pub(crate) fn text(&mut self) -> Result<String, Error> {
        Ok(self.bytes()?.iter().copied().map(char::from).collect())
    }

    /// Checks that nothing is left over.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(invalid("the saved state is longer than it should be")) }
    }
}
