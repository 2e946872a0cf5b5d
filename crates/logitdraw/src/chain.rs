//! The chain: which stages there are, in which order they run, and which of them a sampler's options call for.
//!
//! A new strategy is a file under `edit/` or `keep/`, its options, and its line in `STAGES`.

use crate::error::Error;
use crate::keep;
use crate::nearest;
use crate::options::{Options, Source, Ties};
use crate::sampler::Step;
use crate::survivors::Survivors;
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

/// One stage of the chain.
pub(crate) struct Stage {
    /// The option that turns it on, which is also its name in an order.
    pub name: &'static str,
    pub kind: Kind,
    /// Whether the options call for it.
    pub on: fn(&Options) -> bool,
    pub run: for<'a> fn(&mut Survivors<'a>, &Step<'a>) -> Result<(), Error>,
}

/// Every stage, in the order of the `transformers` preset.
pub(crate) static STAGES: &[Stage] = &[
    Stage {
        name: "temperature",
        kind: Kind::Keep,
        on: |options| options.temperature != 1.0,
        run: |alive, step| {
            alive.set_temperature(step.options.temperature);
            Ok(())
        },
    },
    Stage {
        name: "topK",
        kind: Kind::Keep,
        on: |options| options.top_k != 0,
        run: |alive, step| {
            let exact = step.options.ties() == Ties::Exact;
            keep::top_k::keep(alive, step.options.top_k, exact);
            Ok(())
        },
    },
    Stage {
        name: "topP",
        kind: Kind::Keep,
        on: |options| options.top_p < 1.0,
        run: |alive, step| {
            if step.may_defer {
                alive.defer_nucleus(step.options.top_p);
            } else {
                keep::top_p::cut(alive, step.options.top_p);
            }
            Ok(())
        },
    },
    Stage {
        name: "minP",
        kind: Kind::Keep,
        on: |options| options.min_p > 0.0,
        run: |alive, step| {
            keep::min_p::keep(alive, step.options.min_p);
            Ok(())
        },
    },
];

const LLAMA_CPP: &[&str] = &["topK", "topP", "minP", "temperature"];
const VLLM: &[&str] = &["temperature", "minP", "topK", "topP"];

/// The order in which stages run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Hugging Face transformers': temperature, top-k, top-p, min-p ...
    Transformers,
    /// llama.cpp's: truncations first, temperature last.
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
    pub fn of(names: &[String]) -> Result<Self, Error> {
        let mut order = Vec::with_capacity(names.len());
        for name in names {
            let Some(stage) = find(name) else {
                let known: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
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

    fn names(&self) -> Vec<&'static str> {
        match self {
            Self::Transformers => STAGES.iter().map(|stage| stage.name).collect(),
            Self::LlamaCpp => LLAMA_CPP.to_vec(),
            Self::Vllm => VLLM.to_vec(),
            Self::Custom(names) => names.clone(),
        }
    }
}

fn find(name: &str) -> Option<&'static Stage> {
    STAGES.iter().find(|stage| stage.name == name)
}

/// The stages that a sampler's options call for, in their order.
#[derive(Clone)]
pub(crate) struct Chain {
    pub stages: Vec<&'static Stage>,
    /// The place of a top-p that may be left to the draw.
    pub deferred: Option<usize>,
    /// The options make a short list, which is drawn from by inverse CDF.
    pub short: bool,
}

impl Chain {
    /// `INVALID_OPTION` where an option is on whose stage the order leaves out.
    pub fn new(options: &Options) -> Result<Self, Error> {
        let names = options.order.names();
        if let Some(left_out) = STAGES.iter().find(|stage| (stage.on)(options) && !names.contains(&stage.name)) {
            let name = left_out.name;
            return Err(Error::option(name, format!("{name} is on, but the order leaves its stage out")));
        }
        let stages: Vec<_> = names.into_iter().filter_map(find).filter(|stage| (stage.on)(options)).collect();
        let short = options.top_k != 0;
        // Only thresholds relative to the best token may follow: they ask nothing of the mass that is left.
        let top_p = stages.iter().position(|stage| stage.name == "topP");
        let deferred = top_p.filter(|place| {
            !short
                && options.min_tokens_to_keep == 1
                && options.generator == Source::Algorithm(crate::generator::Algorithm::Philox)
                && stages[place + 1..].iter().all(|stage| stage.name == "minP")
        });
        Ok(Self { stages, deferred, short })
    }
}

impl Options {
    /// What becomes of ties with the k-th.
    pub(crate) fn ties(&self) -> Ties {
        self.top_k_ties.unwrap_or(if self.order == Order::LlamaCpp { Ties::Exact } else { Ties::Keep })
    }
}
