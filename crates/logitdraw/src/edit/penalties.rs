//! Penalties on tokens already seen: repetition (Keskar et al. 2019, CTRL, arXiv 1909.05858), presence and frequency (OpenAI).

use crate::history::Counts;
use crate::kernels::{self, BLOCK, Block};
use crate::options::{Options, Order, Scope};
use crate::stage::{Stage, Step};
use crate::survivors::{BlockEdit, Edit, Parameters, Survivors, Waiting};
use alloc::boxed::Box;

/// Once per token: `x <= 0 ? x * r : x / r`.
pub(crate) static REPETITION: Stage = Stage {
    remember: Some(|options| {
        let scope = options.penalty_scope.repetition.unwrap_or(Scope::All);
        Box::new(counts(options, scope))
    }),
    by_size: true,
    ..Stage::edit(
        "repetitionPenalty",
        |options| options.repetition_penalty != 1.0,
        |alive, step| {
            let r = step.options.repetition_penalty;
            penalize(alive, step, (repeat, repeat_block), r, r < 1.0, false);
            Ok(())
        },
    )
};

/// `x - presence` for each token seen, however often.
pub(crate) static PRESENCE: Stage = Stage {
    remember: Some(|options| Box::new(counts(options, frequency_presence_scope(options)))),
    ..Stage::edit(
        "presencePenalty",
        |options| options.presence_penalty != 0.0,
        |alive, step| {
            let penalty = step.options.presence_penalty * alive.temperature();
            penalize(alive, step, (subtract, subtract_block), penalty, penalty < 0.0, false);
            Ok(())
        },
    )
};

/// `x - count * frequency`.
pub(crate) static FREQUENCY: Stage = Stage {
    remember: Some(|options| {
        let counts = counts(options, frequency_presence_scope(options));
        Box::new(counts.with_most(options.frequency_penalty < 0.0))
    }),
    ..Stage::edit(
        "frequencyPenalty",
        |options| options.frequency_penalty != 0.0,
        |alive, step| {
            let penalty = step.options.frequency_penalty * alive.temperature();
            penalize(alive, step, (subtract, subtract_block), penalty, penalty < 0.0, true);
            Ok(())
        },
    )
};

/// vLLM counts only drawn tokens, llama.cpp all it has seen.
fn frequency_presence_scope(options: &Options) -> Scope {
    let default = if options.order == Order::LlamaCpp { Scope::All } else { Scope::Output };
    options.penalty_scope.frequency_presence.unwrap_or(default)
}

fn counts(options: &Options, scope: Scope) -> Counts {
    Counts::new(options.vocab_size, options.window(options.penalty_window)).output_only(scope == Scope::Output)
}

fn penalize<'a>(
    alive: &mut Survivors<'a>,
    step: &Step<'a, '_>,
    (edit, block_edit): (Edit, BlockEdit),
    penalty: f64,
    raises: bool,
    counted: bool,
) {
    let Some(memory) = step.memory else { return };
    let waiting = Waiting::of_counted(memory.downcast(), edit, block_edit, [penalty, 0.0, 0.0, 0.0]);
    alive.edit_all(Waiting { bound: raises.then_some(edit), counted, ..waiting });
}

fn repeat(x: f32, _: u32, [r, ..]: &Parameters) -> f32 {
    kernels::repeated(x, *r as f32)
}

fn repeat_block(block: &mut Block, touched: u32, _: &[u32; BLOCK], [r, ..]: &Parameters) {
    kernels::repeat(block, touched, *r as f32);
}

fn subtract(x: f32, count: u32, [penalty, ..]: &Parameters) -> f32 {
    kernels::lowered(x, f64::from(count) * penalty)
}

fn subtract_block(block: &mut Block, touched: u32, counts: &[u32; BLOCK], [penalty, ..]: &Parameters) {
    kernels::subtract(block, touched, counts, *penalty);
}
