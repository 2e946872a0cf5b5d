//! Draws against the distribution that the sampler says it draws from, by chi-square, for every truncation and drawing rule.

mod common;

use common::fit::deviation;
use common::json::options;
use common::rows::Random;
use common::scratch::Scratch;
use logitdraw::{Algorithm, Options, Request, Sampler, Seed, Source};
use serde_json::{Value, json};

/// Returns a row with ties, masked tokens and a few likely ones.
fn row(len: usize, spread: f32, seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    (0..len)
        .map(|_| match random.below(8) {
            0 => f32::NEG_INFINITY,
            1 => 0.5,
            _ => spread * random.normal(),
        })
        .collect()
}

/// Draws once from each of many clones of a sampler, each with its own sequence (or seed, if the generator has no sequences).
fn draw(sampler: &Sampler, logits: &[f32], draws: u64) -> Vec<u32> {
    let mut scratch = Scratch::new(logits.len());
    let mut counts = vec![0; logits.len()];
    let philox = sampler.options().generator == Source::Algorithm(Algorithm::Philox);
    for i in 0..draws {
        let mut twin = if philox {
            sampler.clone_with(None, Some(i)).unwrap()
        } else {
            sampler.clone_with(Some(Seed::from(i)), None).unwrap()
        };
        counts[scratch.sample(&mut twin, logits, &Request::default()).unwrap() as usize] += 1;
    }
    counts
}

fn check(sampler: &Sampler, logits: &[f32], draws: u64, what: &Value) {
    let law = Scratch::new(logits.len()).law(sampler, logits, &Request::default()).unwrap();
    assert_near(&draw(sampler, logits, draws), &law, &what.to_string());
}

fn assert_near(counts: &[u32], law: &[f32], what: &str) {
    let z = deviation(counts, law, what);
    assert!(z < 4.5, "{what}: {z} standard deviations");
}

/// Returns every truncation, and combinations of some.
fn settings() -> Vec<Value> {
    let mut settings = vec![
        json!({"typicalP": 0.3}),
        json!({"typicalP": 0.9, "temperature": 1.4}),
        json!({"typicalP": 0.6, "topK": 30}),
        json!({"typicalP": 0.7, "epsilonCutoff": 0.002}),
        json!({"epsilonCutoff": 0.01}),
        json!({"etaCutoff": 0.02, "temperature": 2.0}),
        json!({"topH": 0.6}),
        json!({"topA": 0.3}),
        json!({"topNSigma": 1.0, "temperature": 1.5}),
        json!({"tailFree": 0.9}),
        json!({"pLess": true}),
        json!({"pLess": "norm"}),
        json!({"minK": 30.0}),
        json!({"xtc": {"probability": 0.5, "threshold": 0.05}}),
        json!({"xtc": {"probability": 1, "threshold": 0.1}}),
        json!({"xtc": {"probability": 0.5, "threshold": 0.02, "protect": [7, 21, 39]}, "topP": 0.9}),
        json!({"dynamicTemperature": {"range": 0.5}}),
        json!({"dynamicTemperature": {"low": 0.5, "high": 2.0, "exponent": 2.0}, "minP": 0.05}),
        json!({"smoothing": {"factor": 0.3, "curve": 2.0}}),
        json!({"smoothing": {"factor": 0.1}, "topP": 0.8}),
        json!({"mirostat": {"version": 1, "tau": 3.0}}),
        json!({"mirostat": {"version": 2, "tau": 3.0}}),
        json!({"adaptiveP": {"target": 0.2}}),
        json!({"adaptiveP": {"target": 0.05}, "minP": 0.02}),
        json!({"adaptiveP": {"target": -1.0}}),
        json!({"topP": 0.9, "minP": 0.03}),
        json!({"minTokensToKeep": 9, "topP": 0.2, "typicalP": 0.1}),
    ];
    for order in ["llama.cpp", "vllm"] {
        settings.extend([
            json!({"order": order, "typicalP": 0.7, "topP": 0.9, "minP": 0.02, "temperature": 1.7}),
            json!({"order": order, "topNSigma": 1.4, "topK": 25, "temperature": 0.8}),
            json!({"order": order, "xtc": {"probability": 0.3, "threshold": 0.04}, "dynamicTemperature": {"range": 0.6}}),
        ]);
    }
    settings
}

