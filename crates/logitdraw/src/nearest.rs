//! The known name nearest to a mistyped one.

use alloc::vec::Vec;

/// Which of the names has the fewest edits from `word`, ignoring case and underscores; none where even that is far off.
pub fn nearest(word: &str, names: &[&[u8]]) -> Option<usize> {
    // Names are ASCII: the tables of Unicode's lower case would weigh more than all names together.
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
    // A pasted page is no name; distances are quadratic.
    if word.len() > 64 {
        return None;
    }
    let (distance, name, index) =
        names.iter().enumerate().map(|(index, name)| (distance(&word, &plain(name)), *name, index)).min()?;
    (distance <= name.len().div_ceil(3)).then_some(index)
}

/// Levenshtein's distance.
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
    fn finds_typing_mistakes() {
        let names: [&[u8]; 4] = [b"temperature", b"topK", b"topP", b"minP"];
        assert_eq!(nearest("top_k", &names), Some(1));
        assert_eq!(nearest("temprature", &names), Some(0));
        assert_eq!(nearest("maxOutputTokens", &names), None);
    }

    #[test]
    fn a_page_is_no_mistake() {
        let names: [&[u8]; 2] = [&[b'a'; 64], &[b'a'; 65]];
        let text = |len: usize| std::string::String::from_utf8(std::vec![b'a'; len]).unwrap();
        assert_eq!(nearest(&text(64), &names), Some(0));
        assert_eq!(nearest(&text(65), &names), None);
    }
}
