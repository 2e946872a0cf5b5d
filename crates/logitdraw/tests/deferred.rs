//! Edits wait until something opens their blocks. The stages after them must see the row as if the edits had not waited.

mod common;

use common::drawer::Drawer;
use common::edit_model::{Past, edited, edited_in};
use common::fit::deviation;
use common::rows::Random;
use logitdraw::{AdaptiveP, DynamicTemperature, Mirostat, Options, Order, PLess, Smoothing, Ties, Xtc};

/// Sets edits that lower and raise logits: up to four that wait, and a few that do not.
fn penalties(random: &mut Random, o: &mut Options) {
    o.repetition_penalty = random.one_of(&[1.0, 1.2, 3.0, 0.8, 0.3]);
    o.presence_penalty = random.one_of(&[0.0, 0.7, -0.7]);
    o.frequency_penalty = random.one_of(&[0.0, 0.1, -0.1]);
    o.penalty_window = random.one_of(&[None, None, Some(20)]);
    o.no_repeat_ngram_size = random.one_of(&[0, 0, 0, 1]);
    o.logit_bias = random.ids(o.vocab_size, 3).into_iter().map(|id| (id, 2.0)).collect();
    o.suppress_tokens = random.ids(o.vocab_size, 3);
    if random.chance(0.2) {
        o.allowed_token_ids = Some((0..o.vocab_size as u32 / 2).chain([random.below(o.vocab_size) as u32]).collect());
    }
}

/// Sets one truncation, or a few.
fn truncations(random: &mut Random, o: &mut Options) {
    for _ in 0..1 + random.below(3) {
        match random.below(18) {
            0 => o.top_k = random.one_of(&[1, 3, 40, 200]),
            1 => o.top_p = random.one_of(&[0.0, 0.3, 0.9, 0.99]),
            2 => o.min_p = random.one_of(&[0.01, 0.3]),
            3 => o.typical_p = random.one_of(&[0.3, 0.9]),
            4 => o.epsilon_cutoff = 1e-3,
            5 => o.eta_cutoff = 1e-3,
            6 => o.top_h = Some(0.7),
            7 => o.top_a = 0.2,
            8 => o.top_n_sigma = Some(1.0),
            9 => o.tail_free = 0.9,
            10 => o.p_less = PLess::On,
            11 => o.min_k = Some(3.0),
            12 => o.xtc = Some(Xtc { probability: Some(0.6), threshold: Some(0.1), protect: vec![1] }),
            13 => {
                o.dynamic_temperature = Some(DynamicTemperature { range: Some(0.5), ..DynamicTemperature::default() })
            }
            14 => o.smoothing = Some(Smoothing { factor: Some(0.3), curve: Some(1.5) }),
            15 => o.mirostat = Some(Mirostat { version: Some(1 + random.below(2)), ..Mirostat::default() }),
            16 => o.adaptive_p = Some(AdaptiveP { target: Some(0.4), decay: None }),
            _ => o.temperature = random.one_of(&[0.3, 1.7]),
        }
    }
    o.top_k_ties = random.one_of(&[None, Some(Ties::Exact)]);
    o.min_tokens_to_keep = random.one_of(&[1, 1, 1, 5]);
    o.order = random.one_of(&[Order::Transformers, Order::Transformers, Order::LlamaCpp, Order::Vllm]);
    if o.order == Order::LlamaCpp && o.mirostat.is_some() {
        // Mirostat replaces all other truncations there.
        o.order = Order::Transformers;
    }
}

/// Returns the same options without edits.
fn plain(o: &Options) -> Options {
    let mut plain = Options::new(o.vocab_size);
    for (name, value) in o.values() {
        let edit = ["repetitionPenalty", "presencePenalty", "frequencyPenalty", "penaltyWindow"];
        let ban = ["noRepeatNgramSize", "logitBias", "suppressTokens", "allowedTokenIds"];
        if !edit.contains(&name) && !ban.contains(&name) {
            plain.set(name, value).unwrap();
        }
    }
    plain
}

/// Returns a history in which the best tokens are more frequent, as they are in texts.
fn past(random: &mut Random, logits: &[f32]) -> Past {
    let vocab = logits.len();
    let len = random.one_of(&[0, 3, 50, 1000]);
    let mut past = Past::default();
    for _ in 0..len {
        let (a, b) = (random.below(vocab), random.below(vocab));
        let token = if logits[a] > logits[b] { a } else { b } as u32;
        let drawn = random.chance(0.5);
        past.push(token, drawn);
    }
    past
}

fn drawer_with(options: &Options, past: &Past) -> Drawer {
    let mut drawer = Drawer::new(options.clone());
    for (token, drawn) in past.tokens.iter().zip(&past.drawn) {
        if *drawn { drawer.sampler.accept(*token).unwrap() } else { drawer.sampler.prompt(&[*token]).unwrap() }
    }
    drawer
}

