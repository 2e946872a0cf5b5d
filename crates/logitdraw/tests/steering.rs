//! What mirostat and adaptive-p learn from draw to draw, against their formulas; and that it is saved, restored and rolled back.

mod common;

use common::comparing::{Chain, Tally, chain, compare};
use common::json::set;
use common::model::Model;
use common::rows::Random;
use common::scratch::Scratch;
use common::stages;
use logitdraw::{AdaptiveP, Algorithm, Generator, Mirostat, Options, Order, Request, Sampler, Seed, Source};
use serde_json::{Value, json};

const LEN: usize = 300;

/// Returns the logits of a step.
fn row(step: u64) -> Vec<f32> {
    let mut random = Random(step);
    (0..LEN).map(|_| if random.below(5) == 0 { f32::NEG_INFINITY } else { 2.0 * random.normal() }).collect()
}

/// Returns options whose stages are in the order of the chain.
fn options(chain: &Chain, algorithm: Algorithm) -> Options {
    let mut options = Options { generator: Source::Algorithm(algorithm), ..Options::new(LEN) };
    for (name, value) in chain {
        set(&mut options, name, value);
    }
    options.order = Order::Custom(chain.iter().map(|(name, _)| name.clone()).collect());
    options
}

fn sampler(chain: &Chain, algorithm: Algorithm) -> Sampler {
    Sampler::new(options(chain, algorithm)).unwrap()
}

/// Returns the state after a token, by the strategy's formula; `model` is the law from which the token was drawn.
fn learn(model: &Model, token: u32, option: &Value, state: f64) -> f64 {
    let number = |part: &str, default: f64| option[part].as_f64().unwrap_or(default);
    if option["target"].is_null() {
        let (tau, eta) = (number("tau", 5.0), number("eta", 0.1));
        state - eta * (-model.p()[token as usize].log2() - tau)
    } else {
        let decay = number("decay", 0.9);
        decay * state + (1.0 - decay) * model.before[token as usize]
    }
}

fn settings() -> Vec<Chain> {
    [
        json!([["mirostat", {"version": 1, "tau": 3.0, "eta": 0.3}]]),
        json!([["temperature", 0.8], ["mirostat", {"version": 1, "tau": 2.0, "eta": 1.0, "m": 20}]]),
        json!([["mirostat", {"version": 2}]]),
        json!([["temperature", 1.3], ["minP", 0.01], ["mirostat", {"version": 2, "tau": 2.5, "eta": 0.7}]]),
        json!([["adaptiveP", {"target": 0.3}]]),
        json!([["adaptiveP", {"target": 0.1, "decay": 0.0}]]),
        // Of a few likely tokens, the next aim is often below 0 or above 1, and clamped.
        json!([["topK", 3], ["adaptiveP", {"target": 0.1, "decay": 0.0}]]),
        json!([["topK", 3], ["adaptiveP", {"target": 0.9, "decay": 0.0}]]),
        json!([["temperature", 1.4], ["topK", 30], ["adaptiveP", {"target": 0.05, "decay": 0.99}]]),
    ]
    .iter()
    .map(chain)
    .collect()
}

/// Returns chains in which other stages cut what the strategy has left, and how many tokens must stay.
fn cut_behind() -> Vec<(Chain, usize)> {
    [
        (json!([["mirostat", {"version": 2}], ["topP", 0.5]]), 1),
        (json!([["mirostat", {"version": 2}], ["topP", 0.3]]), 2),
        (json!([["mirostat", {"version": 1}], ["topP", 0.6]]), 3),
        (json!([["mirostat", {"version": 2, "tau": 6.0}], ["temperature", 0.9], ["topP", 0.7], ["minP", 0.01]]), 1),
        (json!([["adaptiveP", {"target": 0.1}], ["topP", 0.5]]), 1),
        (json!([["adaptiveP", {"target": 0.1}], ["topP", 0.5]]), 2),
    ]
    .iter()
    .map(|(json, least)| (chain(json), *least))
    .collect()
}

