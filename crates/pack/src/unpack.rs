//! A module put together. Nothing here panics where the compiler sees that it might: messages of panics would be most of the module that
//! this becomes.

use crate::letters::{self, ALPHABET, DIGITS, digit};
use crate::walk::{END, Flow, list, walk};

/// Hexadecimal digits of the place where a list starts.
pub(crate) const PLACE_DIGITS: usize = 6;
/// Powers of two: a place below them is one in the table.
const LISTS: usize = 16;
const MEANINGS: usize = 2048;

/// Puts a module together, from the text that [`pack`](crate::pack) made of it. Returns how many bytes of `module` it takes. None where the
/// text is not one of those, or there is no room.
pub fn unpack(text: &[u8], module: &mut [u8]) -> Option<usize> {
    let mut woven = Woven {
        text,
        lists: [Place { next: 0, alphabet: 0 }; LISTS],
        meanings: [0; MEANINGS],
        module,
        length: 0,
        body: 0,
        size: 0,
        has_failed: false,
    };
    woven.start()?;
    walk(&mut woven);
    if woven.has_failed { None } else { Some(woven.length) }
}

#[derive(Clone, Copy)]
struct Place {
    /// Where its next letter is.
    next: usize,
    /// Where its alphabet stands.
    alphabet: usize,
}

struct Woven<'a> {
    text: &'a [u8],
    lists: [Place; LISTS],
    /// Of all alphabets.
    meanings: [u8; MEANINGS],
    module: &'a mut [u8],
    length: usize,
    /// Where the body starts that is written, and the size before it.
    body: usize,
    size: usize,
    has_failed: bool,
}

impl Woven<'_> {
    /// Reads where the lists are, and their alphabets.
    fn start(&mut self) -> Option<()> {
        let mut at = 0;
        for (place, alphabet) in self.lists.iter_mut().zip(list::ALPHABET_OF) {
            place.alphabet = usize::from(alphabet) * ALPHABET;
            for _ in 0..PLACE_DIGITS {
                place.next = place.next * 16 + usize::from(digit(*self.text.get(at)?));
                at += 1;
            }
        }
        for alphabet in self.meanings.chunks_exact_mut(ALPHABET).take(list::ALPHABETS) {
            letters::read(self.text.get(at..)?.first_chunk()?, alphabet);
            at += DIGITS;
        }
        Some(())
    }

    /// The next byte of a list.
    #[inline(always)]
    fn next(&mut self, list: usize) -> Option<u8> {
        let place = &mut self.lists[list % LISTS];
        let letter;
        (letter, place.next) = letters::letter(self.text, place.next)?;
        Some(self.meanings[(place.alphabet + letter) % MEANINGS])
    }
}

impl Flow for Woven<'_> {
    fn byte(&mut self, list: usize, least: u8) -> u8 {
        if let (Some(byte), Some(room)) = (self.next(list), self.module.get_mut(self.length)) {
            *room = byte.wrapping_add(least);
            self.length += 1;
            return *room;
        }
        self.fail();
        END
    }

    /// Leaves room for its size.
    fn begin(&mut self) {
        self.size = self.length;
        self.length += usize::from(self.next(list::SIZES).unwrap_or(0));
        self.body = self.length;
    }

    /// Now its size is known.
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

    /// What is no instruction comes last.
    fn goes_on(&self) -> bool {
        self.lists[list::REST].next < self.text.len()
    }

    fn has_failed(&self) -> bool {
        self.has_failed
    }

    fn fail(&mut self) {
        self.has_failed = true;
    }
}
