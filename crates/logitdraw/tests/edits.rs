//! Each edit, and all of them together, against plain formulas on whole rows.

mod common;

use common::drawer::Drawer;
use common::edit_model::{Past, TRANSFORMERS, edited, edited_in};
use common::rows::Random;
use logitdraw::{
    Dry, DynamicTemperature, ErrorCode, NoRepeatNgram, Options, Order, PenaltyScope, Request, Sampler, Scope,
    Smoothing, ThinkingBudget,
};

/// Asserts that a sampler with edits has the law of a plain one on the edited row, and that greedy takes the row's best token.
fn check(options: &Options, past: &Past, logits: &[f32]) {
    let row = edited(options, past, logits);
    let mut drawer = Drawer::new(options.clone());
    record(&mut drawer.sampler, past);
    let mut greedy = Drawer::new(Options { temperature: 0.0, ..options.clone() });
    record(&mut greedy.sampler, past);
    let context = || format!("{options:?} {past:?}");
    if row.iter().all(|x| *x == f32::NEG_INFINITY) {
        for error in [drawer.sample(logits).unwrap_err(), greedy.sample(logits).unwrap_err()] {
            assert_eq!(error.code, ErrorCode::NoTokenLeft, "{}", context());
        }
        return;
    }
    assert_same_law(&mut drawer, logits, &row, 1e-5, &context);
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let best = row.iter().position(|x| *x == max).unwrap() as u32;
    assert_eq!(greedy.sample(logits).unwrap(), best, "{}", context());
    let token = drawer.sample(logits).unwrap();
    assert!(row[token as usize] > f32::NEG_INFINITY, "{}", context());
}

/// Asserts that the sampler's law of `logits` is the softmax of `row`.
fn assert_same_law(drawer: &mut Drawer, logits: &[f32], row: &[f32], tolerance: f64, context: &dyn Fn() -> String) {
    let ours = drawer.processed(logits, &Request::default()).unwrap();
    let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mass: f64 = row.iter().map(|x| (f64::from(*x) - f64::from(max)).exp()).sum();
    for (id, (ours, x)) in ours.iter().zip(row).enumerate() {
        let model = f64::from(*x) - f64::from(max) - mass.ln();
        let near = (ours - model).abs() <= tolerance + 1e-6 * model.abs();
        assert!(near || *ours == model, "token {id}: {ours} {model}, {}", context());
    }
}

fn record(sampler: &mut Sampler, past: &Past) {
    for (token, drawn) in past.tokens.iter().zip(&past.drawn) {
        if *drawn { sampler.accept(*token).unwrap() } else { sampler.prompt(&[*token]).unwrap() }
    }
}

/// Checks many random rows and histories with options made from a seed.
fn check_many(vocab: usize, rounds: u64, mut options: impl FnMut(&mut Random, &mut Options)) {
    for seed in 0..rounds {
        let mut random = Random(seed);
        let mut made = Options::new(vocab);
        options(&mut random, &mut made);
        let len = random.one_of(&[0, 1, 2, 3, 10, 40]);
        let prompted = random.below(len + 1);
        let tokens = random.tokens(vocab, len);
        let drawn = (0..len).map(|place| place >= prompted).collect();
        let logits = random.row(vocab);
        check(&made, &Past { tokens, drawn }, &logits);
    }
}

fn window(random: &mut Random) -> Option<usize> {
    random.one_of(&[None, Some(0), Some(1), Some(3), Some(16), Some(usize::MAX)])
}

fn scope(random: &mut Random) -> Option<Scope> {
    random.one_of(&[None, Some(Scope::All), Some(Scope::Output)])
}

#[test]
fn repetition_penalty_matches_the_formula() {
    check_many(90, 300, |random, o| {
        o.repetition_penalty = random.one_of(&[1.3, 0.7, 5.0, 1e-30, 1e30, 1.0000001]);
        o.penalty_window = window(random);
        o.penalty_scope = PenaltyScope { repetition: scope(random), frequency_presence: None };
    });
}

#[test]
fn presence_and_frequency_penalties_match_the_formula() {
    check_many(90, 400, |random, o| {
        o.presence_penalty = random.one_of(&[0.0, 0.5, -0.5, 3.4e38, -3.4e38]);
        o.frequency_penalty = random.one_of(&[0.0, 0.3, -0.3, 2e37, -2e37]);
        o.penalty_window = window(random);
        o.penalty_scope = PenaltyScope { repetition: None, frequency_presence: scope(random) };
    });
}

