//! Walks through a module, from its first byte to its last, and tells which list each byte belongs to. Packing and unpacking walk the same
//! way.

/// The lists of bytes that have something in common.
pub(crate) mod list {
    /// What an instruction does.
    pub const OPCODES: usize = 0;
    pub const LOCALS: usize = 1;
    /// The targets of branches.
    pub const LABELS: usize = 2;
    /// The locals that a function has.
    pub const DECLARATIONS: usize = 3;
    /// Types of blocks.
    pub const BLOCKS: usize = 4;
    /// Globals, memories, tables.
    pub const GLOBALS: usize = 5;
    /// Alignments of loads and stores, as differences from the usual ones.
    pub const ALIGNMENTS: usize = 6;
    /// Lanes, and alignments of whole vectors.
    pub const LANES: usize = 7;
    pub const CONSTANTS: usize = 8;
    /// Offsets of loads and stores.
    pub const OFFSETS: usize = 9;
    /// The function that is called, or its type.
    pub const CALLS: usize = 10;
    /// The number of an instruction after a prefix: mostly vector instructions.
    pub const VECTORS: usize = 11;
    /// Floats and constant vectors.
    pub const BITS: usize = 12;
    /// The number of bytes in which the size of each function's body is written.
    pub const SIZES: usize = 13;
    /// Everything but instructions: sections and their data.
    pub const REST: usize = 14;
    /// The number of lists.
    pub const COUNT: usize = 15;
}

/// A module that is being packed or unpacked.
pub(crate) trait Flow {
    /// Returns the next byte, which is coded as its difference from the usual one, modulo 256. `END` if there is none, or no room for it.
    fn byte(&mut self, list: usize, usual: u8) -> u8;
    /// Begins a function's body, with its size.
    fn begin(&mut self);
    /// Ends the body.
    fn end(&mut self);
    /// Whether another section follows.
    fn goes_on(&self) -> bool;
    /// Whether the walk failed: a byte or the room for one was missing, or an instruction is unknown.
    fn has_failed(&self) -> bool;
    /// Marks the walk as failed.
    fn fail(&mut self);
}

/// The byte that ends a body, or a number: given this, a walk that has failed soon ends.
pub(crate) const END: u8 = 0x0b;
/// Bytes of the magic number and the version.
const PREAMBLE: u32 = 8;
/// The section that holds code.
const CODE: u8 = 10;
const BR_TABLE: u8 = 0x0e;
const FIRST_LOAD: u8 = 0x28;
/// The prefix of saturating conversions, bulk memory and tables.
const MORE: u8 = 0xfc;
/// The prefix of vector instructions.
const VECTOR: u8 = 0xfd;

/// The binary logarithm of the number of bytes that each load and store takes, which nearly every alignment equals.
const ALIGNMENTS: [u8; 23] = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];

/// Walks through a module. The walk fails if bytes are missing, or an instruction is not known here.
pub(crate) fn walk(flow: &mut impl Flow) {
    bytes(flow, list::REST, 0, PREAMBLE);
    while flow.goes_on() && !flow.has_failed() {
        let section = flow.byte(list::REST, 0);
        let size = number(flow, list::REST);
        if section == CODE {
            let mut bodies = number(flow, list::REST);
            while bodies > 0 && !flow.has_failed() {
                body(flow);
                bodies -= 1;
            }
        } else {
            bytes(flow, list::REST, 0, size);
        }
    }
}

fn body(flow: &mut impl Flow) {
    flow.begin();
    let mut declarations = number(flow, list::DECLARATIONS);
    while declarations > 0 && !flow.has_failed() {
        number(flow, list::DECLARATIONS); // so many locals
        flow.byte(list::DECLARATIONS, 0); // of this type
        declarations -= 1;
    }
    let mut depth = 1_u32;
    while depth > 0 {
        match instruction(flow) {
            0x02..=0x04 => depth += 1,
            END => depth -= 1,
            _ => {}
        }
    }
    flow.end();
}

/// One of the fields that follow an opcode: its list, plus 16 times 0 for a number, or 16 times n for 2^(n - 1) bytes.
type Field = u8;

const fn number_of(list: usize) -> Field {
    list as Field
}

const fn bytes_of(list: usize, bytes: u8) -> Field {
    list as Field + 16 * (1 + bytes.trailing_zeros() as Field)
}

/// Marks the end of the fields: an opcode is never among them.
const NO_MORE: Field = list::OPCODES as Field;

/// The fields of the instructions whose opcode, or number after the prefix, is `first` to `last`.
struct Instructions {
    first: u8,
    last: u8,
    fields: [Field; 3],
}

const fn all<const N: usize>(first: u8, last: u8, fields: [Field; N]) -> Instructions {
    let mut three = [NO_MORE; 3];
    let mut at = 0;
    while at < N {
        three[at] = fields[at];
        at += 1;
    }
    Instructions { first, last, fields: three }
}

