//! The chain: which stages there are, in which order they run, and which of them a sampler's options call for.
//!
//! A new strategy needs a file under `edit/` or `keep/`, its options, and its place in the lists below.

use crate::edit;
use crate::error::Error;
use crate::generator::Algorithm;
use crate::keep;
use crate::nearest;
use crate::options::{Options, Order, Source};
use crate::stage::{Active, Stage};
use crate::survivors::Survivors;
use crate::text;
use alloc::string::String;
use alloc::vec::Vec;

/// How many stages may observe a draw: mirostat and adaptive-p.
const OBSERVERS: usize = 2;
/// What stages learn from a draw, each with its place in the chain.
pub(crate) type Observed = [Option<(usize, f64)>; OBSERVERS];

/// Every stage, in the order of the `transformers` preset.
static TRANSFORMERS: &[&Stage] = &[
    &edit::bans::ALLOWED,
    &edit::bias::LOGIT,
    &edit::sequences::BIAS,
    &edit::penalties::REPETITION,
    &edit::penalties::PRESENCE,
    &edit::penalties::FREQUENCY,
    &edit::dry::STAGE,
    &edit::ngram::STAGE,
    &edit::sequences::BAD_WORDS,
    &edit::lengths::MIN_NEW_TOKENS,
    &edit::forced::BEGIN,
    &edit::forced::END,
    &edit::thinking::STAGE,
    &edit::lengths::DECAY,
    &edit::bans::SUPPRESS,
    &edit::bans::BEGIN_SUPPRESS,
    &keep::top_n_sigma::STAGE,
    &keep::min_k::STAGE,
    &keep::temperature::STAGE,
    &keep::dynamic_temperature::STAGE,
    &keep::smoothing::STAGE,
    &keep::p_less::STAGE,
    &keep::top_h::STAGE,
    &keep::top_k::STAGE,
    &keep::top_p::STAGE,
    &keep::min_p::STAGE,
    &keep::typical::STAGE,
    &keep::epsilon::STAGE,
    &keep::eta::STAGE,
    &keep::tail_free::STAGE,
    &keep::top_a::STAGE,
    &keep::adaptive_p::STAGE,
    &keep::mirostat::STAGE,
    &keep::xtc::STAGE,
];

/// llama.cpp's order: truncations before the temperature, then the stages that replace its final draw.
static LLAMA_CPP: &[&Stage] = &[
    &edit::bans::ALLOWED,
    &edit::bias::LOGIT,
    &edit::sequences::BIAS,
    &edit::penalties::REPETITION,
    &edit::penalties::FREQUENCY,
    &edit::penalties::PRESENCE,
    &edit::dry::STAGE,
    &edit::ngram::STAGE,
    &edit::sequences::BAD_WORDS,
    &edit::lengths::MIN_NEW_TOKENS,
    &edit::forced::BEGIN,
    &edit::forced::END,
    &edit::thinking::STAGE,
    &edit::lengths::DECAY,
    &edit::bans::SUPPRESS,
    &edit::bans::BEGIN_SUPPRESS,
    &keep::top_n_sigma::STAGE,
    &keep::min_k::STAGE,
    &keep::top_h::STAGE,
    &keep::top_k::STAGE,
    &keep::typical::STAGE,
    &keep::top_p::STAGE,
    &keep::min_p::STAGE,
    &keep::epsilon::STAGE,
    &keep::eta::STAGE,
    &keep::tail_free::STAGE,
    &keep::top_a::STAGE,
    &keep::xtc::STAGE,
    &keep::temperature::STAGE,
    &keep::dynamic_temperature::STAGE,
    &keep::smoothing::STAGE,
    &keep::p_less::STAGE,
    &keep::adaptive_p::STAGE,
    &keep::mirostat::STAGE,
];

/// vLLM's order.
static VLLM: &[&Stage] = &[
    &edit::bans::ALLOWED,
    &edit::sequences::BAD_WORDS,
    &edit::lengths::MIN_NEW_TOKENS,
    &edit::thinking::STAGE,
    &edit::bias::LOGIT,
    &edit::sequences::BIAS,
    &edit::penalties::REPETITION,
    &edit::penalties::FREQUENCY,
    &edit::penalties::PRESENCE,
    &edit::dry::STAGE,
    &edit::ngram::STAGE,
    &edit::forced::BEGIN,
    &edit::forced::END,
    &edit::lengths::DECAY,
    &edit::bans::SUPPRESS,
    &edit::bans::BEGIN_SUPPRESS,
    &keep::top_n_sigma::STAGE,
    &keep::min_k::STAGE,
    &keep::temperature::STAGE,
    &keep::dynamic_temperature::STAGE,
    &keep::smoothing::STAGE,
    &keep::p_less::STAGE,
    &keep::min_p::STAGE,
    &keep::top_h::STAGE,
    &keep::top_k::STAGE,
    &keep::top_p::STAGE,
    &keep::typical::STAGE,
    &keep::epsilon::STAGE,
    &keep::eta::STAGE,
    &keep::tail_free::STAGE,
    &keep::top_a::STAGE,
    &keep::adaptive_p::STAGE,
    &keep::mirostat::STAGE,
    &keep::xtc::STAGE,
];

