//! A sampler's options, validated once.

mod conversions;
mod order;
mod source;
mod table;
mod validate;
mod value;

pub use order::Order;
pub use source::Source;
pub use value::Value;

use crate::error::Error;
use crate::generator::{Algorithm, Seed};
use crate::key;
use alloc::vec::Vec;

/// What happens to tokens that tie with the k-th.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// All of them stay (transformers, vLLM's PyTorch path).
    #[default]
    Keep,
    /// The lower ids stay, so that exactly k survive (llama.cpp keeps exactly k).
    Exact,
}

/// Which tokens of the history a penalty counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All tokens, including the prompt's.
    #[default]
    All,
    /// Only tokens that were drawn or accepted.
    Output,
}

/// The two forms of p-less sampling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PLess {
    /// Off.
    #[default]
    Off,
    /// Keep p >= the sum of p^2.
    On,
    /// Its relaxed form: keep p >= (n * sum p^2 - 1) / (n - 1).
    Norm,
}

/// Exclude top choices (Weidmann 2024, text-generation-webui #6335): with a given probability, removes all tokens that reach a
/// threshold except the least likely of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Xtc {
    /// How often it applies, 0 to 1. Required.
    pub probability: Option<f64>,
    /// How probable a token must at least be to count as a top choice, 0 to 1; above 0.5 it is off. Required.
    pub threshold: Option<f64>,
    /// Tokens it never removes.
    pub protect: Vec<u32>,
}

/// A temperature that follows the entropy: within `range` of [`Options::temperature`], or from `low` to `high`
/// (kalomaze 2023; llama.cpp, text-generation-webui): `T = low + (high - low) * (H / ln n)^exponent`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DynamicTemperature {
    /// How far from the temperature it goes, at least 0; 0 is off. Cannot be combined with `low` and `high`.
    pub range: Option<f64>,
    /// The temperature for a row without entropy, at least 0.
    pub low: Option<f64>,
    /// The temperature for a flat row, at least `low`.
    pub high: Option<f64>,
    /// Bends the curve between the two, at least 0. Default 1.
    pub exponent: Option<f64>,
}

/// Quadratic smoothing (kalomaze 2024; text-generation-webui): logits fall with the square of their distance from the best.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Smoothing {
    /// How strong it is, at least 0; 0 is off. Required.
    pub factor: Option<f64>,
    /// How much of the fall is cubic, 1 (none) to 3. Default 1.
    pub curve: Option<f64>,
}

/// Mirostat (Basu et al. 2021, arXiv 2007.14966; llama.cpp): keeps the surprise of the drawn tokens near a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mirostat {
    /// 1 or 2. Required.
    pub version: Option<usize>,
    /// The target surprise in bits, above 0. Default 5.
    pub tau: Option<f64>,
    /// The learning rate, 0 to 1. Default 0.1.
    pub eta: Option<f64>,
    /// How many of the best tokens version 1 estimates the tail from, at least 2. Default 100.
    pub m: Option<usize>,
}

/// Adaptive-p (llama.cpp 2026): favours tokens whose probability is near a target, and steers their average towards it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdaptiveP {
    /// The target probability; above 1 means 1, below 0 favours nothing. Required.
    pub target: Option<f64>,
    /// The share of the running average that is kept from token to token; clamped to 0 to 0.99. Default 0.9.
    pub decay: Option<f64>,
}

/// Which tokens each penalty counts: vLLM counts only drawn tokens, llama.cpp and transformers also the prompt's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PenaltyScope {
    /// Default: all.
    pub repetition: Option<Scope>,
    /// Default: output, or all in llama.cpp's order.
    pub frequency_presence: Option<Scope>,
}

/// DRY, don't repeat yourself (Weidmann 2024, text-generation-webui #5677; llama.cpp): a token that would continue a repetition of L
/// tokens loses `multiplier * base^(L - allowed_length)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dry {
    /// The penalty for the shortest repetition that counts, at least 0; 0 is off. Required.
    pub multiplier: Option<f64>,
    /// The factor by which the penalty grows per token, at least 1. The power does not exceed the largest float32. Default 1.75.
    pub base: Option<f64>,
    /// Shorter repetitions are not penalized. With 0 every token that has followed another is. Default 2.
    pub allowed_length: Option<usize>,
    /// How many tokens it looks back. Default: all, or 64 in llama.cpp's order.
    pub window: Option<usize>,
    /// Sequences of tokens that no repetition reaches across; the token of a one-token sequence is never penalized. None may be empty.
    pub sequence_breakers: Vec<Vec<u32>>,
}

