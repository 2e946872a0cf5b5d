//! The chain: which stages there are, in which order they run, and which of them a sampler's options call for.
//!
//! A new strategy is a file under `edit/` or `keep/`, its options, and its place in the lists below.

use crate::edit;
use crate::error::Error;
use crate::generator::Algorithm;
use crate::history::{History, Memory};
use crate::keep;
use crate::nearest;
use crate::options::{Options, Source, Ties};
use crate::randomness::Coin;
use crate::survivors::Survivors;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What a stage does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes logits: greedy decoding sees it too.
    Edit,
    /// Says which tokens survive, or how flat they are; the best one stays the best.
    Keep,
}

/// What a stage does to the survivors of a step.
type Run = for<'a, 'c> fn(&mut Survivors<'a>, &mut Step<'a, 'c>) -> Result<(), Error>;
/// Makes what a stage remembers.
type Remember = fn(&Options) -> Box<dyn Memory>;

/// One stage of the chain.
pub(crate) struct Stage {
    /// The option that turns it on, which is also its name in an order.
    pub name: &'static str,
    pub kind: Kind,
    /// Whether the options call for it.
    pub on: fn(&Options) -> bool,
    pub run: Run,
    /// What it remembers of the history, made for a sampler that has it on.
    pub memory: Option<Remember>,
    /// What it learns from the place drawn, which its memory is given with the token.
    pub observe: Option<fn(&mut Survivors<'_>, u32) -> f64>,
    /// It makes a short list, which is drawn from by inverse CDF.
    pub short: fn(&Options) -> bool,
    /// It asks for nothing but the best token, so that a top-p before it may be left to the draw.
    pub relative: bool,
}

impl Stage {
    /// A stage that changes logits.
    pub const fn edit(name: &'static str, on: fn(&Options) -> bool, run: Run) -> Self {
        Self { name, kind: Kind::Edit, on, run, memory: None, observe: None, short: |_| false, relative: false }
    }

    /// A stage that says who survives.
    pub const fn keep(name: &'static str, on: fn(&Options) -> bool, run: Run) -> Self {
        Self { kind: Kind::Keep, ..Self::edit(name, on, run) }
    }
}

/// What a stage knows beside the survivors.
pub(crate) struct Step<'a, 'c> {
    pub options: &'a Options,
    pub history: &'a History,
    /// The stage's own memory.
    pub memory: Option<&'a dyn Memory>,
    /// The draw itself may judge what a top-p keeps.
    pub may_defer: bool,
    pub coin: &'c mut dyn Coin,
}

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

/// llama.cpp's: truncations before the temperature, then what takes the place of its last draw.
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

/// vLLM's.
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

/// The order in which stages run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Hugging Face transformers': temperature, top-k, top-p, min-p ...
    Transformers,
    /// llama.cpp's: truncations first, temperature last. Exact ties, and windows of 64 tokens unless others are given.
    LlamaCpp,
    /// vLLM's: temperature, min-p, top-k, top-p.
    Vllm,
    /// One's own: stage names, first to last.
    Custom(Vec<&'static str>),
}

impl Order {
    /// The preset of a name.
    pub fn preset(name: &str) -> Result<Self, Error> {
        match name {
            "transformers" => Ok(Self::Transformers),
            "llama.cpp" => Ok(Self::LlamaCpp),
            "vllm" => Ok(Self::Vllm),
            _ => Err(Error::option("order", format!("there is no order \"{name}\": transformers, llama.cpp or vllm"))),
        }
    }

    /// An order of one's own. A name that is unknown or given twice is an error.
    pub fn of<T: AsRef<str>>(names: &[T]) -> Result<Self, Error> {
        let mut order = Vec::with_capacity(names.len());
        for name in names {
            let name = name.as_ref();
            let Some(stage) = find(name) else {
                let known: Vec<_> = TRANSFORMERS.iter().map(|stage| stage.name).collect();
                let hint =
                    nearest::nearest(name, &known).map_or(String::new(), |near| format!("; did you mean {near}?"));
                return Err(Error::option("order", format!("order names a stage {name} that there is not{hint}")));
            };
            if order.contains(&stage.name) {
                return Err(Error::option("order", format!("order names {name} twice")));
            }
            order.push(stage.name);
        }
        Ok(Self::Custom(order))
    }

    /// The stages that the options call for, first to last.
    fn stages(&self, options: &Options) -> Vec<&'static Stage> {
        let on = |stage: &&'static Stage| (stage.on)(options);
        match self {
            Self::Transformers => TRANSFORMERS.iter().copied().filter(on).collect(),
            Self::LlamaCpp => LLAMA_CPP.iter().copied().filter(on).collect(),
            Self::Vllm => VLLM.iter().copied().filter(on).collect(),
            Self::Custom(names) => names.iter().filter_map(|name| find(name)).filter(on).collect(),
        }
    }
}

fn find(name: &str) -> Option<&'static Stage> {
    // Two options turn that stage on.
    let name = if name == "noRepeatNgram" { edit::ngram::STAGE.name } else { name };
    TRANSFORMERS.iter().copied().find(|stage| stage.name == name)
}

