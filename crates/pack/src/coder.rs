//! Arithmetic coding: turns decisions into letters, and back. Each decision narrows a range to a part in proportion to its probability;
//! a letter is six bits of the range's position.
//!
//! The letters are printable ASCII from "%" without backslash and backtick, so that none has to be escaped in double quotes or a template.

const LETTER_BITS: u32 = 6;
/// How many letters are read ahead: as many as fit into 32 bits.
const AHEAD: u32 = 5;
const WHOLE: u32 = 1 << (AHEAD * LETTER_BITS);
/// A range shorter than this is extended by a letter.
const SHORT: u32 = WHOLE >> LETTER_BITS;
const FIRST: u8 = b'%';

/// The probability of a decision that is certain.
pub(crate) const CERTAIN: u32 = 1 << 16;

/// An encoder, which knows the decisions, or a decoder, which finds them out.
pub(crate) trait Coder {
    /// Codes and returns a decision that is true with probability `of_true` / `CERTAIN`, neither 0 nor 1. Only an encoder reads `known`.
    fn decide(&mut self, of_true: u32, known: bool) -> bool;

    /// Codes and returns a number of `digits` binary digits, about which nothing is known in advance.
    fn number(&mut self, digits: u32, known: usize) -> usize {
        let mut number = 0;
        for digit in (0..digits).rev() {
            number = 2 * number + usize::from(self.decide(CERTAIN / 2, known >> digit & 1 == 1));
        }
        number
    }
}

/// Returns the size of the part of a range that stands for true: at least 1, and less than the whole.
fn part(range: u32, of_true: u32) -> u32 {
    ((u64::from(range) * u64::from(of_true)) >> 16) as u32
}

/// Reads letters.
pub(crate) struct Decoder<'a> {
    text: &'a [u8],
    /// The number of letters read.
    at: usize,
    range: u32,
    /// The text's position in the range.
    place: u32,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        let mut decoder = Decoder { text, at: 0, range: WHOLE, place: 0 };
        for _ in 0..AHEAD {
            decoder.read();
        }
        decoder
    }

    /// Returns how many letters are left, or `None` if more were read than there are. All are read once the last decision is made.
    pub(crate) fn left(&self) -> Option<usize> {
        self.text.len().checked_sub(self.at)
    }

    fn read(&mut self) {
        let letter = self.text.get(self.at).copied().unwrap_or(FIRST);
        let digit =
            letter.wrapping_sub(FIRST + u8::from(letter > b'\\') + u8::from(letter > b'`')) % (1 << LETTER_BITS);
        self.place = self.place << LETTER_BITS | u32::from(digit);
        self.at += 1;
    }
}

impl Coder for Decoder<'_> {
    #[inline(always)]
    fn decide(&mut self, of_true: u32, _: bool) -> bool {
        let part = part(self.range, of_true);
        let decision = self.place < part;
        if decision {
            self.range = part;
        } else {
            self.range -= part;
            self.place -= part;
        }
        while self.range < SHORT {
            self.range <<= LETTER_BITS;
            self.read();
        }
        decision
    }
}

/// Writes letters.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) struct Encoder {
    digits: Vec<u8>,
    range: u32,
    /// Where the range starts, as the continuation of the digits.
    low: u32,
}

#[cfg(not(target_arch = "wasm32"))]
impl Encoder {
    pub(crate) fn new() -> Self {
        Encoder { digits: Vec::new(), range: WHOLE, low: 0 }
    }

    /// Returns the letters of all decisions.
    pub(crate) fn finish(mut self) -> String {
        for _ in 0..AHEAD {
            self.write();
        }
        let letter = |digit: &u8| {
            let letter = FIRST + digit;
            let letter = letter + u8::from(letter >= b'\\');
            char::from(letter + u8::from(letter >= b'`'))
        };
        self.digits.iter().map(letter).collect()
    }

    fn write(&mut self) {
        self.digits.push((self.low / SHORT) as u8);
        self.low = (self.low % SHORT) << LETTER_BITS;
    }

    /// Carries the overflow of the range's start into the digits: increments the last, and if it wraps around, the one before it.
    fn carry(&mut self) {
        self.low -= WHOLE;
        for digit in self.digits.iter_mut().rev() {
            *digit = (*digit + 1) % (1 << LETTER_BITS);
            if *digit != 0 {
                break;
            }
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Coder for Encoder {
    fn decide(&mut self, of_true: u32, known: bool) -> bool {
        let part = part(self.range, of_true);
        if known {
            self.range = part;
        } else {
            self.range -= part;
            self.low += part;
        }
        if self.low >= WHOLE {
            self.carry();
        }
        while self.range < SHORT {
            self.range <<= LETTER_BITS;
            self.write();
        }
        known
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::cases::same_cases;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(same_cases())]

        #[test]
        fn decisions_round_trip(decisions in vec((1..CERTAIN, any::<bool>()), 0..2000)) {
            let mut encoder = Encoder::new();
            for (of_true, decision) in &decisions {
                encoder.decide(*of_true, *decision);
            }
            let text = encoder.finish();
            let mut decoder = Decoder::new(text.as_bytes());
            for (of_true, decision) in &decisions {
                prop_assert_eq!(decoder.decide(*of_true, !decision), *decision);
            }
            prop_assert_eq!(decoder.left(), Some(0));
        }

        #[test]
        fn numbers_round_trip(numbers in vec((0..=24_u32, any::<u32>()), 0..100)) {
            let numbers: Vec<_> = numbers.iter().map(|(digits, number)| (*digits, *number as usize % (1 << digits))).collect();
            let mut encoder = Encoder::new();
            for (digits, number) in &numbers {
                encoder.number(*digits, *number);
            }
            let text = encoder.finish();
            let mut decoder = Decoder::new(text.as_bytes());
            for (digits, number) in &numbers {
                prop_assert_eq!(decoder.number(*digits, 0), *number);
            }
        }
    }

    #[test]
    fn text_length_is_near_the_entropy_of_the_decisions() {
        // 63 decisions of probability 63/64 are 1.43 bits; one of 1/64 is 6.
        let mut encoder = Encoder::new();
        for at in 0..6400 {
            encoder.decide(CERTAIN / 64 * 63, at % 64 != 9);
        }
        let bits = 100.0 * (6.0 - 63.0 * (63.0_f64 / 64.0).log2());
        let letters = encoder.finish().len() as f64;
        assert!((letters - bits / 6.0).abs() < 10.0, "{letters} letters for {bits} bits");
    }
}