/// Instructions without a prefix. The frequent ones come first.
static PLAIN: [Instructions; 17] = {
    use list::{ALIGNMENTS, BITS, BLOCKS, CALLS, CONSTANTS, GLOBALS, LABELS, LOCALS, OFFSETS};
    [
        // local.get, local.set, local.tee
        all(0x20, 0x22, [number_of(LOCALS)]),
        // i32.const, i64.const
        all(0x41, 0x42, [number_of(CONSTANTS)]),
        // arithmetic, comparisons, conversions
        all(0x45, 0xc4, []),
        // loads and stores
        all(FIRST_LOAD, 0x3e, [bytes_of(ALIGNMENTS, 1), number_of(OFFSETS)]),
        // block, loop, if
        all(0x02, 0x04, [number_of(BLOCKS)]),
        // br, br_if; of br_table each label
        all(0x0c, BR_TABLE, [number_of(LABELS)]),
        // end
        all(END, END, []),
        // call
        all(0x10, 0x10, [number_of(CALLS)]),
        // else; return; drop, select; unreachable, nop
        all(0x05, 0x05, []),
        all(0x0f, 0x0f, []),
        all(0x1a, 0x1b, []),
        all(0x00, 0x01, []),
        // global.get, global.set
        all(0x23, 0x24, [number_of(GLOBALS)]),
        // call_indirect
        all(0x11, 0x11, [number_of(CALLS), number_of(GLOBALS)]),
        // f32.const, f64.const
        all(0x43, 0x43, [bytes_of(BITS, 4)]),
        all(0x44, 0x44, [bytes_of(BITS, 8)]),
        // memory.size, memory.grow
        all(0x3f, 0x40, [number_of(GLOBALS)]),
    ]
};

/// Vector instructions. The first match counts.
static VECTORS: [Instructions; 6] = {
    use list::{BITS, LANES, OFFSETS};
    [
        // v128.load and its variants, v128.store
        all(0, 11, [number_of(LANES), number_of(OFFSETS)]),
        // v128.const, i8x16.shuffle
        all(12, 13, [bytes_of(BITS, 16)]),
        // lanes extracted and replaced
        all(21, 34, [bytes_of(LANES, 1)]),
        // lanes loaded and stored
        all(84, 91, [number_of(LANES), number_of(OFFSETS), bytes_of(LANES, 1)]),
        // v128.load32_zero, v128.load64_zero
        all(92, 93, [number_of(LANES), number_of(OFFSETS)]),
        // all others with a number below 256
        all(0, 0xff, []),
    ]
};

/// Instructions after the other prefix.
static MORE_THAN_PLAIN: [Instructions; 5] = {
    use list::GLOBALS;
    [
        // saturating conversions
        all(0, 7, []),
        // memory.init, memory.copy
        all(8, 8, [number_of(GLOBALS), number_of(GLOBALS)]),
        all(10, 10, [number_of(GLOBALS), number_of(GLOBALS)]),
        // data.drop, memory.fill
        all(9, 9, [number_of(GLOBALS)]),
        all(11, 11, [number_of(GLOBALS)]),
    ]
};

/// Walks past an instruction and returns its opcode, or `END` if the walk has failed.
fn instruction(flow: &mut impl Flow) -> u8 {
    let opcode = flow.byte(list::OPCODES, 0);
    let (instructions, which) = match opcode {
        MORE => (&MORE_THAN_PLAIN[..], number(flow, list::VECTORS)),
        VECTOR => (&VECTORS[..], number(flow, list::VECTORS)),
        _ => (&PLAIN[..], u32::from(opcode)),
    };
    let known = instructions.iter().find(|known| u32::from(known.first) <= which && which <= u32::from(known.last));
    let Some(known) = known else {
        flow.fail();
        return END;
    };
    // br_table has so many labels, and one more.
    let mut others = if opcode == BR_TABLE { number(flow, list::LABELS) } else { 0 };
    loop {
        for field in &known.fields {
            if *field == NO_MORE {
                break;
            }
            let (list, count) = (usize::from(field % 16), (1_u32 << (field / 16)) / 2);
            if count == 0 {
                while flow.byte(list, 0) >= 0x80 {}
            } else {
                let usual =
                    if list == list::ALIGNMENTS { ALIGNMENTS.get(usize::from(opcode - FIRST_LOAD)) } else { None };
                bytes(flow, list, usual.copied().unwrap_or(0), count);
            }
        }
        if others == 0 || flow.has_failed() {
            return opcode;
        }
        others -= 1;
    }
}

fn bytes(flow: &mut impl Flow, list: usize, usual: u8, mut count: u32) {
    while count > 0 && !flow.has_failed() {
        flow.byte(list, usual);
        count -= 1;
    }
}

/// Reads a number in LEB128. Returns only the lowest 32 bits of a longer one.
fn number(flow: &mut impl Flow, list: usize) -> u32 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = flow.byte(list, 0);
        value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte < 0x80 {
            return value;
        }
        shift += 7;
    }
}
