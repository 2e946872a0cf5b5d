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
    [0x0112, 0x452b, 0x8321],
    [0xcaab, 0x546d, 0x011c],
    [0xbcdc, 0x1d11, 0xaaec],
    [0x0000, 0x0921, 0x0241],
    [0x310d, 0x35c0, 0xdd00],
    [0xae51, 0xe01b, 0x1811],
    [0xd23c, 0x543a, 0x888f],
    [0xe321, 0x1d06, 0x5423],
    [0x3da4, 0xca00, 0xe2cd],
    [0x4325, 0x1230, 0x1a1a],
    [0x542a, 0x3122, 0x18f0],
    [0x001c, 0x2a2c, 0x44c2],
    [0x000a, 0x5c33, 0x20e0],
    [0x2cde, 0x1c5c, 0xbb0c],
    [0x0000, 0x0000, 0x0000],
    [0x3354, 0x36e3, 0x0020],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x10c0, 0xd1ed, 0x0f1f],
    [0xddac, 0xdcff, 0xe1e1],
    [0x2413, 0xcc11, 0x3201],
    [0x0022, 0x0027, 0x0514],
    [0x11d0, 0xd0c0, 0xe12c],
    [0x0000, 0x0000, 0x0000],
    [0xd8e8, 0x0eed, 0x6016],
    [0x0000, 0x0000, 0x0000],
];
