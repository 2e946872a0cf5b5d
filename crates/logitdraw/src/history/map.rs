//! A map of 32-bit integers: open addressing, linear probing, no tombstones. Smaller and faster than a general-purpose map; the
//! iteration order is unspecified.

use alloc::vec;
use alloc::vec::Vec;

/// Marks an empty slot. It is never a key: ids are below 2^31 and hashes are cut to 31 bits.
const EMPTY: u32 = u32::MAX;

/// Maps keys below 2^31 to values. An absent key has the value 0, and setting a value of 0 removes its key.
#[derive(Clone, Default)]
pub(crate) struct Map {
    slots: Vec<(u32, u32)>,
    len: usize,
}

impl Map {
    #[inline]
    pub fn get(&self, key: u32) -> u32 {
        if self.slots.is_empty() {
            return 0;
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(key) & mask;
        loop {
            match self.slots[slot] {
                (found, value) if found == key => return value,
                (EMPTY, _) => return 0,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    /// Whether so many more keys would fill more than three quarters, which would make probes long.
    fn is_too_small_for(&self, more: usize) -> bool {
        4 * (self.len + more) > 3 * self.slots.len()
    }

    /// How many bytes it takes at most to set one key and then another, if at most one of them is new.
    pub fn growth(&self) -> usize {
        // A key that is set is taken to be new, even if it is not.
        if self.is_too_small_for(2) { 2 * size_of_val(&*self.slots) } else { 0 }
    }

    pub fn set(&mut self, key: u32, value: u32) {
        if value != 0 && self.is_too_small_for(1) {
            self.grow();
        }
        if self.slots.is_empty() {
            return;
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(key) & mask;
        while self.slots[slot].0 != key && self.slots[slot].0 != EMPTY {
            slot = (slot + 1) & mask;
        }
        let known = self.slots[slot].0 == key;
        if value != 0 {
            self.slots[slot] = (key, value);
            self.len += usize::from(!known);
        } else if known {
            self.remove(slot);
        }
    }

    /// Calls `f(key, value)` for each key.
    pub fn for_each(&self, mut f: impl FnMut(u32, u32)) {
        for (key, value) in &self.slots {
            if *key != EMPTY {
                f(*key, *value);
            }
        }
    }

    /// Empties a slot and moves up the entries that probing had placed after it.
    fn remove(&mut self, mut hole: usize) {
        let mask = self.slots.len() - 1;
        self.len -= 1;
        let mut slot = hole;
        loop {
            slot = (slot + 1) & mask;
            let key = self.slots[slot].0;
            if key == EMPTY {
                break;
            }
            // Moves the entry if its home slot is at least as far back as the hole.
            if (slot.wrapping_sub(hash(key)) & mask) >= (slot.wrapping_sub(hole) & mask) {
                self.slots[hole] = self.slots[slot];
                hole = slot;
            }
        }
        self.slots[hole] = (EMPTY, 0);
    }

    fn grow(&mut self) {
        let larger = vec![(EMPTY, 0); (2 * self.slots.len()).max(16)];
        let old = core::mem::replace(&mut self.slots, larger);
        self.len = 0;
        for (key, value) in old {
            if key != EMPTY {
                self.set(key, value);
            }
        }
    }
}

/// Fibonacci hashing, upper bits folded in.
#[inline]
fn hash(key: u32) -> usize {
    let product = key.wrapping_mul(0x9e37_79b9);
    (product ^ product >> 15) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::mt19937::Mt19937;
    use alloc::collections::BTreeMap;

    #[test]
    fn behaves_like_a_btree_map() {
        let mut mt = Mt19937::new(5);
        let (mut map, mut model) = (Map::default(), BTreeMap::new());
        for round in 0..20_000 {
            let key = mt.next_u32() % 300 * if round % 2 == 0 { 1 } else { 4096 };
            let value = mt.next_u32() % 3;
            map.set(key, value);
            if value == 0 {
                model.remove(&key)
            } else {
                model.insert(key, value)
            };
            assert_eq!(map.get(key), value);
            if round % 500 == 0 {
                let mut all = BTreeMap::new();
                map.for_each(|key, value| assert_eq!(all.insert(key, value), None));
                assert_eq!(all, model);
            }
            if round % 7000 == 6999 {
                (map, model) = (Map::default(), BTreeMap::new());
            }
        }
        assert_eq!(map.get(123_456), 0);
    }
}
