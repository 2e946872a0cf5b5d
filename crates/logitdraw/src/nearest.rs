//! The known name nearest to a mistyped one.

use alloc::vec::Vec;

/// The name with the fewest edits from `word`, ignoring case and underscores; none where even that is far off.
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    // Names are ASCII: the tables of Unicode's lower case would weigh more than all names together.
    let plain =
        |text: &str| -> Vec<u8> { text.bytes().filter(|c| *c != b'_').map(|c| c.to_ascii_lowercase()).collect() };
    let word = plain(word);
    // A pasted page is no name; distances are quadratic.
    if word.len() > 64 {
        return None;
    }
    let (distance, name) = names.iter().map(|name| (distance(&word, &plain(name)), *name)).min()?;
    (distance <= name.len().div_ceil(3)).then_some(name)
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
        let names = ["temperature", "topK", "topP", "minP"];
        assert_eq!(nearest("top_k", &names), Some("topK"));
        assert_eq!(nearest("temprature", &names), Some("temperature"));
        assert_eq!(nearest("maxOutputTokens", &names), None);
    }
}
