//! Unpacks a module. Nothing here can panic as far as the compiler sees: the messages of panics would be a large part of the module that
//! this becomes.

use crate::coder::{Coder, Decoder};
use crate::contexts::{KINDS, SUITABLE};
use crate::history::History;
use crate::model::{Counts, Model};
use crate::ranks::{Order, order};
use crate::walk::{END, Flow, list, walk};

/// Binary digits of the module's length, with which a text begins.
pub(crate) const LENGTH_DIGITS: u32 = 24;

/// Unpacks a module from the text that [`pack`](crate::pack) made of it. Returns `None` for most texts that are not
/// one of those; some altered texts give another module.
#[cfg(not(target_arch = "wasm32"))]
pub fn unpack(text: &[u8]) -> Option<Vec<u8>> {
    let mut module = Vec::new();
    unpack_into(text, &mut crate::model::no_counts(), |length| {
        module.resize(length, 0);
        Some(&mut module)
    })?;
    Some(module)
}

/// Does the same into a buffer from `room`, which is given the module's length. Returns the length. All counts must be 0.
pub(crate) fn unpack_into<'a>(
    text: &[u8],
    counts: &mut Counts,
    room: impl FnOnce(usize) -> Option<&'a mut [u8]>,
) -> Option<usize> {
    let mut coder = Decoder::new(text);
    let length = coder.number(LENGTH_DIGITS, 0);
    coder.left()?;
    let module = room(length)?;
    let mut orders = [[0; 256]; KINDS];
    for kind in &mut orders {
        *kind = order(&mut coder, &[]);
    }
    let mut unpacking = Unpacking {
        coder,
        orders,
        model: Model::new(counts),
        history: History::new(&SUITABLE),
        module,
        length: 0,
        body: 0,
        size: 0,
        has_failed: false,
    };
    walk(&mut unpacking);
    let is_whole = !unpacking.has_failed && unpacking.coder.left() == Some(0);
    is_whole.then_some(unpacking.length)
}

/// A module that is being put together.
struct Unpacking<'a, 'b> {
    coder: Decoder<'b>,
    orders: [Order; KINDS],
    model: Model<'b>,
    history: History<'b>,
    module: &'a mut [u8],
    length: usize,
    /// Where the body that is being written starts, and where its size before it starts.
    body: usize,
    size: usize,
    has_failed: bool,
}

impl Unpacking<'_, '_> {
    /// Returns the next byte of a list: the one whose rank the text gives, plus the usual one.
    fn next(&mut self, list: usize, usual: u8) -> u8 {
        let kind = self.history.kind(list);
        let rank = self.model.rank(kind, self.history.contexts(kind), 0, &mut self.coder);
        let byte = self.orders[kind][usize::from(rank)].wrapping_add(usual);
        self.history.saw(kind, byte, rank);
        byte
    }
}

impl Flow for Unpacking<'_, '_> {
    fn byte(&mut self, list: usize, usual: u8) -> u8 {
        let byte = self.next(list, usual);
        if let (Some(room), Some(_)) = (self.module.get_mut(self.length), self.coder.left()) {
            *room = byte;
            self.length += 1;
            return byte;
        }
        self.fail();
        END
    }

    /// Leaves room for the body's size.
    fn begin(&mut self) {
        self.history.begin();
        self.size = self.length;
        self.length += usize::from(self.next(list::SIZES, 0));
        self.body = self.length;
    }

    /// Writes the body's size, which is known now.
    fn end(&mut self) {
        let mut size = self.length - self.body;
        for at in self.size..self.body {
            let more = if at + 1 < self.body { 0x80 } else { 0 };
            if let Some(byte) = self.module.get_mut(at) {
                *byte = size as u8 & 0x7f | more;
            }
            size >>= 7;
        }
    }

    fn goes_on(&self) -> bool {
        self.length < self.module.len()
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }

    fn fail(&mut self) {
        self.has_failed = true;
    }
}
