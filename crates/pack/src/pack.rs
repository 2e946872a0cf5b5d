//! Packs a module into a text.

use crate::coder::{Coder, Encoder};
use crate::contexts::{Contexts, KINDS, SUITABLE};
use crate::history::History;
use crate::model::{Model, no_counts};
use crate::ranks::{frequent, order};
use crate::unpack::{LENGTH_DIGITS, unpack};
use crate::walk::{END, Flow, list, walk};

/// Returns the text of a module, from which [`unpack`] gets the same bytes, or `None` if it would not: if the module is cut short, or has
/// an instruction that is not known here.
pub fn pack(module: &[u8]) -> Option<String> {
    let text = packed(module, &SUITABLE)?;
    (unpack(text.as_bytes()).as_deref() == Some(module)).then_some(text)
}

/// Returns the text that a module would have with these contexts.
pub fn packed(module: &[u8], contexts: &Contexts) -> Option<String> {
    if module.len() >> LENGTH_DIGITS != 0 {
        return None;
    }
    let parts = parts(module)?;
    let mut coder = Encoder::new();
    coder.number(LENGTH_DIGITS, module.len());

    let mut counts = [[0; 256]; KINDS];
    let mut history = History::new(contexts);
    for part in &parts {
        if let Part::Byte { list, byte, usual } = *part {
            let kind = history.kind(list);
            history.saw(kind, byte, 0);
            counts[kind][usize::from(byte.wrapping_sub(usual))] += 1;
        }
    }
    let ranks = counts.map(|counts| {
        let mut ranks = [0; 256];
        for (rank, byte) in order(&mut coder, &frequent(&counts)).into_iter().enumerate() {
            ranks[usize::from(byte)] = rank as u8;
        }
        ranks
    });

    let mut no_counts = no_counts();
    let mut model = Model::new(&mut no_counts);
    let mut history = History::new(contexts);
    for part in &parts {
        match *part {
            Part::Body => history.begin(),
            Part::Byte { list, byte, usual } => {
                let kind = history.kind(list);
                let rank = ranks[kind][usize::from(byte.wrapping_sub(usual))];
                model.rank(kind, history.contexts(kind), rank, &mut coder);
                history.saw(kind, byte, rank);
            }
        }
    }
    Some(coder.finish())
}

/// What a walk comes across.
enum Part {
    /// The beginning of a function's body.
    Body,
    Byte {
        list: usize,
        byte: u8,
        usual: u8,
    },
}

/// Returns the parts of a module, or `None` if the walk fails.
fn parts(module: &[u8]) -> Option<Vec<Part>> {
    let mut packing = Packing { module, at: 0, parts: Vec::new(), has_failed: false };
    walk(&mut packing);
    (!packing.has_failed).then_some(packing.parts)
}

/// A module that is being taken apart.
struct Packing<'a> {
    module: &'a [u8],
    at: usize,
    parts: Vec<Part>,
    has_failed: bool,
}

impl Flow for Packing<'_> {
    fn byte(&mut self, list: usize, usual: u8) -> u8 {
        let Some(&byte) = self.module.get(self.at) else {
            self.fail();
            return END;
        };
        self.at += 1;
        self.parts.push(Part::Byte { list, byte, usual });
        byte
    }

    /// Leaves out the size: a body's instructions tell where it ends.
    fn begin(&mut self) {
        let mut digits = 1;
        while self.module.get(self.at + digits - 1).is_some_and(|byte| *byte >= 0x80) {
            digits += 1;
        }
        self.at += digits;
        self.parts.extend([Part::Body, Part::Byte { list: list::SIZES, byte: digits as u8, usual: 0 }]);
    }

    fn end(&mut self) {}

    fn goes_on(&self) -> bool {
        self.at < self.module.len()
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }

    fn fail(&mut self) {
        self.has_failed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unpack::unpack_into;

    #[test]
    fn unpack_into_requests_room_once_and_handles_refusal() {
        let module = *b"\0asm\x01\0\0\0";
        let text = pack(&module).unwrap();
        let mut asked = None;
        let length = unpack_into(text.as_bytes(), &mut no_counts(), |length| {
            asked = Some(length);
            None
        });
        assert_eq!((asked, length), (Some(module.len()), None));
        assert_eq!(unpack_into(b"", &mut no_counts(), |_| panic!("room for an empty text")), None);
    }
}