/// A token that would otherwise be ignored becomes the best by being repeated.
#[test]
fn penalties_below_0_raise_tokens_in_any_block() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let vocab = 5000;
        let mut o = Options::new(vocab);
        match seed % 3 {
            0 => o.frequency_penalty = -0.7,
            1 => (o.frequency_penalty, o.presence_penalty) = (-0.4, -1.5),
            _ => (o.frequency_penalty, o.repetition_penalty) = (-1.1, 0.4),
        }
        let said = random.tokens(vocab, 12);
        let tokens: Vec<u32> = (0..120).map(|_| random.one_of(&said[..1 + seed as usize % 12])).collect();
        let drawn = vec![true; tokens.len()];
        let logits = random.row(vocab);
        check(&o, &Past { tokens, drawn }, &logits);
    }
}

#[test]
fn dry_matches_the_formula() {
    check_many(20, 3000, |random, o| {
        let breakers = (0..random.below(4)).map(|_| {
            let len = 1 + random.below(3);
            random.tokens(3, len)
        });
        let sequence_breakers = breakers.collect();
        o.dry = Some(Dry {
            multiplier: Some(random.one_of(&[0.8, 3.0, 1e30])),
            base: random.one_of(&[None, Some(1.0), Some(1.2), Some(100.0), Some(1e30), Some(1.0000005)]),
            allowed_length: random.one_of(&[None, Some(0), Some(1), Some(2), Some(3), Some(12), Some(usize::MAX)]),
            window: window(random),
            sequence_breakers,
        });
    });
}

/// A breaker breaks nothing if only its end lies in the window.
#[test]
fn dry_ignores_breakers_that_begin_before_the_window() {
    for window in [2, 3, 4, 5, 6] {
        let mut o = Options::new(5);
        o.dry = Some(Dry {
            multiplier: Some(0.5),
            allowed_length: Some(1),
            window: Some(window),
            sequence_breakers: vec![vec![3, 1, 1]],
            ..Dry::default()
        });
        let tokens = vec![2, 3, 1, 1, 1, 1];
        check(&o, &Past { drawn: vec![true; tokens.len()], tokens }, &[0.0; 5]);
    }
}

/// Of the breakers that start at the same token, the longest counts.
#[test]
fn dry_uses_the_longest_breaker_that_starts_at_a_token() {
    let mut o = Options::new(5);
    o.dry = Some(Dry {
        multiplier: Some(0.5),
        allowed_length: Some(1),
        sequence_breakers: vec![vec![3, 1], vec![3, 1, 1]],
        ..Dry::default()
    });
    for repeated in 0..5 {
        let tokens = [&[2, 3][..], &[1; 9][..2 + repeated]].concat();
        check(&o, &Past { drawn: vec![true; tokens.len()], tokens }, &[0.0; 5]);
    }
}

/// Long histories of cycles that break off and begin again, with and without windows, recorded token by token and rolled back.
#[test]
fn dry_matches_the_formula_on_long_cycles() {
    for seed in 0..120 {
        let mut random = Random(seed);
        let mut o = Options::new(8);
        o.dry = Some(Dry {
            multiplier: Some(0.01),
            base: random.one_of(&[None, Some(1.05), Some(1.0), Some(1.0000005), Some(30.0)]),
            allowed_length: random.one_of(&[None, Some(0), Some(1), Some(4)]),
            window: random.one_of(&[None, None, Some(100), Some(37)]),
            sequence_breakers: if random.chance(0.3) { vec![vec![7]] } else { Vec::new() },
        });
        let mut past = Past::default();
        let mut sampler = Sampler::new(o.clone()).unwrap();
        for _ in 0..12 {
            let circle = random.one_of(&[1, 2, 3, 7, 20]);
            let piece = random.below(90);
            let from = past.tokens.len().saturating_sub(circle + random.below(30));
            for i in 0..piece {
                let again = past.tokens.get(from + i % circle).copied();
                let token = again.filter(|_| !random.chance(0.02)).unwrap_or(random.below(8) as u32);
                past.push(token, false);
                sampler.prompt(&[token]).unwrap();
            }
            let back = random.below(past.tokens.len() + 1).min(random.one_of(&[0, 3, 40]));
            sampler.rollback(back).unwrap();
            past.truncate(past.tokens.len() - back);
            let row = edited(&o, &past, &[0.0; 8]);
            let mut drawer = Drawer::of(sampler.clone());
            let ours = drawer.processed(&[0.0; 8], &Request::default()).unwrap();
            for (token, x) in row.iter().enumerate() {
                let model = f64::from(x - row[0]);
                let ours = ours[token] - ours[0];
                assert!((ours - model).abs() <= 1e-5 + 1e-6 * model.abs(), "seed {seed} token {token}: {ours} {model}");
            }
        }
    }
}

#[test]
fn ngram_bans_match_the_formula() {
    check_many(20, 1000, |random, o| {
        let size = random.one_of(&[1, 2, 3, 4, 30]);
        if random.chance(0.5) {
            o.no_repeat_ngram_size = size;
        } else {
            let exempt = random.ids(3, 2);
            o.no_repeat_ngram = Some(NoRepeatNgram { size: Some(size), window: window(random), exempt });
        }
    });
}

