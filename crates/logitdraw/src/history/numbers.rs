//! A fixed-size array of numbers: stored as a map while few are not 0, then as an array about as large as the map would be.

use super::Map;
use alloc::vec::Vec;

/// How many numbers lie next to each other in a run of the array.
pub(crate) const RUN: usize = 32;

#[derive(Clone)]
pub(crate) struct Numbers {
    few: Map,
    /// All numbers in whole runs; empty while the map holds them.
    all: Vec<[u32; RUN]>,
    /// For each run, the numbers that are not 0, one bit each.
    bits: Vec<u32>,
    /// How many numbers there are, zeros included.
    size: usize,
    /// How many are not 0.
    len: usize,
}

impl Numbers {
    /// Creates `size` zeros.
    pub fn new(size: usize) -> Self {
        Self { few: Map::default(), all: Vec::new(), bits: Vec::new(), size, len: 0 }
    }

    /// Whether all are 0.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many are not 0.
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn get(&self, index: usize) -> u32 {
        if self.all.is_empty() { self.few.get(index as u32) } else { self.all[index / RUN][index % RUN] }
    }

    pub fn set(&mut self, index: usize, value: u32) {
        let old = self.get(index);
        self.len = self.len + usize::from(value != 0) - usize::from(old != 0);
        if !self.all.is_empty() {
            self.put(index, value);
            return;
        }
        self.few.set(index as u32, value);
        // An entry of the map takes 11 to 21 bytes.
        if self.len > self.size / 6 {
            let few = core::mem::take(&mut self.few);
            self.all = alloc::vec![[0; RUN]; self.size.div_ceil(RUN)];
            self.bits = alloc::vec![0; self.all.len()];
            few.for_each(|index, value| self.put(index as usize, value));
        }
    }

    /// How many bytes it takes at most to set two numbers, at most one of which was 0.
    pub fn growth(&self) -> usize {
        if !self.all.is_empty() {
            return 0;
        }
        let array = if self.len < self.size / 6 { 0 } else { 5 * self.size };
        self.few.growth() + array
    }

    fn put(&mut self, index: usize, value: u32) {
        let (run, bit) = (index / RUN, 1 << (index % RUN));
        self.all[run][index % RUN] = value;
        self.bits[run] = if value != 0 { self.bits[run] | bit } else { self.bits[run] & !bit };
    }

    /// Returns a run, if there is an array.
    #[inline]
    pub fn run(&self, run: usize) -> Option<&[u32; RUN]> {
        self.all.get(run)
    }

    /// Returns which numbers of a run are not 0, one bit each, if there is an array.
    #[inline]
    pub fn run_bits(&self, run: usize) -> Option<u32> {
        self.bits.get(run).copied()
    }

    /// Calls `f(index)` for each number that is not 0.
    pub fn for_each(&self, mut f: impl FnMut(usize)) {
        self.few.for_each(|index, _| f(index as usize));
        for (run, bits) in self.bits.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                f(run * RUN + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }
}
