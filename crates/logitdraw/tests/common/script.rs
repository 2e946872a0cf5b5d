//! Random options, and random scripts of operations on a sampler.

use super::drawer::Drawer;
use super::rows::Random;
use logitdraw::{
    AdaptiveP, Algorithm, Dry, DynamicTemperature, Error, Mirostat, NoRepeatNgram, Options, Order, PLess, PenaltyScope,
    Scope, Seed, Smoothing, Source, ThinkingBudget, Ties, Xtc,
};

/// Returns compatible random options of every kind, with any generator but the caller's.
pub fn random_options(random: &mut Random, vocab: usize) -> Options {
    let mut o = Options::new(vocab);
    o.generator = Source::Algorithm(random.one_of(&Algorithm::ALL));
    o.seed = Seed::from(random.bits() >> 33);
    if o.generator == Source::Algorithm(Algorithm::Philox) {
        o.sequence = random.bits();
    }
    vary(random, &mut o);
    o
}

/// Randomises the settings, but keeps the vocabulary, seed and generator.
pub fn vary(random: &mut Random, o: &mut Options) {
    let (vocab, generator, seed, sequence) = (o.vocab_size, o.generator, o.seed.clone(), o.sequence);
    *o = Options { generator, seed, sequence, ..Options::new(vocab) };
    o.order = random.one_of(&[Order::Transformers, Order::LlamaCpp, Order::Vllm]);
    o.temperature = random.one_of(&[0.0, 1.0, 0.7, 2.0, 1.3, 0.9]);
    for _ in 0..random.below(4) {
        truncation(random, o);
    }
    for _ in 0..random.below(5) {
        edit(random, o);
    }
    if o.order == Order::LlamaCpp && o.mirostat.is_some() {
        o.order = Order::Transformers;
    }
}

fn truncation(random: &mut Random, o: &mut Options) {
    match random.below(17) {
        0 => o.top_k = random.one_of(&[1, 4, 20]),
        1 => o.top_p = random.one_of(&[0.0, 0.5, 0.95]),
        2 => o.min_p = 0.05,
        3 => o.typical_p = 0.9,
        4 => o.epsilon_cutoff = 1e-3,
        5 => o.eta_cutoff = 1e-3,
        6 => o.top_h = Some(0.8),
        7 => o.top_a = 0.1,
        8 => o.top_n_sigma = Some(1.5),
        9 => o.tail_free = 0.95,
        10 => o.p_less = random.one_of(&[PLess::On, PLess::Norm]),
        11 => o.min_k = Some(3.0),
        12 => o.xtc = Some(Xtc { probability: Some(0.5), threshold: Some(0.05), protect: random.ids(o.vocab_size, 2) }),
        13 => o.dynamic_temperature = Some(DynamicTemperature { range: Some(0.4), ..DynamicTemperature::default() }),
        14 => o.smoothing = Some(Smoothing { factor: Some(0.2), curve: None }),
        15 => {
            let version = Some(1 + random.below(2));
            o.mirostat = Some(Mirostat { version, tau: Some(2.0), eta: Some(0.3), m: None });
        }
        _ => o.adaptive_p = Some(AdaptiveP { target: Some(random.one_of(&[0.3, 0.6])), decay: Some(0.7) }),
    }
    o.top_k_ties = random.one_of(&[None, Some(Ties::Keep), Some(Ties::Exact)]);
}