fn sequences(random: &mut Random, vocab: usize) -> Vec<Vec<u32>> {
    let count = 1 + random.below(4);
    let kinds = random.one_of(&[2, vocab]);
    (0..count)
        .map(|_| {
            let len = 1 + random.below(3);
            random.tokens(kinds, len)
        })
        .collect()
}

#[test]
fn bad_words_and_biases_match_the_formula() {
    check_many(70, 800, |random, o| {
        o.eos_token_id = random.ids(3, 2);
        o.bad_words = if random.chance(0.5) { sequences(random, 70) } else { Vec::new() };
        let bias = |random: &mut Random| random.one_of(&[1.5, -1.5, f64::NEG_INFINITY, 3.4e38, -3.4e38]);
        o.logit_bias = random.ids(70, 6).into_iter().map(|id| (id, bias(random))).collect();
        o.sequence_bias = sequences(random, 70).into_iter().map(|sequence| (sequence, bias(random))).collect();
    });
}

#[test]
fn token_bans_and_length_rules_match_the_formula() {
    check_many(40, 2000, |random, o| {
        o.suppress_tokens = random.ids(40, 5);
        o.begin_suppress_tokens = random.ids(40, 5);
        o.allowed_token_ids = random.chance(0.3).then(|| [random.ids(40, 20), vec![7]].concat());
        o.eos_token_id = [random.ids(40, 2), vec![5]].concat();
        o.min_new_tokens = random.one_of(&[0, 1, 5, 50]);
        o.max_new_tokens = random.one_of(&[None, Some(1), Some(2), Some(6)]);
        if o.max_new_tokens.is_some() {
            o.forced_eos_token_id = random.ids(40, 2);
        }
        o.forced_bos_token_id = random.one_of(&[None, Some(3)]);
        o.exponential_decay_length_penalty =
            random.one_of(&[None, Some((0, 1.5)), Some((2, 0.5)), Some((0, 1e30)), Some((usize::MAX, 2.0))]);
    });
}

#[test]
fn a_zero_eos_logit_does_not_decay_into_nan() {
    let mut options = Options::new(4);
    options.eos_token_id = vec![1];
    options.exponential_decay_length_penalty = Some((0, 3e38));
    let past = Past { tokens: vec![2; 9], drawn: vec![true; 9] };
    check(&options, &past, &[1.0, 0.0, 2.0, 3.0]);
}

#[test]
fn an_eos_token_listed_twice_is_raised_once() {
    let mut options = Options::new(4);
    options.eos_token_id = vec![1, 2, 1];
    options.exponential_decay_length_penalty = Some((0, 1.5));
    check(&options, &Past { tokens: vec![3; 2], drawn: vec![true; 2] }, &[1.0, 2.0, 0.5, 3.0]);
}

#[test]
fn thinking_budget_matches_the_formula() {
    check_many(12, 2000, |random, o| {
        let length = 1 + random.below(3);
        let start = random.tokens(3, length);
        let length = 1 + random.below(3);
        let end = random.tokens(3, length);
        o.thinking_budget = Some(ThinkingBudget { tokens: Some(random.below(8)), start, end });
    });
}

/// vLLM's rule, step by step: once the budget is spent, the end is forced from its first token on; a natural end stops the count; a
/// second thought is counted anew.
#[test]
fn thinking_budget_forces_the_end_of_each_thought() {
    let mut options = Options::new(10);
    options.thinking_budget = Some(ThinkingBudget { tokens: Some(3), start: vec![1, 2], end: vec![8, 9] });
    options.temperature = 0.0;
    let mut drawer = Drawer::new(options);
    let favour = |drawer: &mut Drawer, token: usize| {
        let mut logits = [0.0; 10];
        logits[token] = 5.0;
        drawer.sample(&logits).unwrap()
    };
    drawer.sampler.prompt(&[4, 1, 2]).unwrap();
    // The 8 within the thought does not count as the beginning of the forced end.
    assert_eq!([5, 5, 8, 5, 5, 5].map(|token| favour(&mut drawer, token)), [5, 5, 8, 8, 9, 5]);
    // A natural end.
    assert_eq!([1, 2, 5, 8, 9, 5, 5, 5].map(|token| favour(&mut drawer, token)), [1, 2, 5, 8, 9, 5, 5, 5]);
    assert_eq!([1, 2, 6, 6, 6, 6, 6, 6].map(|token| favour(&mut drawer, token)), [1, 2, 6, 6, 6, 8, 9, 6]);
    drawer.sampler.rollback(2).unwrap();
    assert_eq!([6, 6].map(|token| favour(&mut drawer, token)), [9, 6]);
}