/// Returns the stages of a custom order, first to last; `INVALID_OPTION` if a name is unknown or given twice.
fn named(names: &[String]) -> Result<Vec<&'static Stage>, Error> {
    let mut stages: Vec<&'static Stage> = Vec::with_capacity(names.len());
    for name in names {
        let Some(stage) = find(name) else {
            let known: Vec<_> = TRANSFORMERS.iter().map(|stage| stage.name).collect();
            let hint = nearest::hint(name, &known);
            return Err(Error::option("order", text!("order has an unknown stage ", name, hint)));
        };
        if stages.iter().any(|other| other.name == stage.name) {
            return Err(Error::option("order", text!("order names ", name, " twice")));
        }
        stages.push(stage);
    }
    Ok(stages)
}

fn find(name: &str) -> Option<&'static Stage> {
    // Two options turn this stage on.
    let name = if name == "noRepeatNgram" { edit::ngram::STAGE.name } else { name };
    TRANSFORMERS.iter().copied().find(|stage| stage.name == name)
}

/// Returns the name of the option by which the user turned a stage on.
fn written(stage: &Stage, options: &Options) -> &'static str {
    let group = stage.name == edit::ngram::STAGE.name && options.no_repeat_ngram.is_some();
    if group { "noRepeatNgram" } else { stage.name }
}

/// The stages that a sampler's options call for, in the order in which they run.
#[derive(Clone)]
pub(crate) struct Chain {
    pub stages: Vec<Active>,
    /// The index of a top-p stage that may be left to the draw.
    pub deferred: Option<usize>,
    /// Whether the options make a short list, which is drawn from by inverse CDF.
    pub short: bool,
    /// Whether a stage learns from what is drawn: mirostat or adaptive-p, after which llama.cpp draws through the standard library.
    pub learns: bool,
    /// Whether only edits run, and the best token is taken.
    pub greedy: bool,
    /// Whether a draw may change logits in the row.
    pub overwrites: bool,
}

impl Options {
    #[doc(hidden)] // for the bindings
    /// Counts the strategies that are on and remember something of each token of the history. (Defined here, where all stages are known.)
    // Not inlined, so that the bundle contains it once and not at each call.
    #[inline(never)]
    pub fn memory_count(&self) -> usize {
        TRANSFORMERS.iter().filter(|stage| stage.remember.is_some() && (stage.on)(self)).count()
    }
}

impl Chain {
    /// `INVALID_OPTION` if the order is impossible or leaves out the stage of an option that is on.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let own;
        let listed = match &options.order {
            Order::Transformers => TRANSFORMERS,
            Order::LlamaCpp => LLAMA_CPP,
            Order::Vllm => VLLM,
            Order::Custom(names) => {
                own = named(names)?;
                &own
            }
        };
        let mut stages: Vec<&'static Stage> = Vec::new();
        for stage in listed {
            if (stage.on)(options) {
                stages.push(stage);
            }
        }
        let is_on = |name: &str| stages.iter().any(|stage| stage.name == name);
        if let Some(left_out) = TRANSFORMERS.iter().find(|stage| (stage.on)(options) && !is_on(stage.name)) {
            let name = written(left_out, options);
            return Err(Error::option(name, text!(name, " is on, but the order leaves its stage out")));
        }
        if options.order == Order::LlamaCpp && is_on("mirostat") {
            let stays = ["logitBias", "temperature", "mirostat"];
            if let Some(stage) = stages.iter().find(|stage| !stays.contains(&stage.name)) {
                let name = written(stage, options);
                return Err(Error::option(name, text!("in llama.cpp's order mirostat replaces ", name)));
            }
        }
        let (mut short, mut learns, mut overwrites) = (false, false, false);
        let mut active = Vec::with_capacity(stages.len());
        for &stage in &stages {
            active.push(Active { stage, memory: stage.remember.map(|remember| remember(options)) });
            short |= (stage.short)(options);
            learns |= stage.observe.is_some();
            overwrites |= (stage.overwrites)(options);
        }
        debug_assert!(stages.iter().filter(|stage| stage.observe.is_some()).count() <= OBSERVERS);
        let top_p = stages.iter().position(|stage| stage.name == "topP");
        let deferred = top_p.filter(|place| {
            !short
                && options.min_tokens_to_keep == 1
                && options.generator == Source::Algorithm(Algorithm::Philox)
                && stages[place + 1..].iter().all(|stage| stage.reads_best_only)
                // What a stage learns may depend on everything that was drawn from.
                && !learns
        });
        Ok(Self { stages: active, deferred, short, learns, greedy: options.is_greedy(), overwrites })
    }

    /// What the stages learn from the place drawn.
    pub fn observe(&self, alive: &mut Survivors<'_>, place: u32) -> Observed {
        let mut observed = [None; OBSERVERS];
        if !self.greedy {
            let observers = self.stages.iter().enumerate().filter_map(|(i, active)| Some((i, active.stage.observe?)));
            for (slot, (index, observe)) in observed.iter_mut().zip(observers) {
                *slot = observe(alive, place).map(|value| (index, value));
            }
        }
        observed
    }
}

#[cfg(test)]
mod tests {
    use super::{LLAMA_CPP, Stage, TRANSFORMERS, VLLM, Vec};

    /// For as many there is room when a state is restored: `BYTES_PER_STATE_BYTE` in packages/logitdraw/src/sampler.ts.
    #[test]
    fn at_most_eight_stages_remember() {
        assert!(TRANSFORMERS.iter().filter(|stage| stage.remember.is_some()).count() <= 8);
    }

    #[test]
    fn presets_have_the_same_stages() {
        let names = |stages: &[&Stage]| {
            let mut names: Vec<_> = stages.iter().map(|stage| stage.name).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(LLAMA_CPP), names(TRANSFORMERS));
        assert_eq!(names(VLLM), names(TRANSFORMERS));
    }
}
