//! A number for each of so many things: a map while few are not 0, then an array about as large as the map would be.

use super::Map;
use alloc::vec::Vec;

/// Numbers that lie beside each other in an array.
pub(crate) const RUN: usize = 32;

#[derive(Clone)]
pub(crate) struct Numbers {
    few: Map,
    /// All of them in whole runs, once it has any.
    all: Vec<[u32; RUN]>,
    /// How many there can be.
    size: usize,
    /// How many are not 0.
    len: usize,
}

impl Numbers {
    /// Zeros for `size` things.
    pub fn new(size: usize) -> Self {
        Self { few: Map::default(), all: Vec::new(), size, len: 0 }
    }

    /// Whether all are 0.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub fn get(&self, index: usize) -> u32 {
        if self.all.is_empty() { self.few.get(index as u32) } else { self.all[index / RUN][index % RUN] }
    }

    pub fn set(&mut self, index: usize, value: u32) {
        let old = self.get(index);
        self.len = self.len + usize::from(value != 0) - usize::from(old != 0);
        if !self.all.is_empty() {
            self.all[index / RUN][index % RUN] = value;
            return;
        }
        self.few.set(index as u32, value);
        // An entry of the map takes 11 to 21 bytes.
        if self.len > self.size / 6 {
            let mut all = alloc::vec![[0; RUN]; self.size.div_ceil(RUN)];
            self.few.for_each(|index, value| all[index as usize / RUN][index as usize % RUN] = value);
            self.all = all;
            self.few = Map::default();
        }
    }

    /// A run of the array, if there is one.
    #[inline]
    pub fn run(&self, run: usize) -> Option<&[u32; RUN]> {
        self.all.get(run)
    }

    /// Calls `f(index)` for each that is not 0.
    pub fn for_each(&self, mut f: impl FnMut(usize)) {
        self.few.for_each(|index, _| f(index as usize));
        for (index, value) in self.all.as_flattened().iter().enumerate() {
            if *value != 0 {
                f(index);
            }
        }
    }

    pub fn clear(&mut self) {
        self.few.clear();
        self.all.as_flattened_mut().fill(0);
        self.len = 0;
    }
}
