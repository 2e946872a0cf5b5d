//! A number for each block of 32 tokens: a map while few are not 0, then an array no larger than the map would be.

use super::Map;
use alloc::vec::Vec;

#[derive(Clone)]
pub(crate) struct Blocks {
    few: Map,
    /// All of them, once it has any.
    all: Vec<u32>,
    count: usize,
}

impl Blocks {
    pub fn new(count: usize) -> Self {
        Self { few: Map::default(), all: Vec::new(), count }
    }

    #[inline]
    pub fn get(&self, block: usize) -> u32 {
        if self.all.is_empty() { self.few.get(block as u32) } else { self.all[block] }
    }

    pub fn set(&mut self, block: usize, value: u32) {
        if self.all.is_empty() {
            self.few.set(block as u32, value);
            // An entry of the map takes 11 to 21 bytes.
            if self.few.len() > self.count / 4 {
                let mut all = alloc::vec![0; self.count];
                self.few.for_each(|block, value| all[block as usize] = value);
                self.all = all;
                self.few = Map::default();
            }
        } else {
            self.all[block] = value;
        }
    }

    /// Calls `f(block, value)` for each that is not 0.
    pub fn for_each(&self, mut f: impl FnMut(usize, u32)) {
        self.few.for_each(|block, value| f(block as usize, value));
        for (block, value) in self.all.iter().enumerate().filter(|(_, value)| **value != 0) {
            f(block, *value);
        }
    }

    pub fn clear(&mut self) {
        self.few.clear();
        self.all.fill(0);
    }
}
