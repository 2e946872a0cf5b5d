//! When a text may end, and when it should: min new tokens, exponential decay (Hugging Face transformers).

use crate::math::powf;
use crate::stage::Stage;

/// Bans the end before the given number of new tokens.
pub(crate) static MIN_NEW_TOKENS: Stage = Stage::edit(
    "minNewTokens",
    |options| options.min_new_tokens != 0,
    |alive, step| {
        if step.history.steps() < step.options.min_new_tokens as u64 {
            alive.ban(&step.options.eos_token_id);
        }
        Ok(())
    },
);

/// `x_eos += |x_eos| * (factor^(len - start) - 1)`, with len > start the number of new tokens. A masked end stays masked.
pub(crate) static DECAY: Stage = Stage {
    by_size: true,
    ..Stage::edit(
        "exponentialDecayLengthPenalty",
        |options| options.exponential_decay_length_penalty.is_some(),
        |alive, step| {
            let Some((start, factor)) = step.options.exponential_decay_length_penalty else { return Ok(()) };
            let len = step.history.steps();
            if len > start as u64 {
                // Kept finite, so that 0 times it is 0 and not NaN.
                let grown = powf(factor, (len - start as u64) as f64).min(f64::MAX) - 1.0;
                let ends = &step.options.eos_token_id;
                for (place, id) in ends.iter().enumerate() {
                    // An id that is listed twice is edited once.
                    if ends[..place].contains(id) {
                        continue;
                    }
                    alive.edit(*id, |x| {
                        let x = f64::from(x);
                        (x + x.abs() * grown).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
                    });
                }
            }
            Ok(())
        },
    )
};
