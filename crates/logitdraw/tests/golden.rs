//! The project's own draws, pinned in test/vectors/golden.json for every generator and drawing rule.
//!
//! A seed means the same tokens in every release. If this test fails, the change that made it fail is a breaking one: revert it, or,
//! if it is intended, run `npm run golden -- --write` and release a new major version whose CHANGELOG says which draws have changed.

mod common;

use common::hashed_rows::{self, Row, STRIDE};
use common::json::{self, ids};
use common::vectors;
use logitdraw::{Logits, Request, Sampler, Source, Workspace, multinomial_f32, multinomial_f64};
use serde_json::Value;

#[test]
fn every_golden_draw_is_unchanged() {
    let file = vectors("golden");
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 243);
    let mut changed = Vec::new();
    for case in cases {
        let drawn = if case["multinomial"].is_object() { multinomial(case) } else { sampler(case) };
        if drawn != ids(&case["tokens"]) {
            changed.push(format!("{case}: drew {drawn:?}"));
        }
    }
    assert!(
        changed.is_empty(),
        "{} golden draws changed, which breaks every user's seeds (see the head of this file):\n{}",
        changed.len(),
        changed.join("\n")
    );
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap() as u32
}

fn sampler(case: &Value) -> Vec<u32> {
    let options = json::options(1, &case["options"]);
    let (vocab_size, caller) = (options.vocab_size, options.generator == Source::Caller);
    let mut sampler = Sampler::new(options).unwrap();
    let mut logits = Logits::new(vocab_size);
    let mut workspace = Workspace::new(vocab_size);
    if case["prompt"].is_array() {
        sampler.prompt(&ids(&case["prompt"])).unwrap();
    }
    let kind = case["rows"].as_str().unwrap();
    let draw = |step: u32| {
        let at = |seed: &Value| number(seed) + STRIDE * step;
        let mask = case["maskSeed"].is_u64().then(|| hashed_rows::mask(vocab_size, at(&case["maskSeed"])));
        let uniform = caller.then(|| hashed_rows::uniform(step as usize, number(&case["uniformSeed"])));
        Row::new(kind, vocab_size, at(&case["rowSeed"])).write(&mut logits);
        let request = Request { mask: mask.as_deref(), uniform, ..Request::default() };
        sampler.sample(logits.row(), &mut workspace, &request).unwrap()
    };
    (0..number(&case["steps"])).map(draw).collect()
}

fn multinomial(case: &Value) -> Vec<u32> {
    let mut generator = json::generator(&case["multinomial"]);
    let (length, count) = (number(&case["length"]) as usize, number(&case["count"]) as usize);
    let replacement = case["replacement"].as_bool().unwrap();
    let call = |call: u32| {
        let weights = hashed_rows::weights(length, number(&case["rowSeed"]) + STRIDE * call);
        if case["weights"] == "float32" {
            let weights: Vec<f32> = weights.iter().map(|weight| *weight as f32).collect();
            multinomial_f32(&weights, count, replacement, &mut generator).unwrap()
        } else {
            multinomial_f64(&weights, count, replacement, &mut generator).unwrap()
        }
    };
    (0..number(&case["calls"])).flat_map(call).collect()
}