#[test]
fn mirostat_and_adaptive_p_learn_by_their_formulas() {
    let mut tally = Tally::default();
    // At first, no token is likely enough for this one.
    let narrow = chain(&json!([["mirostat", {"version": 2, "tau": 0.4, "eta": 0.5}]]));
    let alone = settings().into_iter().chain([narrow]).map(|chain| (chain, 1));
    for ((chain, least), algorithm) in alone.chain(cut_behind()).flat_map(|case| {
        [Algorithm::Philox, Algorithm::Torch, Algorithm::Numpy, Algorithm::LlamaCpp]
            .map(|algorithm| (case.clone(), algorithm))
    }) {
        let chain = &chain;
        let steers = |(name, _): &&(String, Value)| name == "mirostat" || name == "adaptiveP";
        let option = &chain.iter().find(steers).unwrap().1;
        let mut sampler = Sampler::new(Options { min_tokens_to_keep: least, ..options(chain, algorithm) }).unwrap();
        let mut scratch = Scratch::new(LEN);
        let first = option["target"].as_f64().unwrap_or(2.0 * option["tau"].as_f64().unwrap_or(5.0));
        let mut state = first;
        for step in 0..60 {
            let row = row(step);
            let mut model = Model::new(&row);
            model.state = state;
            model.min_keep = least;
            stages::run(&mut model, chain);
            let law = scratch.law(&sampler, &row, &Request::default()).unwrap();
            compare(&law, &model, &mut tally, &|| format!("{algorithm:?}, step {step}: {chain:?}"));
            if !model.is_sure() {
                break; // The model cannot continue from what it does not know.
            }
            let token = scratch.sample(&mut sampler, &row, &Request::default()).unwrap();
            assert!(law[token as usize] > 0.0, "{algorithm:?}, step {step}: {chain:?}");
            state = learn(&model, token, option, state);
        }
        assert_ne!(state, first);
    }
    assert!(tally.cases > 2400, "{}", tally.cases);
    tally.finish(0.02);
}

#[test]
fn learned_state_is_cloned_restored_and_rolled_back() {
    for chain in settings() {
        let mut sampler = sampler(&chain, Algorithm::Philox);
        let mut scratch = Scratch::new(LEN);
        let probe = row(99);
        let mut laws = Vec::new();
        for step in 0..20 {
            laws.push(scratch.law(&sampler, &probe, &Request::default()).unwrap());
            scratch.sample(&mut sampler, &row(step), &Request::default()).unwrap();
        }
        let mut law = |sampler: &Sampler| scratch.law(sampler, &probe, &Request::default()).unwrap();
        let last = law(&sampler);
        assert_eq!(law(&sampler.clone()), last);
        assert_eq!(law(&sampler.clone_with(None, Some(9)).unwrap()), last);
        assert_eq!(law(&Sampler::restore(&sampler.save().unwrap()).unwrap()), last);
        // It learns nothing from tokens that it did not draw.
        sampler.accept(5).unwrap();
        assert_eq!(law(&sampler), last);
        sampler.rollback(1).unwrap();
        assert_eq!(law(&sampler), last);
        for expected in laws.iter().rev() {
            sampler.rollback(1).unwrap();
            assert_eq!(law(&sampler), *expected, "{chain:?}");
        }
        scratch.sample(&mut sampler, &row(0), &Request::default()).unwrap();
        sampler.reset();
        assert_eq!(scratch.law(&sampler, &probe, &Request::default()).unwrap(), laws[0]);
        assert_ne!(laws[0], laws[19], "{chain:?}");
    }
}

