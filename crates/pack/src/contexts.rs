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
    [0xcaa3, 0x542d, 0x0b1c],
    [0xbcdb, 0xed1e, 0xa0ca],
    [0xa000, 0x0ac7, 0x1121],
    [0x7004, 0xe200, 0x00f0],
    [0xa651, 0x301e, 0x0011],
    [0xd23d, 0x34a5, 0x01ca],
    [0xe321, 0x1d06, 0x5423],
    [0x3da4, 0xcaaa, 0xce2d],
    [0x4325, 0x1223, 0x1a01],
    [0x54ea, 0x3132, 0x0f18],
    [0x001c, 0xca0b, 0x102c],
    [0x000a, 0x0030, 0x0000],
    [0x9cde, 0x1c2c, 0x0cbc],
    [0x0000, 0x0000, 0x0000],
    [0x3354, 0x06ed, 0x2626],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x0000, 0x0000, 0x0000],
    [0x10cd, 0xe1ed, 0xd1fc],
    [0x0dad, 0xc0fd, 0x0dec],
    [0x2435, 0x0c00, 0x0233],
    [0x000d, 0x0010, 0x0020],
    [0x1c00, 0x000d, 0x1222],
    [0x0000, 0x0000, 0x0000],
    [0xd6e8, 0x0aed, 0x6012],
    [0x0000, 0x0000, 0x0000],
];
