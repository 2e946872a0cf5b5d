//! Logit bias (OpenAI, llama.cpp, vLLM): a number added to the logit of a token; -Infinity bans it.

use crate::chain::Stage;

pub(crate) static LOGIT: Stage = Stage::edit(
    "logitBias",
    |options| !options.logit_bias.is_empty(),
    |alive, step| {
        for (id, bias) in &step.options.logit_bias {
            alive.edit(*id, |x| (f64::from(x) + bias) as f32);
        }
        Ok(())
    },
);