fn edit(random: &mut Random, o: &mut Options) {
    let vocab = o.vocab_size;
    match random.below(12) {
        0 => o.repetition_penalty = random.one_of(&[1.4, 0.7]),
        1 => o.presence_penalty = random.one_of(&[0.6, -0.6]),
        2 => o.frequency_penalty = random.one_of(&[0.2, -0.2]),
        3 => {
            o.dry = Some(Dry {
                multiplier: Some(0.8),
                allowed_length: random.one_of(&[None, Some(0), Some(1)]),
                window: random.one_of(&[None, Some(9)]),
                sequence_breakers: vec![vec![1], vec![2, 3]],
                ..Dry::default()
            });
        }
        4 => o.no_repeat_ngram = Some(NoRepeatNgram { size: Some(3), window: Some(12), exempt: vec![0] }),
        5 => o.bad_words = vec![vec![4], vec![5, 6]],
        6 => o.sequence_bias = vec![(vec![7, 8], -3.0)],
        7 => o.logit_bias = vec![(3, 1.0), (9, f64::NEG_INFINITY)],
        8 => {
            let (start, end) = (vec![1], vec![2, 0]);
            o.thinking_budget = Some(ThinkingBudget { tokens: Some(4), start, end });
        }
        9 => {
            o.eos_token_id = vec![vocab as u32 - 1];
            o.min_new_tokens = 3;
            o.exponential_decay_length_penalty = Some((2, 1.2));
        }
        10 => o.penalty_window = random.one_of(&[None, Some(0), Some(7)]),
        _ => {
            let scope = |random: &mut Random| random.one_of(&[None, Some(Scope::All), Some(Scope::Output)]);
            o.penalty_scope = PenaltyScope { repetition: scope(random), frequency_presence: scope(random) };
        }
    }
}

/// An operation on a sampler.
#[derive(Clone, Debug)]
pub enum Operation {
    Prompt(Vec<u32>),
    Accept(u32),
    /// Draws from the row of this seed.
    Sample(u64),
    /// Draws from the row of this seed, but does not commit the token.
    Choose(u64),
    Rollback(usize),
    Reset,
}

/// Returns a random script whose history repeats itself often enough for every edit that looks back.
pub fn script(random: &mut Random, vocab: usize, len: usize) -> Vec<Operation> {
    let operation = |random: &mut Random| match random.below(12) {
        0 | 1 => {
            let len = random.below(6);
            Operation::Prompt(random.tokens(vocab, len))
        }
        2 => Operation::Accept(random.below(vocab.min(5)) as u32),
        3 => Operation::Choose(random.bits()),
        4 => Operation::Rollback(random.below(6)),
        5 if random.chance(0.1) => Operation::Reset,
        _ => Operation::Sample(random.bits()),
    };
    (0..len).map(|_| operation(random)).collect()
}

/// Performs an operation and returns what a draw gave: the token, or the error that every token was masked.
pub fn perform(drawer: &mut Drawer, operation: &Operation) -> Option<Result<u32, Error>> {
    let vocab = drawer.sampler.vocab_size();
    match operation {
        Operation::Prompt(tokens) => drawer.sampler.prompt(tokens).unwrap(),
        Operation::Accept(token) => drawer.sampler.accept(*token).unwrap(),
        Operation::Sample(seed) => return Some(drawer.sample(&Random(*seed).row(vocab))),
        Operation::Choose(seed) => return Some(drawer.choose(&Random(*seed).row(vocab))),
        Operation::Rollback(count) => drawer.sampler.rollback((*count).min(drawer.sampler.history().len())).unwrap(),
        Operation::Reset => drawer.sampler.reset(),
    }
    None
}

/// Asserts that both samplers behave alike from here on.
pub fn assert_continue_alike(a: &mut Drawer, b: &mut Drawer, random: &mut Random, context: &str) {
    assert_eq!(a.sampler.history(), b.sampler.history(), "{context}");
    assert_eq!(a.sampler.step(), b.sampler.step(), "{context}");
    for operation in script(random, a.sampler.vocab_size(), 12) {
        assert_eq!(perform(a, &operation), perform(b, &operation), "{operation:?} {context}");
    }
    // Back by two thirds of the history, and forth again.
    for drawer in [&mut *a, &mut *b] {
        let len = drawer.sampler.history().len();
        drawer.sampler.rollback(len - len / 3).unwrap();
    }
    for _ in 0..4 {
        let operation = Operation::Sample(random.bits());
        assert_eq!(perform(a, &operation), perform(b, &operation), "after a rollback: {context}");
    }
}
