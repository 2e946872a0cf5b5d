//! What was seen before a byte, and the contexts made of it.

use crate::contexts::{CONTEXTS, Contexts, KINDS, SEEN, WITHIN, seen};
use crate::walk::list;

/// Odd, and otherwise arbitrary.
const FACTORS: [u32; 4] = [0x9e37_79b1, 0x85eb_ca6b, 0xc2b2_ae35, 0x27d4_eb2f];
/// Stands for the opcode before a body's first instruction.
const START: u32 = 0xff;

pub(crate) struct History<'a> {
    contexts: &'a Contexts,
    seen: [u32; SEEN],
    /// The ranks of the last two bytes of each kind.
    of_kind: [[u8; 2]; KINDS],
    /// The list of the last byte.
    list: usize,
    /// The bytes so far of a number that has begun, otherwise 0.
    number: u32,
    /// A hash of the current instruction's bytes so far.
    instruction: u32,
}

impl<'a> History<'a> {
    pub(crate) fn new(contexts: &'a Contexts) -> Self {
        History { contexts, seen: [0; SEEN], of_kind: [[0; 2]; KINDS], list: 0, number: 0, instruction: 0 }
    }

    /// Records that a function's body begins.
    pub(crate) fn begin(&mut self) {
        self.seen[seen::OPCODE] = START;
        self.seen[seen::BODY] += 1;
    }

    /// Returns the kind of the next byte, which belongs to `list`.
    pub(crate) fn kind(&mut self, list: usize) -> usize {
        if list == list::OPCODES {
            for at in (seen::OPCODES..seen::INSTRUCTIONS).rev() {
                self.seen[at] = self.seen[at - 1];
            }
            self.seen[seen::OPCODE] = 0;
            self.seen[seen::INSTRUCTIONS + 1] = self.seen[seen::INSTRUCTIONS];
            self.seen[seen::INSTRUCTIONS] = self.instruction;
            self.instruction = 0;
        }
        if list != self.list {
            self.number = 0;
            self.list = list;
        }
        let kind = (list + if self.number == 0 { 0 } else { WITHIN }) % KINDS;
        let [last, one_before] = self.of_kind[kind];
        self.seen[seen::OF_KIND] = last.into();
        self.seen[seen::OF_KIND + 1] = one_before.into();
        kind
    }

    /// Returns the contexts of a byte of a kind, each as a hash.
    pub(crate) fn contexts(&self, kind: usize) -> [u32; CONTEXTS] {
        [self.context(kind, 0), self.context(kind, 1), self.context(kind, 2)]
    }

    #[inline(always)]
    fn context(&self, kind: usize, at: usize) -> u32 {
        let things = usize::from(self.contexts[kind][at]);
        let seen = |digit: usize| self.seen[(things >> (4 * digit)) % SEEN].wrapping_mul(FACTORS[digit]);
        let which = mixed(self.number << 8 ^ (kind * CONTEXTS + at) as u32);
        mixed(which.wrapping_add(seen(0)).wrapping_add(seen(1)).wrapping_add(seen(2)).wrapping_add(seen(3)))
    }

    /// Records a byte of a kind, and its rank.
    pub(crate) fn saw(&mut self, kind: usize, byte: u8, rank: u8) {
        self.of_kind[kind] = [rank, self.of_kind[kind][0]];
        let is_last = byte < 0x80 && self.list != list::BITS;
        let byte = u32::from(byte);
        self.seen[seen::BYTES + 2] = self.seen[seen::BYTES + 1];
        self.seen[seen::BYTES + 1] = self.seen[seen::BYTES];
        self.seen[seen::BYTES] = byte;
        if matches!(self.list, list::OPCODES | list::VECTORS) {
            self.seen[seen::OPCODE] = self.seen[seen::OPCODE] << 8 | byte;
        }
        self.instruction = mixed(self.instruction.wrapping_add(byte + 1));
        self.number = (self.number << 8 | byte).wrapping_add(1);
        if is_last {
            if self.list == list::LOCALS {
                self.seen[seen::LOCALS + 1] = self.seen[seen::LOCALS];
                self.seen[seen::LOCALS] = self.number;
            }
            self.number = 0;
        }
    }
}

/// Mixes bits so that each of them changes the upper half.
fn mixed(bits: u32) -> u32 {
    (bits ^ bits >> 15).wrapping_mul(0x2c1b_3c6d)
}
