//! Bans of tokens: all but the allowed ones, suppressed ones, and those suppressed at the beginning (Hugging Face
//! transformers, vLLM).

use crate::stage::Stage;

pub(crate) static ALLOWED: Stage = Stage::edit(
    "allowedTokenIds",
    |options| options.allowed_token_ids.is_some(),
    |alive, step| {
        if let Some(allowed) = &step.options.allowed_token_ids {
            alive.retain(allowed);
        }
        Ok(())
    },
);

pub(crate) static SUPPRESS: Stage = Stage::edit(
    "suppressTokens",
    |options| !options.suppress_tokens.is_empty(),
    |alive, step| {
        alive.ban(&step.options.suppress_tokens);
        Ok(())
    },
);

/// Applies at the first step, or at the second one after a forced beginning.
pub(crate) static BEGIN_SUPPRESS: Stage = Stage::edit(
    "beginSuppressTokens",
    |options| !options.begin_suppress_tokens.is_empty(),
    |alive, step| {
        let prompted = step.history.len() as u64 - step.history.steps();
        // transformers forces a beginning after a single token, and counts the forced token as part of the prompt.
        let forced = step.options.forced_bos_token_id.is_some() && prompted <= 1;
        if step.history.steps() == u64::from(forced) {
            alive.ban(&step.options.begin_suppress_tokens);
        }
        Ok(())
    },
);
