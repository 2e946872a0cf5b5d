//! Logits are defined only up to a constant: every truncation and every law keeps the same tokens of a row that is shifted far away.

mod common;

use common::drawer::Drawer;
use common::json;
use common::rows::Random;
use serde_json::json;

const VOCAB: usize = 300;
/// Small enough that the logits, multiples of 1/8, stay exact when shifted.
const SHIFTS: [f32; 4] = [-100_000.0, -700.0, 700.0, 100_000.0];

#[test]
fn shifting_all_logits_does_not_change_the_law() {
    let mut random = Random(17);
    let row: Vec<f32> = (0..VOCAB).map(|_| (random.normal() * 24.0).round() / 8.0).collect();
    let all = [
        json!({}),
        json!({ "topK": 20 }),
        json!({ "topP": 0.9 }),
        json!({ "minP": 0.05 }),
        json!({ "typicalP": 0.8 }),
        json!({ "epsilonCutoff": 0.002 }),
        json!({ "etaCutoff": 0.002 }),
        json!({ "topH": 0.4 }),
        json!({ "topA": 0.2 }),
        json!({ "topNSigma": 1 }),
        json!({ "tailFree": 0.9 }),
        json!({ "pLess": true }),
        json!({ "pLess": "norm" }),
        json!({ "minK": 3 }),
        json!({ "xtc": { "probability": 0.5, "threshold": 0.05 } }),
        json!({ "dynamicTemperature": { "range": 0.5 } }),
        json!({ "smoothing": { "factor": 0.2, "curve": 2 } }),
        json!({ "mirostat": { "version": 1, "tau": 3 } }),
        json!({ "mirostat": { "version": 2, "tau": 3 } }),
        json!({ "adaptiveP": { "target": 0.3 } }),
    ];
    for options in all {
        let law = |row: &[f32]| Drawer::new(json::options(VOCAB, &options)).law(row).unwrap();
        let expected = law(&row);
        assert!(expected.iter().any(|p| *p > 0.0) && expected.iter().any(|p| *p != expected[0]), "{options}");
        for shift in SHIFTS {
            let moved: Vec<f32> = row.iter().map(|x| x + shift).collect();
            // Smoothed logits are not multiples of 1/8: beside 100,000 their last digits are lost.
            let close = |(p, expected): (&f32, &f32)| (p - expected).abs() <= 0.01 * expected;
            assert!(law(&moved).iter().zip(&expected).all(close), "{options} by {shift}");
        }
    }
}