/// Lets no n-gram occur twice (Paulus et al. 2017, arXiv 1705.04304; fairseq, transformers; window and exempt tokens as in vLLM).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoRepeatNgram {
    /// Tokens per n-gram, at least 1. Required.
    pub size: Option<usize>,
    /// Only n-grams that start in this many last tokens count. Default: all.
    pub window: Option<usize>,
    /// Tokens that are never banned.
    pub exempt: Vec<u32>,
}

/// A limit on how long a model may think (vLLM): once `tokens` tokens have followed `start`, the sequence `end` is forced token by
/// token, unless the model has produced it before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThinkingBudget {
    /// Tokens after `start` before `end` is forced. Required.
    pub tokens: Option<usize>,
    /// The sequence that begins a thought, at least one token. Required.
    pub start: Vec<u32>,
    /// The sequence that ends it, at least one token. Required.
    pub end: Vec<u32>,
}

/// A sampler's settings. The names are those of the TypeScript package in snake case; an absent option is off.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Tokens in the vocabulary: the length of every row, 1 to 2^31.
    pub vocab_size: usize,
    /// Logits are divided by it; 0 is greedy. 0 to 3.4e38. Default 1.
    pub temperature: f64,
    /// Keep the k most likely tokens; 0 is off. Default 0. (Fan et al. 2018, arXiv 1805.04833)
    pub top_k: usize,
    /// What happens to ties with the k-th. Default: keep, or exact in llama.cpp's order.
    pub top_k_ties: Option<Ties>,
    /// Keep the best tokens until their probabilities sum to this, 0 to 1; 1 is off. Default 1. (Holtzman et al. 2020, arXiv 1904.09751)
    pub top_p: f64,
    /// Keep tokens at least this many times as likely as the best, 0 to 1; 0 is off. Default 0. (Nguyen et al. 2024, arXiv 2407.01082)
    pub min_p: f64,
    /// Locally typical sampling: keep the tokens whose surprise is nearest to the entropy, up to this mass, 0 to 1; 1 is off.
    /// Default 1. (Meister et al. 2022, arXiv 2202.00666)
    pub typical_p: f64,
    /// Keep tokens at least this probable, 0 to 1; 0 is off. Default 0. (Hewitt et al. 2022, arXiv 2210.15191)
    pub epsilon_cutoff: f64,
    /// Like epsilon, but the cutoff is lower where the entropy is high, 0 to 1; 0 is off. Default 0. (Hewitt et al. 2022, arXiv 2210.15191)
    pub eta_cutoff: f64,
    /// Of the best 100 tokens, keep the first ones as long as they hold at most this share of the hundred's entropy, 0 to 1 (1 still
    /// cuts to 100). Default: off.
    /// (Potraghloo et al. 2025, arXiv 2509.02510)
    pub top_h: Option<f64>,
    /// Keep tokens with a probability of at least this times the best one's squared, 0 to 1; 0 is off. Default 0.
    /// (BlinkDL's RWKV-LM 2022)
    pub top_a: f64,
    /// Keep logits within this many standard deviations of the largest, at least 0. Default: off. (Tang et al. 2024, arXiv 2411.07641)
    pub top_n_sigma: Option<f64>,
    /// Tail-free sampling: cut where the cumulative share of the curvature exceeds this, 0 to 1; 1 is off. Default 1. (Phénix, Egan 2019;
    /// exllamav2)
    pub tail_free: f64,
    /// Keep tokens at least as probable as it is that two draws agree. Default: off. (Tan et al. 2025, arXiv 2509.23234)
    pub p_less: PLess,
    /// Min-k: cut after the steepest relative drop in the sorted logits; the value is tau, at least 0. Default: off.
    pub min_k: Option<f64>,
    /// No truncation leaves fewer tokens, 1 to the vocabulary's size. Default 1.
    pub min_tokens_to_keep: usize,
    /// Exclude top choices.
    pub xtc: Option<Xtc>,
    /// A temperature that follows the entropy.
    pub dynamic_temperature: Option<DynamicTemperature>,
    /// Quadratic smoothing.
    pub smoothing: Option<Smoothing>,
    /// Mirostat.
    pub mirostat: Option<Mirostat>,
    /// Adaptive-p.
    pub adaptive_p: Option<AdaptiveP>,
    /// Divides the positive logits of tokens seen and multiplies the negative ones; above 0, at most 3.4e38, 1 is off. Default 1.
    /// (Keskar et al. 2019, arXiv 1909.05858)
    pub repetition_penalty: f64,
    /// Subtracted from the logit of a token seen, -3.4e38 to 3.4e38; 0 is off. Default 0. (OpenAI)
    pub presence_penalty: f64,
    /// Subtracted from a token's logit once for each time it was seen, -3.4e38 to 3.4e38; 0 is off. Default 0. (OpenAI)
    pub frequency_penalty: f64,
    /// How many tokens of the history the penalties look back; 0 is none. Default: all, or 64 in llama.cpp's order.
    pub penalty_window: Option<usize>,
    /// Which tokens the penalties count.
    pub penalty_scope: PenaltyScope,
    /// DRY.
    pub dry: Option<Dry>,
    /// Lets no n-gram of this size occur twice; 0 is off. Default 0. Cannot be combined with `no_repeat_ngram`. (Paulus et al. 2017,
    /// arXiv 1705.04304)
    pub no_repeat_ngram_size: usize,
    /// The same with a window and exempt tokens.
    pub no_repeat_ngram: Option<NoRepeatNgram>,
    /// Banned sequences, none of them empty; an end token alone is not banned. Default: none. (transformers, vLLM)
    pub bad_words: Vec<Vec<u32>>,
    /// Added to the logits of single tokens, from -3.4e38 to 3.4e38; -infinity bans. Default: none. (OpenAI, llama.cpp, vLLM)
    pub logit_bias: Vec<(u32, f64)>,
    /// Added to the logit of the token that would end a sequence, from -3.4e38 to 3.4e38; -infinity bans. Default: none. (transformers)
    pub sequence_bias: Vec<(Vec<u32>, f64)>,
    /// Allows only these tokens, at least one. Default: all. (vLLM)
    pub allowed_token_ids: Option<Vec<u32>>,
    /// Bans these tokens. Default: none. (transformers)
    pub suppress_tokens: Vec<u32>,
    /// Bans these tokens at the first step; with `forced_bos_token_id` and a prompt of at most one token, at the second. Default: none.
    /// (transformers)
    pub begin_suppress_tokens: Vec<u32>,
    /// The tokens that end a text.
    pub eos_token_id: Vec<u32>,
    /// Bans the end before this many new tokens; needs `eos_token_id`. Default 0. (transformers, vLLM)
    pub min_new_tokens: usize,
    /// The number of new tokens (1 to 2^53), the last of which `forced_eos_token_id` forces; drawing can continue after it. Default:
    /// no limit.
    pub max_new_tokens: Option<usize>,
    /// The token forced after a history of one token. Default: none. (transformers)
    pub forced_bos_token_id: Option<u32>,
    /// The last of `max_new_tokens` tokens must be one of these; needs `max_new_tokens`. Default: none. (transformers)
    pub forced_eos_token_id: Vec<u32>,
    /// `(start, factor)`: after `start` new tokens the end becomes more likely by `factor` (above 0) per token; needs `eos_token_id`.
    /// Default: off. (transformers)
    pub exponential_decay_length_penalty: Option<(usize, f64)>,
    /// A limit on how long a model may think.
    pub thinking_budget: Option<ThinkingBudget>,
    /// Replaces NaN by 0 and infinities by the largest and lowest float instead of refusing them. Default false.
    pub remove_invalid_values: bool,
    /// The order of the chain. Default: transformers'.
    pub order: Order,
    /// The source of the random numbers, and with it the drawing rule. Default: Philox.
    pub generator: Source,
    /// The generator's seed. Default 0: the core reads no entropy, seeds come from the caller.
    pub seed: Seed,
    /// Which stream of that seed; give each sequence of a batch its own. Default 0.
    pub sequence: u64,
}

