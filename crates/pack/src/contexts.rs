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
    [0x5432, 0x006c, 0x0223],
    [0x0120, 0x4529, 0xa321],
    [0xcba0, 0x542d, 0xcc10],
    [0xcbdb, 0x101d, 0xace1],
    [0x110a, 0x1021, 0x1230],
    [0x310d, 0x0700, 0x0c00],
    [0xae51, 0x2b13, 0x0011],
    [0x123c, 0x3245, 0x808f],
    [0xe231, 0x1d66, 0x5423],
    [0x31a4, 0xcaaa, 0xe2c1],
    [0x4325, 0x1230, 0x1a0a],
    [0x54ea, 0x2133, 0x18ff],
    [0x0010, 0x4121, 0x2100],
    [0x000f, 0x8ca0, 0x2aa1],
    [0x8cde, 0x155c, 0xbb2c],
    [0x0000, 0x0000, 0x0000],
    [0x0354, 0xe34e, 0x0222],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x10dc, 0xa1ec, 0x0fdc],
    [0xaccd, 0xccfc, 0xde0e],
    [0x2432, 0xcc1c, 0x2013],
    [0x00f0, 0x4d24, 0xf210],
    [0xc1dc, 0x0dc0, 0x0120],
    [0x0000, 0x0000, 0x0000],
    [0xd01a, 0x0e0d, 0x6010],
    [0x0000, 0x0000, 0x0000],
];
