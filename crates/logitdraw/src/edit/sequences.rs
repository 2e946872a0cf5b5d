//! Banned and biased sequences: the last token of one is banned or biased when the history ends in the tokens before it (Hugging
//! Face transformers).

use super::bias;
use crate::history::History;
use crate::stage::Stage;

/// As in transformers, a word that is the end token alone is not banned.
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

/// Returns the token that would complete a sequence now, if one would.
fn completes(sequence: &[u32], history: &History) -> Option<u32> {
    let (last, before) = sequence.split_last()?;
    history.tokens().ends_with(before).then_some(*last)
}
