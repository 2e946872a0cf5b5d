//! Sequences that must not come, or are more or less welcome: their last token is banned or biased where the history ends in the
//! others (Hugging Face transformers).

use super::bias;
use crate::history::History;
use crate::stage::Stage;

/// As in transformers, a word that is the end token alone may come.
pub(crate) static BAD_WORDS: Stage = Stage::edit(
    "badWords",
    |options| !options.bad_words.is_empty(),
    |alive, step| {
        let ends = &step.options.eos_token_id;
        for word in &step.options.bad_words {
            if let Some(last) = completes(word, step.history)
                && !(word.len() == 1 && ends.contains(&last))
            {
                alive.ban(&[last]);
            }
        }
        Ok(())
    },
);

pub(crate) static BIAS: Stage = Stage::edit(
    "sequenceBias",
    |options| !options.sequence_bias.is_empty(),
    |alive, step| {
        for (sequence, bias) in &step.options.sequence_bias {
            if let Some(last) = completes(sequence, step.history) {
                bias::add(alive, last, *bias);
            }
        }
        Ok(())
    },
);

/// The token that would complete a sequence now.
fn completes(sequence: &[u32], history: &History) -> Option<u32> {
    let (last, before) = sequence.split_last()?;
    history.tokens().ends_with(before).then_some(*last)
}
