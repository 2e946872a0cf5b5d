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
    [0x54b2, 0xc060, 0x0023],
    [0x0112, 0x452b, 0x8321],
    [0xc2a0, 0x540d, 0x0b1c],
    [0x0cdb, 0xed11, 0xa1ca],
    [0x0000, 0x0ace, 0x1121],
    [0x7000, 0x0400, 0x0000],
    [0xa661, 0xe531, 0x0011],
    [0xd23c, 0x04a3, 0x01ec],
    [0xe312, 0x1d06, 0x5423],
    [0x31a4, 0xcaa0, 0xce2d],
    [0x4325, 0x1213, 0x1a01],
    [0x543a, 0x3132, 0x0ff8],
    [0x011c, 0xca0a, 0x102c],
    [0x0004, 0x0030, 0x0000],
    [0x2cde, 0x115c, 0x0cbc],
    [0x0000, 0x0000, 0x0000],
    [0x3354, 0x06ed, 0x0066],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x10cd, 0xe1cd, 0xd1fc],
    [0x00ad, 0x0cdd, 0x0118],
    [0x0435, 0x0c0c, 0x0230],
    [0x000d, 0x0010, 0x0020],
    [0x1c00, 0x000d, 0x122e],
    [0x0000, 0x0000, 0x0000],
    [0xd6ed, 0x0aad, 0x6016],
    [0x0000, 0x0000, 0x0000],
];
