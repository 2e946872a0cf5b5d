//! Logit bias (OpenAI, llama.cpp, vLLM): a number added to the logit of a token; -Infinity bans it.

use crate::kernels::lowered;
use crate::stage::Stage;
use crate::survivors::Survivors;

pub(crate) static LOGIT: Stage = Stage::edit(
    "logitBias",
    |options| !options.logit_bias.is_empty(),
    |alive, step| {
        for (id, bias) in &step.options.logit_bias {
            add(alive, *id, *bias);
        }
        Ok(())
    },
);

/// Adds a bias to a logit. Only -Infinity bans: a result below the lowest float becomes that float, which is still alive.
pub(super) fn add(alive: &mut Survivors<'_>, id: u32, bias: f64) {
    let unit = alive.temperature();
    alive.edit(id, |x| if bias == f64::NEG_INFINITY { f32::NEG_INFINITY } else { lowered(x, -bias * unit) });
}