impl Options {
    /// Creates the settings for a vocabulary: temperature 1, everything else off.
    pub fn new(vocab_size: usize) -> Self {
        Self {
            vocab_size,
            temperature: 1.0,
            top_k: 0,
            top_k_ties: None,
            top_p: 1.0,
            min_p: 0.0,
            typical_p: 1.0,
            epsilon_cutoff: 0.0,
            eta_cutoff: 0.0,
            top_h: None,
            top_a: 0.0,
            top_n_sigma: None,
            tail_free: 1.0,
            p_less: PLess::Off,
            min_k: None,
            min_tokens_to_keep: 1,
            xtc: None,
            dynamic_temperature: None,
            smoothing: None,
            mirostat: None,
            adaptive_p: None,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            penalty_window: None,
            penalty_scope: PenaltyScope::default(),
            dry: None,
            no_repeat_ngram_size: 0,
            no_repeat_ngram: None,
            bad_words: Vec::new(),
            logit_bias: Vec::new(),
            sequence_bias: Vec::new(),
            allowed_token_ids: None,
            suppress_tokens: Vec::new(),
            begin_suppress_tokens: Vec::new(),
            eos_token_id: Vec::new(),
            min_new_tokens: 0,
            max_new_tokens: None,
            forced_bos_token_id: None,
            forced_eos_token_id: Vec::new(),
            exponential_decay_length_penalty: None,
            thinking_budget: None,
            remove_invalid_values: false,
            order: Order::Transformers,
            generator: Source::Algorithm(Algorithm::Philox),
            seed: Seed::from(0u64),
            sequence: 0,
        }
    }

