//! Every truncation against its float64 model, alone and in chains, on rows of every shape.

mod common;

use common::comparing::{Tally, chain, compare, sampler_of_chain};
use common::model::Model;
use common::rows::{Random, rows};
use common::scratch::Scratch;
use common::stages;
use logitdraw::Request;
use serde_json::{Value, json};

fn check(lens: &[usize], chains: &[Value], min_keeps: &[usize], most_unsure: f64) {
    let mut tally = Tally::default();
    for len in lens.iter().copied() {
        let mut scratch = Scratch::new(len);
        for (shape, row) in rows(len, len as u64 + 7).into_iter().filter(|(shape, _)| *shape != "huge") {
            for stages in chains.iter().map(chain) {
                for min_keep in min_keeps.iter().copied().filter(|min_keep| *min_keep <= len) {
                    let mut model = Model::new(&row);
                    model.min_keep = min_keep;
                    stages::run(&mut model, &stages);
                    let law =
                        scratch.law(&sampler_of_chain(len, &stages, min_keep), &row, &Request::default()).unwrap();
                    // The float64 model cannot tell the logits of this row apart.
                    let mut ignored = Tally::default();
                    let tally = if shape == "tiny" { &mut ignored } else { &mut tally };
                    compare(&law, &model, tally, &|| format!("{shape}, {len} tokens, {min_keep} kept: {stages:?}"));
                }
            }
        }
    }
    tally.finish(most_unsure);
}

const LENS: &[usize] = &[1, 2, 3, 5, 31, 33, 257, 1030];

/// Checks a stage with each of its parameters, alone and together with others.
fn check_stage(name: &str, parameters: &[Value], most_unsure: f64) {
    let mut chains = Vec::new();
    for x in parameters {
        let stage = json!([name, x]);
        chains.push(json!([stage]));
        chains.push(json!([["temperature", 0.7], stage]));
        chains.push(json!([stage, ["temperature", 1.8]]));
        chains.push(json!([["topK", 20], stage]));
        chains.push(json!([["minP", 0.02], stage, ["epsilonCutoff", 0.003]]));
    }
    // No stage twice; and a temperature has no meaning beside the bounds of a dynamic temperature.
    chains.retain(|chain| {
        let names: Vec<_> = chain.as_array().unwrap().iter().map(|stage| stage[0].as_str().unwrap()).collect();
        let twice = (1..names.len()).any(|i| names[..i].contains(&names[i]));
        let both = names.contains(&"temperature") && names.contains(&"dynamicTemperature");
        !twice && !both
    });
    check(LENS, &chains, &[1], most_unsure);
    check(&[2, 40, 300], &chains, &[2, 7, 120], most_unsure);
    let alone: Vec<Value> = parameters.iter().map(|x| json!([[name, x]])).collect();
    check(&[4099], &alone, &[1], 2.0 * most_unsure);
}

#[test]
fn typical_p_matches_the_model() {
    check_stage(
        "typicalP",
        &[json!(0.0), json!(0.2011), json!(0.5032), json!(0.9013), json!(0.9507), json!(0.9999)],
        0.06,
    );
}

#[test]
fn probability_thresholds_match_the_model() {
    let parameters = [json!(1e-9), json!(0.0004), json!(0.01), json!(0.2), json!(1.0)];
    check_stage("epsilonCutoff", &parameters, 0.05);
    check_stage("etaCutoff", &parameters, 0.05);
    check_stage("minP", &parameters, 0.05);
    check_stage("topA", &parameters, 0.05);
    check_stage("pLess", &[json!(true), json!("norm")], 0.1);
}

#[test]
fn top_p_matches_the_model() {
    check_stage("topP", &[json!(0.0), json!(0.1037), json!(0.5032), json!(0.9013), json!(0.9507), json!(0.9999)], 0.05);
}

#[test]
fn top_h_matches_the_model() {
    check_stage("topH", &[json!(0.0), json!(0.2013), json!(0.5037), json!(0.9011), json!(1.0)], 0.05);
}

#[test]
fn top_n_sigma_matches_the_model() {
    check_stage("topNSigma", &[json!(0.0), json!(0.5), json!(1.0), json!(2.5), json!(100.0)], 0.05);
}

#[test]
fn tail_free_matches_the_model() {
    check_stage("tailFree", &[json!(0.0), json!(0.3), json!(0.8), json!(0.95), json!(0.9999)], 0.05);
}

#[test]
fn min_k_matches_the_model() {
    check_stage("minK", &[json!(0.0), json!(3.0), json!(20.0), json!(200.0), json!(1e30)], 0.05);
}

#[test]
fn mirostat_matches_the_model() {
    let v2 = |tau: f64| json!({"version": 2, "tau": tau});
    let v1 = |tau: f64, m: usize| json!({"version": 1, "tau": tau, "m": m});
    check_stage("mirostat", &[v2(0.2), v2(1.5), v2(3.0), v2(9.0)], 0.05);
    check_stage("mirostat", &[v1(0.2, 100), v1(1.5, 100), v1(3.0, 2), v1(4.5, 30), v1(9.0, 100), v1(40.0, 1000)], 0.05);
}

#[test]
fn smoothing_dynamic_temperature_adaptive_p_match_the_model() {
    check_stage(
        "smoothing",
        &[json!({"factor": 0.1}), json!({"factor": 1.5, "curve": 1.7}), json!({"factor": 4.0, "curve": 3.0})],
        0.05,
    );
    check_stage(
        "dynamicTemperature",
        &[
            json!({"low": 0.2, "high": 1.7}),
            json!({"low": 0.0, "high": 1.0, "exponent": 2.0}),
            json!({"low": 1.0, "high": 1.0, "exponent": 0.0}),
        ],
        0.05,
    );
    check_stage(
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

/// Cutoffs that fall anywhere, between bins and within them, on long rows.
#[test]
fn cutoffs_match_the_model_wherever_they_fall() {
    let mut random = Random(17);
    let chains: Vec<Value> = (0..40)
        .map(|i| json!([[if i % 2 == 0 { "typicalP" } else { "topP" }, random.uniform() * 0.98 + 0.01]]))
        .chain([json!([["temperature", 0.02], ["typicalP", 0.9]]), json!([["temperature", 40.0], ["topP", 0.9]])])
        .collect();
    check(&[1024, 1500, 9001], &chains, &[1], 0.15);
}

#[test]
fn truncations_match_the_model_on_a_large_vocabulary() {
    let parameters = [
        ("typicalP", 0.9),
        ("topP", 0.9),
        ("epsilonCutoff", 1e-4),
        ("topNSigma", 1.0),
        ("tailFree", 0.9),
        ("minK", 3.0),
    ];
    for spread in [1.0, 3.0] {
        let mut random = Random(23);
        let row: Vec<f32> = (0..128_256).map(|_| spread * random.normal()).collect();
        let mut scratch = Scratch::new(row.len());
        for (name, x) in parameters {
            let (stages, mut model) = (chain(&json!([[name, x]])), Model::new(&row));
            stages::run(&mut model, &stages);
            let law = scratch.law(&sampler_of_chain(row.len(), &stages, 1), &row, &Request::default()).unwrap();
            let mut tally = Tally::default();
            compare(&law, &model, &mut tally, &|| format!("{spread} * N(0, 1): {stages:?}"));
            let unsure = model.unsure.iter().filter(|unsure| **unsure).count();
            assert!(unsure < 30, "{name}: the model is unsure of {unsure} tokens");
        }
    }
}