/// The order of these edits in llama.cpp's preset.
const LLAMA_CPP: &[&str] = &[
    "allowedTokenIds",
    "logitBias",
    "repetitionPenalty",
    "frequencyPenalty",
    "presencePenalty",
    "noRepeatNgramSize",
    "suppressTokens",
];

/// The order of these edits in vLLM's preset.
const VLLM: &[&str] = &[
    "allowedTokenIds",
    "badWords",
    "logitBias",
    "repetitionPenalty",
    "frequencyPenalty",
    "presencePenalty",
    "noRepeatNgramSize",
    "suppressTokens",
];

#[test]
fn truncations_see_the_edited_row() {
    let mut compared = 0;
    for seed in 0..600 {
        let mut random = Random(seed);
        let vocab = random.one_of(&[5, 33, 300, 1500, 9000]);
        let mut options = Options::new(vocab);
        penalties(&mut random, &mut options);
        truncations(&mut random, &mut options);
        options.min_tokens_to_keep = options.min_tokens_to_keep.min(vocab);
        let logits = random.row(vocab);
        let past = past(&mut random, &logits);
        let row = match options.order {
            Order::LlamaCpp => edited_in(&options, &past, &logits, LLAMA_CPP),
            Order::Vllm => edited_in(&options, &past, &logits, VLLM),
            _ => edited(&options, &past, &logits),
        };
        if row.iter().all(|x| *x == f32::NEG_INFINITY) {
            continue;
        }
        let mut waiting = drawer_with(&options, &past);
        let mut at_once = drawer_with(&plain(&options), &past);
        let (ours, theirs) = (waiting.law(&logits).unwrap(), at_once.law(&row).unwrap());
        for (id, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let near = (ours - theirs).abs() <= 2e-6 * theirs.max(1e-3) && (*ours > 0.0) == (*theirs > 0.0);
            assert!(near, "seed {seed} token {id}: {ours} {theirs} {options:?}");
        }
        let short = options.top_k != 0 || options.top_h.is_some() || options.min_k.is_some();
        if short {
            for _ in 0..3 {
                assert_eq!(waiting.sample(&logits).unwrap(), at_once.sample(&row).unwrap(), "seed {seed} {options:?}");
                waiting.sampler.rollback(1).unwrap();
                at_once.sampler.rollback(1).unwrap();
                waiting.sampler = waiting.sampler.clone_with(None, Some(random.bits())).unwrap();
                at_once.sampler = at_once.sampler.clone_with(None, Some(waiting.sampler.sequence())).unwrap();
            }
        }
        compared += 1;
    }
    assert!(compared > 400);
}

/// Draws made while edits wait follow the law of the edited row, although the envelope is too high until blocks are opened and a
/// top-p is judged by sums of open blocks.
#[test]
fn draws_follow_the_law_of_the_edited_row() {
    const DRAWS: u64 = 10_000;
    for seed in 0..16 {
        let mut random = Random(seed);
        let vocab = 400;
        let mut options = Options::new(vocab);
        options.repetition_penalty = [2.5, 1.0, 0.5, 1.3][seed as usize % 4];
        options.frequency_penalty = [0.0, 0.5, 0.0, -0.3][seed as usize % 4];
        options.top_p = [1.0, 0.9, 0.6, 0.97][seed as usize / 4];
        options.min_p = [0.0, 0.0, 0.02, 0.001][seed as usize / 4];
        let logits: Vec<f32> = (0..vocab).map(|_| 2.0 * random.normal()).collect();
        let mut past = past(&mut random, &logits);
        for _ in 0..100 {
            past.push(random.below(vocab) as u32, true);
        }
        let mut drawer = drawer_with(&options, &past);
        let law = drawer.law(&logits).unwrap();
        let mut seen = vec![0u32; vocab];
        for sequence in 0..DRAWS {
            drawer.sampler = drawer.sampler.clone_with(None, Some(sequence)).unwrap();
            let token = drawer.choose(&logits).unwrap();
            seen[token as usize] += 1;
        }
        let what = format!("seed {seed}, {options:?}");
        let z = deviation(&seen, &law, &what);
        assert!(z < 4.0, "{what}: {z} standard deviations");
    }
}

/// A block that is opened only for the sum above a drawn token must weigh what it holds now, not what it held before.
#[test]
fn top_p_weighs_blocks_after_their_edits() {
    let mut logits = vec![-20.0; 96];
    (logits[0], logits[32], logits[64]) = (5.0, 4.9, 4.0);
    let options = Options { presence_penalty: 20.0, top_p: 0.6, ..Options::new(96) };
    let mut drawer = drawer_with(&options, &Past { tokens: vec![32], drawn: vec![true] });
    for sequence in 0..200 {
        drawer.sampler = drawer.sampler.clone_with(None, Some(sequence)).unwrap();
        assert_eq!(drawer.sample(&logits).unwrap(), 0);
        drawer.sampler.rollback(1).unwrap();
    }
}