    /// Sets an option by its public (TypeScript) name; parts of an option are dotted, as in `xtc.probability`. [`Value`] has an
    /// example. Ranges are checked by [`validate`](Self::validate).
    ///
    /// # Errors
    /// UNKNOWN_OPTION names the nearest known one; INVALID_OPTION if the value has the wrong type.
    pub fn set(&mut self, name: &str, value: Value) -> Result<(), Error> {
        table::set(self, name, value)
    }

    /// Resets an option, or a group of them (`xtc`), to its default. A group whose parts are unset one by one stays on, and may be invalid.
    ///
    /// # Errors
    /// UNKNOWN_OPTION names the nearest known one.
    pub fn unset(&mut self, name: &str) -> Result<(), Error> {
        table::unset(self, name)
    }

    /// Returns what differs from the defaults, by public name, as [`set`](Self::set) accepts it.
    pub fn values(&self) -> Vec<(&'static str, Value)> {
        table::values(self)
    }

    /// Checks every range but that of the seed, and that no options exclude each other. What the generator and an `order` require is
    /// checked only by [`Sampler::new`](crate::Sampler::new).
    ///
    /// # Errors
    /// INVALID_OPTION names the option at fault.
    pub fn validate(&self) -> Result<(), Error> {
        validate::validate(self)
    }

    /// Validates the options and sorts the lists of tokens to which a draw may be limited, once rather than at every draw.
    pub(crate) fn validate_and_sort(&mut self) -> Result<(), Error> {
        self.validate()?;
        sort_ids(&mut self.forced_eos_token_id);
        if let Some(allowed) = &mut self.allowed_token_ids {
            sort_ids(allowed);
        }
        Ok(())
    }

    /// Whether the best token is taken. A dynamic temperature takes precedence over a temperature of 0, as in llama.cpp.
    pub(crate) fn is_greedy(&self) -> bool {
        self.temperature == 0.0 && self.dynamic().is_none()
    }

    /// The dynamic temperature, unless it is off: with a range of 0 the plain temperature is left as it is.
    pub(crate) fn dynamic(&self) -> Option<&DynamicTemperature> {
        self.dynamic_temperature.as_ref().filter(|dynamic| dynamic.range != Some(0.0))
    }

    /// Returns how many of the last tokens a strategy looks at: its `given` window, or else 64 in llama.cpp's order and all in others.
    pub(crate) fn window(&self, given: Option<usize>) -> usize {
        given.unwrap_or(if self.order == Order::LlamaCpp { 64 } else { usize::MAX })
    }

    /// What happens to ties with the k-th.
    pub(crate) fn ties(&self) -> Ties {
        self.top_k_ties.unwrap_or(if self.order == Order::LlamaCpp { Ties::Exact } else { Ties::Keep })
    }
}

/// Sorts ids and removes duplicates.
fn sort_ids(ids: &mut Vec<u32>) {
    let keys = key::of_ids(ids);
    ids.clear();
    for key in keys {
        let id = key as u32;
        if ids.last() != Some(&id) {
            ids.push(id);
        }
    }
}
