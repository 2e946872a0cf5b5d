//! Bytes as printable text. Base64 would hide every repetition from gzip (a third larger on the wire); here a byte is, within its lists,
//! always the same one or two letters, the frequent ones one.
//!
//! An alphabet is 256 bits in hexadecimal, four a digit, the lowest first: which bytes are the 88 frequent ones. These in ascending order,
//! then all others, have places, and place p is written as letter p % 88, behind a space where p is in the second eighty-eight, behind "!"
//! in the third. The letters are printable ASCII from "%" without backslash and backtick, so that neither double quotes nor a template
//! escape any of it.

/// How many letters there are.
const PAGE: usize = 88;
const PAGES: usize = 3;
const FIRST: u8 = 37;
/// Room for the codes of letters on a page.
const CODES: usize = 128;
/// Hexadecimal digits of an alphabet.
pub(crate) const DIGITS: usize = 64;

/// Room for an alphabet.
pub(crate) const ALPHABET: usize = PAGES * CODES;

/// Writes down what letters mean: the byte of each code, by page.
fn meanings(alphabet: &mut [u8], is_frequent: impl Fn(u8) -> bool) {
    let mut place = 0;
    for frequent in [true, false] {
        for byte in 0..=u8::MAX {
            if is_frequent(byte) == frequent {
                if let Some(meaning) = alphabet.get_mut(place / PAGE * CODES + usize::from(code(place))) {
                    *meaning = byte;
                }
                place += 1;
            }
        }
    }
}

/// Reads what letters mean.
pub(crate) fn read(digits: &[u8; DIGITS], alphabet: &mut [u8]) {
    meanings(alphabet, |byte| digit(digits[usize::from(byte >> 2)]) >> (byte & 3) & 1 == 1);
}

/// The meaning's place in an alphabet of the letter at a place of a text, and where the next one is.
#[inline(always)]
pub(crate) fn letter(text: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut letter = usize::from(*text.get(at)?);
    if letter < usize::from(FIRST) {
        // A space, or the one behind it.
        at += 1;
        letter = (letter & 3) * CODES + CODES + usize::from(*text.get(at)?);
    }
    Some((letter, at + 1))
}

/// The code of a place's letter.
fn code(place: usize) -> u8 {
    let code = FIRST + (place % PAGE) as u8;
    code + u8::from(code > 91) + u8::from(code > 94)
}

/// What a hexadecimal digit stands for.
pub(crate) fn digit(digit: u8) -> u8 {
    if digit < b'a' { digit & 15 } else { (digit & 15) + 9 }
}

/// The alphabet that suits lists, and their letters.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn write(lists: &[Vec<u8>]) -> (String, Vec<String>) {
    let mut counts = [0; 256];
    for byte in lists.iter().flatten() {
        counts[usize::from(*byte)] += 1;
    }
    let mut ranked: Vec<u8> = (0..=u8::MAX).collect();
    ranked.sort_by_key(|byte| (core::cmp::Reverse(counts[usize::from(*byte)]), *byte));
    let frequent = &ranked[..PAGE];
    let digits = (0..=u8::MAX).step_by(4).map(|first| {
        let bits: u32 = (0..4).map(|bit| u32::from(frequent.contains(&(first + bit))) << bit).sum();
        char::from_digit(bits, 16).unwrap_or('0')
    });
    let mut alphabet = [0; ALPHABET];
    meanings(&mut alphabet, |byte| frequent.contains(&byte));
    let mut words = [const { String::new() }; 256];
    for place in 0..=usize::from(u8::MAX) {
        let (page, code) = (place / PAGE, code(place));
        let word = &mut words[usize::from(alphabet[page * CODES + usize::from(code)])];
        word.extend([None, Some(' '), Some('!')][page]);
        word.push(char::from(code));
    }
    let written = |list: &Vec<u8>| list.iter().map(|byte| words[usize::from(*byte)].as_str()).collect();
    (digits.collect(), lists.iter().map(written).collect())
}
