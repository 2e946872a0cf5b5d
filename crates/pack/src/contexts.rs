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
    [0x5432, 0x006c, 0x2223],
    [0x2122, 0x452b, 0xa321],
    [0xcbab, 0x543c, 0x0c11],
    [0xccdb, 0x1d10, 0xaaec],
    [0x000a, 0x1221, 0x2242],
    [0x3107, 0x35cd, 0xdd0d],
    [0xa251, 0xe312, 0x1111],
    [0x123c, 0x440a, 0x8d8f],
    [0xe321, 0x1066, 0x5423],
    [0x31a4, 0xcaaa, 0xe2c1],
    [0x43e5, 0x1230, 0x111a],
    [0x542a, 0x3102, 0x18f0],
    [0x0011, 0x442c, 0x212c],
    [0x000a, 0x4ca3, 0x2061],
    [0x8cde, 0x155c, 0xbb5c],
    [0x0000, 0x0000, 0x0000],
    [0x0354, 0x36e5, 0x0220],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x1cc0, 0xd1ec, 0x0f1f],
    [0xadac, 0xdcff, 0xd1e1],
    [0x5423, 0xcc1c, 0x2103],
    [0x000d, 0x4032, 0x0514],
    [0xd1dd, 0x00c0, 0xd12c],
    [0x0000, 0x0000, 0x0000],
    [0xd1ea, 0x0eed, 0x6f10],
    [0x0000, 0x0000, 0x0000],
];
