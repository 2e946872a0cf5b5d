//! A number that a strategy carries from token to token, with all its former values, so that tokens can be taken back.

use super::{History, Memory, growth};
use crate::bytes::{Reader, Writer, invalid};
use crate::error::Error;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A number and its value after each token that changed it.
#[derive(Clone)]
pub(crate) struct Track {
    first: f64,
    /// Length of the history, and the value from there on.
    changes: Vec<(u32, f64)>,
    /// Computes the next value from the current one and what was observed.
    update: fn(f64, f64, [f64; 2]) -> f64,
    parameters: [f64; 2],
}

impl Track {
    pub fn new(first: f64, parameters: [f64; 2], update: fn(f64, f64, [f64; 2]) -> f64) -> Self {
        Self { first, changes: Vec::new(), update, parameters }
    }

    /// The current value.
    pub fn value(&self) -> f64 {
        self.changes.last().map_or(self.first, |change| change.1)
    }
}

impl Memory for Track {
    fn push(&mut self, history: &History, observed: Option<f64>) {
        if let Some(observed) = observed {
            let value = (self.update)(self.value(), observed, self.parameters);
            self.changes.push((history.len() as u32, value));
        }
    }

    fn pop(&mut self, history: &History) {
        if self.changes.last().is_some_and(|change| change.0 as usize == history.len()) {
            self.changes.pop();
        }
    }

    fn growth(&self) -> usize {
        growth(&self.changes)
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }

    fn inherit(&mut self, other: &dyn Memory) {
        self.changes = other.downcast::<Self>().changes.clone();
    }

    fn save(&self, out: &mut Writer) {
        out.u32(self.changes.len() as u32);
        for (len, value) in &self.changes {
            out.u32(*len);
            out.u64(value.to_bits());
        }
    }

    fn restore(&mut self, input: &mut Reader<'_>) -> Result<(), Error> {
        self.changes.clear();
        for _ in 0..input.u32()? {
            let (len, value) = (input.u32()?, f64::from_bits(input.u64()?));
            if value.is_nan() || self.changes.last().is_some_and(|change| change.0 >= len) {
                return Err(invalid("an impossible value of a strategy"));
            }
            self.changes.push((len, value));
        }
        Ok(())
    }
}
