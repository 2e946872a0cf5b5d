//! A module taken apart.

use crate::letters;
use crate::unpack::{PLACE_DIGITS, unpack};
use crate::walk::{END, Flow, list, walk};

/// The text of a module, from which [`unpack`] gets the same bytes; none where it would not: a module with an instruction that is not known
/// here, or cut.
pub fn pack(module: &[u8]) -> Option<String> {
    let mut apart = Apart { module, at: 0, lists: Default::default(), has_failed: false };
    walk(&mut apart);
    if apart.has_failed {
        return None;
    }
    let (mut alphabets, mut lists) = (String::new(), Vec::new());
    let mut rest = &apart.lists[..];
    for alphabet in 0..list::ALPHABETS {
        let count = list::ALPHABET_OF.iter().filter(|of| usize::from(**of) == alphabet).count();
        let (group, others) = rest.split_at(count);
        let (digits, written) = letters::write(group);
        alphabets += &digits;
        lists.extend(written);
        rest = others;
    }
    let mut place = list::COUNT * PLACE_DIGITS + alphabets.len();
    let mut text = String::new();
    for list in &lists {
        text += &format!("{place:0width$x}", width = PLACE_DIGITS);
        place += list.len();
    }
    text += &alphabets;
    text.extend(lists);
    let mut again = vec![0; module.len()];
    let length = unpack(text.as_bytes(), &mut again)?;
    (again.get(..length) == Some(module)).then_some(text)
}

struct Apart<'a> {
    module: &'a [u8],
    at: usize,
    lists: [Vec<u8>; list::COUNT],
    has_failed: bool,
}

impl Flow for Apart<'_> {
    fn byte(&mut self, list: usize, least: u8) -> u8 {
        let Some(byte) = self.module.get(self.at) else {
            self.fail();
            return END;
        };
        self.at += 1;
        self.lists[list].push(byte.wrapping_sub(least));
        *byte
    }

    /// The size is left out: where a body ends is told by its instructions.
    fn begin(&mut self) {
        let mut digits = 1;
        while self.module.get(self.at + digits - 1).is_some_and(|byte| *byte >= 0x80) {
            digits += 1;
        }
        self.at += digits;
        self.lists[list::SIZES].push(digits as u8);
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
