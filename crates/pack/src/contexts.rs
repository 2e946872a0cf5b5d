//! The contexts that predict the bytes of each kind.

use crate::walk::list;

/// The number of contexts of a byte.
pub const CONTEXTS: usize = 3;
/// The number of kinds of bytes: for each list, bytes that begin a number or stand alone, and bytes within a number.
pub const KINDS: usize = 2 * WITHIN;
pub(crate) const WITHIN: usize = 16;
const _: () = assert!(list::COUNT <= WITHIN);

/// What may be known before a byte, as indices into `History::seen`, whose first element stands for nothing.
pub(crate) mod seen {
    /// The opcode whose operand follows.
    pub const OPCODE: usize = 1;
    /// The last four opcodes.
    pub const OPCODES: usize = 2;
    /// The last two instructions, with their operands.
    pub const INSTRUCTIONS: usize = 6;
    /// The last two locals.
    pub const LOCALS: usize = 8;
    /// The last two bytes of the same kind, by their ranks.
    pub const OF_KIND: usize = 10;
    /// The last three bytes.
    pub const BYTES: usize = 12;
    /// The number of the function.
    pub const BODY: usize = 15;
}

/// The length of `History::seen`.
pub const SEEN: usize = 16;

/// For each kind and each of its contexts, up to four indices into `History::seen`, one hexadecimal digit each.
pub type Contexts = [[u16; CONTEXTS]; KINDS];

/// Contexts that make the text of logitdraw's module short. Any will do; `cargo run --release --example contexts` looks for better ones.
pub static SUITABLE: Contexts = [
    [0x5432, 0x6060, 0x0023],
    [0x0112, 0x452b, 0xa321],
    [0xc1ab, 0x542d, 0x011c],
    [0xb1dc, 0x1d11, 0xaaec],
    [0x0000, 0x0921, 0x0221],
    [0x4006, 0x25c3, 0x0d00],
    [0xae51, 0x301b, 0x1111],
    [0xd23c, 0x443a, 0x81ef],
    [0xe321, 0x1d06, 0x5423],
    [0x31a4, 0xca0a, 0xe2c1],
    [0x4325, 0x1230, 0x1a11],
    [0x543a, 0x3132, 0x08f0],
    [0x001c, 0x2a2c, 0xc422],
    [0x000a, 0x5c33, 0x00e0],
    [0x2cde, 0x1c5c, 0xbb0c],
    [0x0000, 0x0000, 0x0000],
    [0x3354, 0xd6e3, 0x2020],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x10cd, 0x11ed, 0x0ffd],
    [0xdda0, 0xffdf, 0xe1e1],
    [0x2413, 0xccc1, 0x320c],
    [0x0023, 0x0027, 0x031d],
    [0x1101, 0xd0c0, 0x132c],
    [0x0000, 0x0000, 0x0000],
    [0xd8ef, 0x0e0d, 0x6016],
    [0x0000, 0x0000, 0x0000],
];