/// llama.cpp's draw walks its candidates in the order in which top-k or typical left them, with the logits that adaptive-p has since
/// put in place.
#[test]
fn adaptive_p_keeps_the_candidate_order_of_earlier_stages() {
    let adaptive = json!({"target": 0.2});
    for (name, parameter) in [("topK", json!(12)), ("typicalP", json!(0.6)), ("minP", json!(0.02))] {
        let stages = chain(&json!([[name, parameter], ["adaptiveP", adaptive]]));
        let mut scratch = Scratch::new(LEN);
        for seed in 0..200u64 {
            let row = row(seed);
            let mut options = Options { order: Order::LlamaCpp, seed: Seed::from(seed), ..Options::new(LEN) };
            options.generator = Source::Algorithm(Algorithm::LlamaCpp);
            for (name, value) in &stages {
                set(&mut options, name, value);
            }
            let token = scratch.sample(&mut Sampler::new(options).unwrap(), &row, &Request::default()).unwrap();

            let mut model = Model::new(&row);
            let entropy: f64 = model.p().iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
            let whole = model.p();
            stages::run(&mut model, &stages);
            let mut candidates: Vec<usize> = (0..LEN).filter(|id| model.before[*id] > 0.0).collect();
            match name {
                "topK" => candidates.sort_by(|a, b| row[*b].partial_cmp(&row[*a]).unwrap()),
                "typicalP" => {
                    let score = |id: usize| (-whole[id].ln() - entropy).abs();
                    candidates.sort_by(|a, b| score(*a).partial_cmp(&score(*b)).unwrap());
                }
                _ => {}
            }
            let u = Generator::new(Algorithm::LlamaCpp, &Seed::from(seed), 0).unwrap().random();
            let (p, mut sum) = (model.p(), 0.0);
            let drawn = candidates.into_iter().find(|id| {
                sum += p[*id];
                sum >= u
            });
            let near = (sum - u).abs() < 1e-5 || drawn.is_none_or(|id| (sum - p[id] - u).abs() < 1e-5);
            assert!(near || drawn == Some(token as usize), "{name}, seed {seed}: {token}, not {drawn:?}");
        }
    }
}

/// Tied tokens lie on both sides of the cut, and only those before it are drawn.
#[test]
fn top_p_after_mirostat_cuts_through_tied_tokens() {
    let tied = [0.0, 9.0, 9.0, 9.0, 0.0, 9.0, 9.0, 9.0, 0.0];
    let stages = ["mirostat", "topP"].map(String::from);
    for (algorithm, least) in Algorithm::ALL.into_iter().flat_map(|algorithm| [(algorithm, 1), (algorithm, 2)]) {
        let mut counts = [0; 9];
        for seed in 0..600u64 {
            let options = Options {
                mirostat: Some(Mirostat { version: Some(2), ..Mirostat::default() }),
                top_p: 0.5,
                min_tokens_to_keep: least,
                order: Order::Custom(stages.to_vec()),
                generator: Source::Algorithm(algorithm),
                seed: Seed::from(seed),
                ..Options::new(9)
            };
            counts[Scratch::new(9).sample(&mut Sampler::new(options).unwrap(), &tied, &Request::default()).unwrap()
                as usize] += 1;
        }
        let drawn = &counts[1..4];
        assert!(
            drawn.iter().sum::<u32>() == 600 && drawn.iter().all(|count| *count > 140),
            "{algorithm:?}: {counts:?}"
        );
    }
}

/// With a target below 0 the draw is a plain one, and does not enter the average of probabilities.
#[test]
fn adaptive_p_learns_nothing_with_a_negative_target() {
    let adaptive =
        |target| Options { adaptive_p: Some(AdaptiveP { target: Some(target), decay: None }), ..Options::new(LEN) };
    let mut sampler = Sampler::new(adaptive(-1.0)).unwrap();
    let mut scratch = Scratch::new(LEN);
    for step in 0..5 {
        scratch.sample(&mut sampler, &row(step), &Request::default()).unwrap();
    }
    sampler.update(adaptive(0.3)).unwrap();
    let law = scratch.law(&sampler, &row(9), &Request::default()).unwrap();
    assert_eq!(law, scratch.law(&Sampler::new(adaptive(0.3)).unwrap(), &row(9), &Request::default()).unwrap());
}

/// llama.cpp clamps adaptive-p's parameters to their range: a sampler outside it draws and learns like one at the end of the range.
#[test]
fn adaptive_p_clamps_target_and_decay() {
    for (outside, inside) in [((7.0, 2.0), (1.0, 0.99)), ((0.3, -4.0), (0.3, 0.0)), ((-7.0, 0.5), (-1.0, 0.5))] {
        let [mut first, mut second] = [outside, inside].map(|(target, decay)| {
            let chain = chain(&json!([["adaptiveP", {"target": target, "decay": decay}]]));
            (sampler(&chain, Algorithm::Philox), Scratch::new(LEN))
        });
        for step in 0..20 {
            let draw = |(sampler, scratch): &mut (Sampler, Scratch)| {
                let law = scratch.law(sampler, &row(step), &Request::default()).unwrap();
                (law, scratch.sample(sampler, &row(step), &Request::default()).unwrap())
            };
            assert_eq!(draw(&mut first), draw(&mut second), "{outside:?}, step {step}");
        }
    }
}
