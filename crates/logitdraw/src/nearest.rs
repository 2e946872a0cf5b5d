//! Finds the known name nearest to a mistyped one.

use crate::text;
use alloc::string::String;
use alloc::vec::Vec;

/// Returns the end of a message that an unknown word is none of `names`: which of them it may mean, if one is near.
pub(crate) fn hint(word: &str, names: &[&str]) -> String {
    let mut known = Vec::new();
    for name in names {
        known.push(name.as_bytes());
    }
    match nearest(word, &known) {
        Some(index) => text!("; did you mean ", names[index], "?"),
        None => String::new(),
    }
}

/// Returns the index of the name with the fewest edits from `word`, ignoring case and underscores; `None` if even that one is too
/// far off.
pub fn nearest(word: &str, names: &[&[u8]]) -> Option<usize> {
    // Names are ASCII, and Unicode's lower-case tables would take more bytes than all names together.
    let plain = |text: &[u8]| {
        let mut plain = Vec::new();
        for c in text {
            if *c != b'_' {
                plain.push(c.to_ascii_lowercase());
            }
        }
        plain
    };
    let word = plain(word.as_bytes());
    // A pasted page is not a misspelt name, and computing a distance takes quadratic time.
    if word.len() > 64 {
        return None;
    }
    let (distance, name, index) =
        names.iter().enumerate().map(|(index, name)| (distance(&word, &plain(name)), *name, index)).min()?;
    (distance <= name.len().div_ceil(3)).then_some(index)
}

/// The Levenshtein distance.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_the_name_nearest_to_a_typo() {
        let names: [&[u8]; 4] = [b"temperature", b"topK", b"topP", b"minP"];
        assert_eq!(nearest("top_k", &names), Some(1));
        assert_eq!(nearest("temprature", &names), Some(0));
        assert_eq!(nearest("maxOutputTokens", &names), None);
    }

    #[test]
    fn suggests_nothing_for_words_longer_than_64_bytes() {
        let names: [&[u8]; 2] = [&[b'a'; 64], &[b'a'; 65]];
        let text = |len: usize| std::string::String::from_utf8(std::vec![b'a'; len]).unwrap();
        assert_eq!(nearest(&text(64), &names), Some(0));
        assert_eq!(nearest(&text(65), &names), None);
    }
}