/// Sets a random selection of all edits.
fn some_edits(random: &mut Random, o: &mut Options) {
    o.repetition_penalty = random.one_of(&[1.0, 1.3, 0.8]);
    o.presence_penalty = random.one_of(&[0.0, 0.4, -0.4]);
    o.frequency_penalty = random.one_of(&[0.0, 0.2, -0.2]);
    o.penalty_window = window(random);
    let allowed_length = random.one_of(&[None, Some(0)]);
    o.dry = random.chance(0.5).then(|| Dry { multiplier: Some(1.0), allowed_length, ..Dry::default() });
    o.no_repeat_ngram_size = random.one_of(&[0, 1, 2, 3]);
    o.bad_words = if random.chance(0.3) { sequences(random, 100) } else { Vec::new() };
    o.logit_bias = random.ids(100, 4).into_iter().map(|id| (id, 0.7)).collect();
    o.suppress_tokens = random.ids(100, 4);
    o.eos_token_id = vec![2, 3];
    o.min_new_tokens = random.one_of(&[0, 4]);
    o.exponential_decay_length_penalty = random.one_of(&[None, Some((1, 1.1))]);
    o.allowed_token_ids = random.chance(0.2).then(|| (0..60).collect());
}

#[test]
fn all_edits_together_match_the_formulas() {
    check_many(100, 600, some_edits);
}

/// An edit after a temperature or a smoothing sees divided and smoothed logits, although logits are divided only when they are weighed.
#[test]
fn edits_in_a_custom_order_match_the_formulas() {
    const VOCAB: usize = 100;
    let mut behind = 0;
    for seed in 0..3000 {
        let mut random = Random(seed);
        let mut options = Options::new(VOCAB);
        some_edits(&mut random, &mut options);
        options.sequence_bias = random.one_of(&[vec![], vec![(vec![7], -1.5), (vec![8], 1.0)]]);
        let temperature = random.one_of(&[1.0, 0.3, 0.7, 1.5, 4.0]);
        if random.chance(0.3) {
            let fixed = |t| DynamicTemperature { low: Some(t), high: Some(t), ..Default::default() };
            options.dynamic_temperature = Some(fixed(temperature));
        } else {
            options.temperature = temperature;
        }
        let factor = random.one_of(&[0.0, 0.2]);
        options.smoothing = Some(Smoothing { factor: Some(factor), curve: Some(random.one_of(&[1.0, 2.0])) });
        let mut order: Vec<&str> = [TRANSFORMERS, &["temperature", "dynamicTemperature", "smoothing"]].concat();
        for place in (1..order.len()).rev() {
            order.swap(place, random.below(place + 1));
        }
        options.order = Order::of(&order);
        let tokens = random.tokens(VOCAB, 30);
        let past = Past { drawn: (0..tokens.len()).map(|place| place >= 10).collect(), tokens };
        let logits = random.row(VOCAB);
        let row = edited_in(&options, &past, &logits, &order);
        if row.iter().all(|x| *x == f32::NEG_INFINITY) {
            continue;
        }
        behind += usize::from(row != edited(&options, &past, &logits));
        let mut drawer = Drawer::new(options.clone());
        record(&mut drawer.sampler, &past);
        let largest =
            logits.iter().chain(&row).filter(|x| x.is_finite()).fold(1.0, |max, x| f64::from(x.abs()).max(max));
        // Allows for a few roundings of the largest logit.
        let tolerance = 1e-5 + 1e-6 * largest / temperature.min(1.0);
        assert_same_law(&mut drawer, &logits, &row, tolerance, &|| format!("{options:?} {past:?}"));
    }
    assert!(behind > 1000, "{behind} orders made a difference");
}

/// In llama.cpp's order DRY looks back 64 tokens, unless its window says otherwise; in the others, at all of them.
#[test]
fn dry_has_the_window_of_its_order() {
    // 1 2 3 at the beginning, and 1 2 at the end: only what sees the beginning penalises the 3.
    for (between, llama) in [(59, true), (60, false)] {
        let tokens = [vec![1, 2, 3], vec![0; between], vec![1, 2]].concat();
        for (order, sees) in [(Order::LlamaCpp, llama), (Order::Transformers, true), (Order::Vllm, true)] {
            let dry = Some(Dry { multiplier: Some(1.0), ..Dry::default() });
            let mut drawer = Drawer::new(Options { dry, order: order.clone(), ..Options::new(5) });
            drawer.sampler.prompt(&tokens).unwrap();
            let law = drawer.law(&[0.0; 5]).unwrap();
            assert_eq!(law[3] < law[4], sees, "{order:?}, {} tokens", tokens.len());
        }
    }
}
