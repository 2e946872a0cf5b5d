//! Every truncation against its float64 model, alone and in chains, on rows of every shape.

mod common;

use common::model::{self, Model};
use common::rows::rows;
use common::sampling::{Desk, set};
use logitdraw::{Options, Order, Request, Sampler};
use serde_json::{Value, json};

/// What a batch of comparisons found.
#[derive(Default)]
struct Tally {
    cases: usize,
    /// Cases in which the model was not sure of some token.
    unsure: usize,
}

/// The sampler whose order is the chain's.
fn sampler(vocab_size: usize, chain: &[(String, Value)], min_keep: usize) -> Sampler {
    let mut options = Options::new(vocab_size);
    for (name, value) in chain {
        set(&mut options, name, value);
    }
    options.min_tokens_to_keep = min_keep;
    options.order = Order::of(&chain.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()).unwrap();
    Sampler::new(options).unwrap_or_else(|error| panic!("{chain:?}: {error}"))
}

/// Compares a law with the model's: the same survivors, and their probabilities to 1e-5.
fn compare(law: &[f32], model: &Model, tally: &mut Tally, what: &dyn Fn() -> String) {
    tally.cases += 1;
    let unsure = model.shaky || model.unsure.iter().any(|unsure| *unsure);
    tally.unsure += usize::from(unsure);

    if model.shaky {
        return;
    }
    let p = model.p();
    for (id, got) in law.iter().enumerate() {
        let (got, expected) = (f64::from(*got), p[id]);
        // A float32 shows no less.
        let visible = expected > 2e-38 || expected == 0.0;
        if !model.unsure[id] && visible {
            assert_eq!(got > 0.0, expected > 0.0, "{}: token {id} has {got}, not {expected}", what());
        }
        let tolerance = 1e-5 + if expected < 1e-6 { -1e-6 * expected.max(1e-45).ln() } else { 0.0 };
        if !unsure && visible {
            let error = (got - expected).abs();
            assert!(error <= tolerance * expected, "{}: token {id} has {got:e}, not {expected:e}", what());
        }
    }
}

fn check(lens: &[usize], chains: &[Value], min_keeps: &[usize], most_unsure: f64) {
    let mut tally = Tally::default();
    for len in lens.iter().copied() {
        let mut desk = Desk::new(len);
        for (shape, row) in rows(len, len as u64 + 7).into_iter().filter(|(shape, _)| *shape != "huge") {
            for chain in chains {
                let chain: Vec<(String, Value)> = chain
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|stage| (stage[0].as_str().unwrap().to_string(), stage[1].clone()))
                    .collect();
                for min_keep in min_keeps.iter().copied().filter(|min_keep| *min_keep <= len) {
                    let mut model = Model::new(&row);
                    model.min_keep = min_keep;
                    model::run(&mut model, &chain);
                    let law = desk.law(&sampler(len, &chain, min_keep), &row, &Request::default());
                    // To a double all logits of this row are one.
                    let mut ignored = Tally::default();
                    let tally = if shape == "tiny" { &mut ignored } else { &mut tally };
                    compare(&law, &model, tally, &|| format!("{shape}, {len} tokens, {min_keep} kept: {chain:?}"));
                }
            }
        }
    }
    let share = tally.unsure as f64 / tally.cases as f64;
    println!("{} cases, {share:.4} unsure", tally.cases);
    assert!(share <= most_unsure, "the model is unsure of {} in {} cases", tally.unsure, tally.cases);
}

const LENS: &[usize] = &[1, 2, 3, 5, 31, 33, 257, 1030];

/// A stage alone, at each of its parameters, and in company.
fn each(name: &str, parameters: &[Value], most_unsure: f64) {
    let mut chains = Vec::new();
    for x in parameters {
        let stage = json!([name, x]);
        chains.push(json!([stage]));
        chains.push(json!([["temperature", 0.7], stage]));
        chains.push(json!([stage, ["temperature", 1.8]]));
        chains.push(json!([["topK", 20], stage]));
        chains.push(json!([["minP", 0.02], stage, ["epsilonCutoff", 0.003]]));
    }
    // No stage twice; and a temperature would have no meaning beside the bounds of the one that follows the entropy.
    chains.retain(|chain| {
        let names: Vec<_> = chain.as_array().unwrap().iter().map(|stage| stage[0].as_str().unwrap()).collect();
        let twice = (1..names.len()).any(|i| names[..i].contains(&names[i]));
        !twice && !(names.contains(&"temperature") && names.contains(&"dynamicTemperature"))
    });
    check(LENS, &chains, &[1], most_unsure);
    check(&[2, 40, 300], &chains, &[2, 7, 120], most_unsure);
    let alone: Vec<Value> = parameters.iter().map(|x| json!([[name, x]])).collect();
    check(&[4099], &alone, &[1], 2.0 * most_unsure);
}

#[test]
fn typical() {
    each("typicalP", &[json!(0.0), json!(0.2011), json!(0.5032), json!(0.9013), json!(0.9507), json!(0.9999)], 0.06);
}

#[test]
fn thresholds_of_probability() {
    let parameters = [json!(1e-9), json!(0.0004), json!(0.01), json!(0.2), json!(1.0)];
    each("epsilonCutoff", &parameters, 0.05);
    each("etaCutoff", &parameters, 0.05);
    each("minP", &parameters, 0.05);
    each("topA", &parameters, 0.05);
    each("pLess", &[json!(true), json!("norm")], 0.1);
}

#[test]
fn top_p() {
    each("topP", &[json!(0.0), json!(0.1037), json!(0.5032), json!(0.9013), json!(0.9507), json!(0.9999)], 0.05);
}

#[test]
fn top_h() {
    each("topH", &[json!(0.0), json!(0.2), json!(0.5), json!(0.9), json!(1.0)], 0.05);
}

#[test]
fn top_n_sigma() {
    each("topNSigma", &[json!(0.0), json!(0.5), json!(1.0), json!(2.5), json!(100.0)], 0.05);
}

#[test]
fn tail_free() {
    each("tailFree", &[json!(0.0), json!(0.3), json!(0.8), json!(0.95), json!(0.9999)], 0.05);
}

#[test]
fn min_k() {
    each("minK", &[json!(0.0), json!(3.0), json!(20.0), json!(200.0), json!(1e30)], 0.05);
}

#[test]
fn mirostat() {
    let v2 = |tau: f64| json!({"version": 2, "tau": tau});
    let v1 = |tau: f64, m: usize| json!({"version": 1, "tau": tau, "m": m});
    each("mirostat", &[v2(0.2), v2(1.5), v2(3.0), v2(9.0)], 0.05);
    each("mirostat", &[v1(0.2, 100), v1(1.5, 100), v1(3.0, 2), v1(4.5, 30), v1(9.0, 100), v1(40.0, 1000)], 0.05);
}

#[test]
fn flatter_and_steeper() {
    each(
        "smoothing",
        &[json!({"factor": 0.1}), json!({"factor": 1.5, "curve": 1.7}), json!({"factor": 4.0, "curve": 3.0})],
        0.05,
    );
    each(
        "dynamicTemperature",
        &[
            json!({"low": 0.2, "high": 1.7}),
            json!({"low": 0.0, "high": 1.0, "exponent": 2.0}),
            json!({"low": 1.0, "high": 1.0, "exponent": 0.0}),
        ],
        0.05,
    );
    each(
        "adaptiveP",
        &[
            json!({"target": 0.3}),
            json!({"target": 0.0}),
            json!({"target": 1.0, "decay": 0.5}),
            json!({"target": -0.5}),
        ],
        0.05,
    );
}