/// A stage by the option that its user wrote.
fn written(stage: &Stage, options: &Options) -> &'static str {
    let group = stage.name == edit::ngram::STAGE.name && options.no_repeat_ngram.is_some();
    if group { "noRepeatNgram" } else { stage.name }
}

/// A stage that is on, with what it remembers.
pub(crate) struct Active {
    pub stage: &'static Stage,
    pub memory: Option<Box<dyn Memory>>,
}

impl Clone for Active {
    fn clone(&self) -> Self {
        Self { stage: self.stage, memory: self.memory.as_ref().map(|memory| memory.twin()) }
    }
}

/// The stages that a sampler's options call for, in their order.
#[derive(Clone)]
pub(crate) struct Chain {
    pub stages: Vec<Active>,
    /// The place of a top-p that may be left to the draw.
    pub deferred: Option<usize>,
    /// The options make a short list, which is drawn from by inverse CDF.
    pub short: bool,
    /// Whether only edits run, and the best token is taken.
    pub greedy: bool,
    /// llama.cpp draws through the standard library behind these stages.
    pub standard: bool,
}

impl Chain {
    /// `INVALID_OPTION` where an option is on whose stage the order leaves out.
    pub fn new(options: &Options) -> Result<Self, Error> {
        if let Order::Custom(names) = &options.order {
            Order::of(names)?;
        }
        let stages = options.order.stages(options);
        let is_on = |name: &str| stages.iter().any(|stage| stage.name == name);
        if let Some(left_out) = TRANSFORMERS.iter().find(|stage| (stage.on)(options) && !is_on(stage.name)) {
            let name = written(left_out, options);
            return Err(Error::option(name, format!("{name} is on, but the order leaves its stage out")));
        }
        if options.order == Order::LlamaCpp && is_on("mirostat") {
            let stays = ["logitBias", "temperature", "mirostat"];
            if let Some(stage) = stages.iter().find(|stage| !stays.contains(&stage.name)) {
                let name = written(stage, options);
                return Err(Error::option(name, format!("in llama.cpp's order mirostat replaces {name}")));
            }
        }
        let short = stages.iter().any(|stage| (stage.short)(options));
        let top_p = stages.iter().position(|stage| stage.name == "topP");
        let deferred = top_p.filter(|place| {
            !short
                && options.min_tokens_to_keep == 1
                && options.generator == Source::Algorithm(Algorithm::Philox)
                && stages[place + 1..].iter().all(|stage| stage.relative)
        });
        let standard = is_on("mirostat") || is_on("adaptiveP");
        let stages = stages
            .into_iter()
            .map(|stage| Active { stage, memory: stage.memory.map(|remember| remember(options)) })
            .collect();
        Ok(Self { stages, deferred, short, greedy: options.is_greedy(), standard })
    }
}

impl Options {
    /// What becomes of ties with the k-th.
    pub(crate) fn ties(&self) -> Ties {
        self.top_k_ties.unwrap_or(if self.order == Order::LlamaCpp { Ties::Exact } else { Ties::Keep })
    }
}
