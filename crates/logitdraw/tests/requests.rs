//! The effect of requests and `removeInvalidValues` on a row, against their formulas in float64.

mod common;

use common::rows::Random;
use common::scratch::{Scratch, kept};
use logitdraw::{ErrorCode, Guidance, Logits, Options, Request, Sampler, Workspace};

const LEN: usize = 133;
const HOLE: f32 = f32::NEG_INFINITY;

fn sampler(temperature: f64) -> Sampler {
    Sampler::new(Options { temperature, ..Options::new(LEN) }).unwrap()
}

fn log_softmax(row: &[f32]) -> Vec<f64> {
    let row: Vec<f64> = row.iter().copied().map(f64::from).collect();
    let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let whole = row.iter().map(|x| (x - max).exp()).sum::<f64>().ln() + max;
    row.iter().map(|x| x - whole).collect()
}

/// Returns `g * (lp_c - lp_u) + lp_u`; -Infinity where the conditional is -Infinity, and `lp_c` where only the other is.
fn mixed(conditional: &[f32], unconditional: &[f32], scale: f64) -> Vec<f64> {
    log_softmax(conditional)
        .iter()
        .zip(log_softmax(unconditional))
        .map(|(c, u)| match (c.is_finite(), u.is_finite()) {
            (false, _) => f64::NEG_INFINITY,
            (_, false) => *c,
            _ => scale * (c - u) + u,
        })
        .collect()
}

fn softmax(logits: &[f64], temperature: f64) -> Vec<f64> {
    let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logits.iter().map(|x| ((x - max) / temperature).exp()).collect();
    let whole: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / whole).collect()
}

fn assert_near(law: &[f32], expected: &[f64], what: &str) {
    for (id, (p, expected)) in law.iter().zip(expected).enumerate() {
        let tolerance = 2e-5 * expected + 1e-37;
        assert!((f64::from(*p) - expected).abs() <= tolerance, "{what}: token {id} has {p}, not {expected}");
    }
}

/// A row with holes.
fn row(random: &mut Random, spread: f32, holes: usize) -> Vec<f32> {
    (0..LEN).map(|_| if random.below(100) < holes { HOLE } else { spread * random.normal() }).collect()
}

#[test]
fn guidance_matches_the_formula() {
    let mut random = Random(1);
    let mut scratch = Scratch::new(LEN);
    for scale in [0.0, 0.5, 1.0, 1.5, 7.5, -2.0] {
        for (holes, other_holes) in [(0, 0), (30, 0), (0, 30), (40, 40)] {
            for temperature in [1.0, 0.7] {
                let (row, other) = (row(&mut random, 2.0, holes), row(&mut random, 1.0, other_holes));
                let request =
                    Request { guidance: Some(Guidance { unconditional: &other, scale }), ..Request::default() };
                let law = scratch.law(&sampler(temperature), &row, &request).unwrap();
                let expected = softmax(&mixed(&row, &other, scale), temperature);
                assert_near(&law, &expected, &format!("scale {scale}, holes {holes} and {other_holes}"));
            }
        }
    }
}

/// Both softmaxes are those of whole rows; a mask is applied after them.
#[test]
fn a_mask_is_applied_after_guidance() {
    let mut random = Random(2);
    let mut scratch = Scratch::new(LEN);
    // Without holes in the unconditional row, masking first would give the same law.
    let (row, other) = (row(&mut random, 2.0, 0), row(&mut random, 2.0, 30));
    let mask = [0x5555_5555_u32, 0, u32::MAX];
    let request = Request {
        mask: Some(&mask),
        guidance: Some(Guidance { unconditional: &other, scale: 2.0 }),
        ..Request::default()
    };
    let law = scratch.law(&sampler(1.0), &row, &request).unwrap();
    let mut expected = mixed(&row, &other, 2.0);
    for (id, x) in expected.iter_mut().enumerate() {
        if mask.get(id / 32).is_none_or(|word| word >> (id % 32) & 1 == 0) {
            *x = f64::NEG_INFINITY;
        }
    }
    assert_near(&law, &softmax(&expected, 1.0), "masked");
    assert_eq!(kept(&law).len(), 16 + 32);
}

