//! Forced tokens: the beginning, and the end at the last step (Hugging Face transformers).

use crate::stage::Stage;

/// Applies after a history of one token.
pub(crate) static BEGIN: Stage = Stage::edit(
    "forcedBosTokenId",
    |options| options.forced_bos_token_id.is_some(),
    |alive, step| {
        if step.history.len() == 1
            && let Some(id) = &step.options.forced_bos_token_id
        {
            alive.retain(core::slice::from_ref(id));
        }
        Ok(())
    },
);

/// Applies at the last step before `maxNewTokens` is reached.
pub(crate) static END: Stage = Stage::edit(
    "forcedEosTokenId",
    |options| !options.forced_eos_token_id.is_empty(),
    |alive, step| {
        if step.options.max_new_tokens.is_some_and(|max| step.history.steps() + 1 == max as u64) {
            alive.retain(&step.options.forced_eos_token_id);
        }
        Ok(())
    },
);