#[test]
fn draws_by_philox_fit_the_distribution() {
    for (i, setting) in settings().into_iter().enumerate() {
        for (len, spread) in [(40, 1.5), (300, 2.0)] {
            let sampler = Sampler::new(options(len, &setting)).unwrap();
            check(&sampler, &row(len, spread, i as u64), 5_000, &setting);
        }
    }
}

/// A row of many blocks, from which draws are made by block maxima and membership is checked for single tokens.
#[test]
fn draws_from_many_blocks_fit_the_distribution() {
    let logits = row(4099, 0.7, 5);
    for setting in [
        json!({"typicalP": 0.9}),
        json!({"typicalP": 0.2, "temperature": 0.9}),
        json!({"topP": 0.7}),
        json!({"etaCutoff": 0.0003}),
        json!({"smoothing": {"factor": 0.4}}),
        json!({"adaptiveP": {"target": 0.0}}),
        json!({"mirostat": {"version": 2, "tau": 4.0}}),
    ] {
        check(&Sampler::new(options(4099, &setting)).unwrap(), &logits, 10_000, &setting);
    }
}

/// The libraries' own drawing rules. Mersenne Twisters are costly to seed, so a single stream is drawn from, and stages that learn are
/// left out.
#[test]
fn draws_by_other_generators_fit_the_distribution() {
    let logits = row(40, 1.5, 11);
    let algorithms = [Algorithm::Torch, Algorithm::Numpy, Algorithm::LlamaCpp];
    for (setting, algorithm) in settings().into_iter().flat_map(|setting| algorithms.map(|a| (setting.clone(), a))) {
        if !setting["mirostat"].is_null() || !setting["adaptiveP"].is_null() {
            continue;
        }
        let generator = Source::Algorithm(algorithm);
        let mut sampler = Sampler::new(Options { generator, seed: Seed::from(5u64), ..options(40, &setting) }).unwrap();
        let mut scratch = Scratch::new(40);
        let law = scratch.law(&sampler, &logits, &Request::default()).unwrap();
        let mut counts = vec![0; 40];
        for _ in 0..3_000 {
            counts[scratch.sample(&mut sampler, &logits, &Request::default()).unwrap() as usize] += 1;
        }
        assert_near(&counts, &law, &format!("{algorithm:?}, {setting}"));
    }
}

/// The next draw goes by the state that mirostat and adaptive-p have reached after a few draws.
#[test]
fn draws_with_learned_state_fit_the_distribution() {
    for setting in [
        json!({"mirostat": {"version": 1, "tau": 2.0, "eta": 0.6}}),
        json!({"mirostat": {"version": 2, "tau": 2.0, "eta": 0.6}}),
        json!({"mirostat": {"version": 2, "tau": 4.0, "eta": 0.9}, "order": "llama.cpp", "temperature": 1.3}),
        json!({"adaptiveP": {"target": 0.3, "decay": 0.5}}),
        json!({"adaptiveP": {"target": 0.1, "decay": 0.9}, "topK": 20, "temperature": 1.5}),
    ] {
        let logits = row(60, 1.5, 3);
        let mut sampler = Sampler::new(options(60, &setting)).unwrap();
        let mut scratch = Scratch::new(60);
        let mut laws = Vec::new();
        for _ in 0..6 {
            laws.push(scratch.law(&sampler, &logits, &Request::default()).unwrap());
            check(&sampler, &logits, 5_000, &setting);
            scratch.sample(&mut sampler, &logits, &Request::default()).unwrap();
        }
        assert!(laws.windows(2).any(|pair| pair[0] != pair[1]), "{setting}: no draw changed the law");
    }
}