#[test]
fn refuses_invalid_guidance() {
    let row = vec![0.5; LEN];
    let with = |place: usize, x: f32| {
        let mut other = vec![0.25; LEN];
        other[place] = x;
        other
    };
    let mut sampler = sampler(1.0);
    let (mut logits, mut workspace) = (Logits::new(LEN), Workspace::new(LEN));
    for (unconditional, scale, code, part, index) in [
        (with(0, f32::NAN), 2.0, ErrorCode::InvalidLogits, "unconditional", Some(0)),
        (with(132, f32::NAN), 2.0, ErrorCode::InvalidLogits, "unconditional", Some(132)),
        (with(64, f32::INFINITY), 2.0, ErrorCode::InvalidLogits, "unconditional", Some(64)),
        (vec![0.0; LEN - 1], 2.0, ErrorCode::WrongLength, "unconditional", Some(LEN as u64 - 1)),
        (vec![0.0; LEN + 1], 2.0, ErrorCode::WrongLength, "unconditional", Some(LEN as u64)),
        (with(0, 0.0), f64::NAN, ErrorCode::InvalidOption, "scale", None),
        (with(0, 0.0), f64::INFINITY, ErrorCode::InvalidOption, "scale", None),
    ] {
        logits.set(&row).unwrap();
        let guidance = Some(Guidance { unconditional: &unconditional, scale });
        let request = Request { guidance, ..Request::default() };
        let error = sampler.sample(logits.row(), &mut workspace, &request).unwrap_err();
        assert_eq!((error.code, error.index), (code, index), "{error}");
        assert_eq!(error.option, Some(format!("guidance.{part}")), "{error}");
        assert_eq!((sampler.step(), sampler.history().len()), (0, 0));
    }
}

/// An unconditional row that masks everything has no effect: the conditional row is used as it is.
#[test]
fn a_fully_masked_unconditional_row_has_no_effect() {
    let row = row(&mut Random(3), 2.0, 0);
    let guidance = Some(Guidance { unconditional: &[HOLE; LEN], scale: 3.0 });
    let law = Scratch::new(LEN).law(&sampler(1.0), &row, &Request { guidance, ..Request::default() }).unwrap();
    assert_near(&law, &softmax(&log_softmax(&row), 1.0), "the conditional law");
}

#[test]
fn remove_invalid_values_replaces_nan_and_infinities() {
    let options = Options { remove_invalid_values: true, ..Options::new(LEN) };
    let sampler = Sampler::new(options).unwrap();
    let mut scratch = Scratch::new(LEN);
    for place in [0, 31, 32, 100, 132] {
        let mut row = row(&mut Random(4), 2.0, 0);
        row[place] = f32::NAN;
        let law = scratch.law(&sampler, &row, &Request::default()).unwrap();
        row[place] = 0.0;
        assert_near(&law, &softmax(&log_softmax(&row), 1.0), "NaN becomes 0");

        row[place] = HOLE;
        let law = scratch.law(&sampler, &row, &Request::default()).unwrap();
        assert_eq!(law[place], 0.0, "-Infinity becomes the lowest float");

        row[place] = f32::INFINITY;
        let law = scratch.law(&sampler, &row, &Request::default()).unwrap();
        assert_eq!(kept(&law), [place as u32], "+Infinity becomes the largest float");
    }
    // If all logits are -Infinity, all become the lowest float.
    let law = scratch.law(&sampler, &[HOLE; LEN], &Request::default()).unwrap();
    assert_near(&law, &[1.0 / LEN as f64; LEN], "nothing is masked");
}

#[test]
fn logits_at_both_ends_of_float32_match_the_softmax() {
    let mut row = vec![HOLE; LEN];
    (row[1], row[40], row[132]) = (3e38, -3e38, 0.0);
    for temperature in [1.0, 1e30, 1e36] {
        let law = Scratch::new(LEN).law(&sampler(temperature), &row, &Request::default()).unwrap();
        let row: Vec<f64> = row.iter().copied().map(f64::from).collect();
        assert_near(&law, &softmax(&row, temperature), &format!("temperature {temperature}"));
    }
}

/// Guidance of scale 0 gives the unconditional law, however large the logits are beside the logarithm of their sum.
#[test]
fn guidance_is_exact_for_huge_logits() {
    for x in [1.0_f32, 1e9, 1e30] {
        let (row, unconditional) = ([x, x], [3.0, f32::NEG_INFINITY]);
        let guidance = Some(Guidance { unconditional: &unconditional, scale: 0.0 });
        let (mut logits, mut workspace, mut law) = (Logits::new(2), Workspace::new(2), [0.0; 2]);
        logits.set(&row).unwrap();
        let sampler = Sampler::new(Options::new(2)).unwrap();
        let request = Request { guidance, ..Request::default() };
        sampler.distribution(logits.row(), &mut workspace, &request, &mut law).unwrap();
        // Where the unconditional logit is masked, the conditional log-probability is used: 0 beside ln 1/2.
        assert!((law[0] - 2.0 / 3.0).abs() < 1e-6, "{x}: {law:?}");
    }
}
