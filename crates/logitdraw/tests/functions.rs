//! The chapter's functions, against the tokens of torch, numpy and llama.cpp (`test/vectors`); and what they refuse.

mod common;

use common::json::{self, ids};
use common::library_cases::hashed_logits;
use common::{bits32, vectors};
use logitdraw::{
    Algorithm, ErrorCode, Generator, Seed, argmax, bincount, mask_top_k, multinomial_f32, multinomial_f64, softmax,
    top_k,
};
use serde_json::Value;

fn generator(algorithm: Algorithm, seed: u64) -> Generator {
    Generator::new(algorithm, &Seed::from(seed), 0).unwrap()
}

fn floats(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

fn doubles(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The chapter's probabilities: the top k (0: all), and a softmax at a temperature.
fn chapter_probabilities(logits: &[f32], temperature: f64, k: usize) -> Vec<f32> {
    let mut masked = logits.to_vec();
    if k > 0 {
        mask_top_k(logits, k, &mut masked).unwrap();
    }
    let mut probabilities = vec![0.0; logits.len()];
    softmax(&masked, temperature, &mut probabilities).unwrap();
    probabilities
}

/// Makes a thousand draws of one token each from one generator, as the chapter does.
fn thousand_draws(probabilities: &[f32], algorithm: Algorithm, seed: u64) -> Vec<u32> {
    let mut generator = generator(algorithm, seed);
    (0..1000).flat_map(|_| multinomial_f32(probabilities, 1, false, &mut generator).unwrap()).collect()
}

#[test]
fn the_textbook_experiment_equals_torch() {
    let file = vectors("textbook");
    let logits = floats(&file["logits"]);
    assert_eq!(argmax(&logits).unwrap(), 3);
    for case in file["cases"].as_array().unwrap() {
        let k = case["top_k"].as_u64().unwrap() as usize;
        let probabilities = chapter_probabilities(&logits, case["T"].as_f64().unwrap(), k);
        for (ours, theirs) in probabilities.iter().zip(case["probs_f32_bits"].as_array().unwrap()) {
            // torch's exponents are float32: the larger they are, the more their last bit weighs.
            let theirs = bits32(theirs);
            let bound = f32::EPSILON * (2.0 + theirs.ln().abs());
            assert!(*ours == theirs || (ours - theirs).abs() <= bound * theirs, "{ours} {theirs}");
        }
        let drawn = thousand_draws(&probabilities, Algorithm::Torch, 123);
        assert_eq!(bincount(&drawn, logits.len()).unwrap(), ids(&case["counts"]));
        assert_eq!(drawn[..200], ids(&case["first200"]));
        assert_eq!(drawn[995..], ids(&case["last5"]));
    }
}

/// The weights of `multinomial.json`, whose checksum the file keeps: of 9 as float32, 2107447251.
fn weights(vocab_size: usize) -> Vec<f64> {
    (0..vocab_size).map(|i| ((7919 * i + 13) % 1009 + 1) as f64).collect()
}

/// Its logits, up to a constant, which no draw depends on.
fn logits(vocab_size: usize) -> Vec<f32> {
    (0..vocab_size).map(|i| ((7919 * i + 13) % 4096) as f32 / 256.0).collect()
}

/// Returns torch's softmax of the k best (0: all), in double.
fn softmax_in_double(logits: &[f32], temperature: f64, k: usize) -> Vec<f64> {
    let kept = chapter_probabilities(logits, 1.0, k);
    let max = f64::from(logits[argmax(logits).unwrap() as usize]);
    let weights = logits.iter().zip(kept);
    let weights = weights.map(|(x, p)| if p > 0.0 { ((f64::from(*x) - max) / temperature).exp() } else { 0.0 });
    let weights: Vec<f64> = weights.collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Single draws, many at once with replacement, and many or all without, of 9, 1,000 and 50,257 tokens.
#[test]
fn multinomial_equals_torch() {
    let file = vectors("multinomial");
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 15);
    for case in cases {
        let vocab_size = case["V"].as_u64().unwrap() as usize;
        let p = match case["input"].as_str().unwrap() {
            "weights" => weights(vocab_size),
            _ => {
                let (temperature, k) = (case["T"].as_f64().unwrap(), case["top_k"].as_u64().unwrap() as usize);
                softmax_in_double(&logits(vocab_size), temperature, k)
            }
        };
        let singles: Vec<f32> = p.iter().map(|p| *p as f32).collect();
        let is_single = case["dtype"] == "float32";
        let draw = |count, replacement, generator: &mut Generator| match is_single {
            true => multinomial_f32(&singles, count, replacement, generator).unwrap(),
            false => multinomial_f64(&p, count, replacement, generator).unwrap(),
        };
        let start = generator(Algorithm::Torch, case["seed"].as_u64().unwrap());
        let mut one_by_one = start.clone();
        let drawn: Vec<u32> = (0..200).flat_map(|_| draw(1, false, &mut one_by_one)).collect();
        let what = format!("{vocab_size} {} as {}, T {}", case["input"], case["dtype"], case["T"]);
        assert_eq!(drawn, ids(&case["draws200"]), "{what}");
        // The sum of so many float32s depends on how torch vectorises it.
        if vocab_size < 50_257 || !is_single {
            assert_eq!(draw(200, true, &mut start.clone()), ids(&case["replacement200"]), "{what}");
        }
        let distinct = ids(&case["no_replacement"]);
        assert_eq!(draw(distinct.len(), false, &mut start.clone()), distinct, "{what}");
    }
}

/// torch draws from the rows of a matrix one after the other.
#[test]
fn multinomial_equals_torch_on_rows() {
    let logits = floats(&vectors("textbook")["logits"]);
    let reversed: Vec<f32> = logits.iter().copied().rev().collect();
    let halves: Vec<f32> = logits.iter().map(|x| x / 2.0).collect();
    let rows = [logits, reversed, halves].map(|row| chapter_probabilities(&row, 1.0, 0));
    let batch = &vectors("multinomial")["batch"];
    let start = || generator(Algorithm::Torch, batch["seed"].as_u64().unwrap());
    let draw = |count, replacement, generator: &mut Generator| {
        rows.each_ref().map(|row| multinomial_f32(row, count, replacement, generator).unwrap())
    };
    let mut generator = start();
    for expected in batch["multinomial1_x20"].as_array().unwrap() {
        assert_eq!(draw(1, false, &mut generator).concat(), ids(expected));
    }
    for (name, count, replacement) in [("multinomial4", 4, false), ("replacement6", 6, true)] {
        let expected: Vec<_> = batch[name].as_array().unwrap().iter().map(ids).collect();
        assert_eq!(draw(count, replacement, &mut start()).to_vec(), expected, "{name}");
    }
}

#[test]
fn the_textbook_experiment_equals_torch_with_mkl() {
    let logits = floats(&vectors("textbook")["logits"]);
    let file = vectors("mkl_sim");
    for case in file["cases"].as_array().unwrap() {
        let k = case["top_k"].as_u64().unwrap() as usize;
        let probabilities = chapter_probabilities(&logits, case["T"].as_f64().unwrap(), k);
        let drawn = thousand_draws(&probabilities, Algorithm::TorchMkl, 123);
        assert_eq!(bincount(&drawn, logits.len()).unwrap(), ids(&case["counts"]));
        assert_eq!(drawn[..200], ids(&case["first200"]));
    }
    let drawn = multinomial_f32(&[1.0; 10], 1, false, &mut generator(Algorithm::TorchMkl, 123)).unwrap();
    assert_eq!(drawn, ids(&Value::from(vec![file["issue114945_ones10_seed123_n1"].clone()])));
}

/// Tokens of a real wheel (torch 2.6.0), many of which depend on how a number near 1 is rounded.
#[test]
fn multinomial_equals_a_torch_wheel_with_mkl() {
    let file = vectors("torch_mkl");
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 15);
    for case in cases {
        let logits = hashed_logits(case["V"].as_u64().unwrap() as usize, case["seed"].as_u64().unwrap());
        let probabilities = chapter_probabilities(&logits, case["T"].as_f64().unwrap(), 0);
        let mut generator = generator(Algorithm::TorchMkl, case["torch_seed"].as_u64().unwrap());
        for (draw, expected) in ids(&case["tokens"]).into_iter().enumerate() {
            let token = multinomial_f32(&probabilities, 1, false, &mut generator).unwrap()[0];
            assert_eq!(token, expected, "draw {draw}, seed {}, T {}", case["seed"], case["T"]);
        }
    }
}

/// The numpy cases: `n` samples with replacement equal n calls of `choice`, whether drawn at once or one by one.
#[test]
fn multinomial_equals_numpy_choice() {
    let file = vectors("numpy");
    let p = doubles(&file["p"]);
    for (list, algorithm) in [("default_rng", Algorithm::Numpy), ("RandomState", Algorithm::NumpyLegacy)] {
        for case in file[list].as_array().unwrap() {
            let start = Generator::new(algorithm, &json::seed(&case["seed"]), 0).unwrap();
            let expected = ids(&case["choice50"]);
            let (mut at_once, mut singly) = (start.clone(), start);
            assert_eq!(multinomial_f64(&p, 50, true, &mut at_once).unwrap(), expected);
            for token in expected {
                assert_eq!(multinomial_f64(&p, 1, false, &mut singly).unwrap(), [token]);
            }
            assert_eq!(at_once, singly);
        }
    }
}

#[test]
fn multinomial_equals_llama_cpp_dist() {
    let file = vectors("llama_cpp");
    let probabilities = chapter_probabilities(&floats(&file["logits"]), 1.0, 0);
    let mut generator = generator(Algorithm::LlamaCpp, 123);
    assert_eq!(multinomial_f32(&probabilities, 300, true, &mut generator).unwrap(), ids(&file["dist_new_300"]));
}

#[test]
fn draws_without_replacement_are_distinct_and_possible() {
    let p = [0.1, 0.0, 0.4, 0.2, 0.0, 0.25, 0.05_f32];
    for algorithm in Algorithm::ALL {
        let mut generator = generator(algorithm, 5);
        let mut firsts = [0; 7];
        for _ in 0..4000 {
            let mut drawn = multinomial_f32(&p, 4, false, &mut generator).unwrap();
            firsts[drawn[0] as usize] += 1;
            assert!(drawn.iter().all(|id| p[*id as usize] > 0.0));
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn.len(), 4, "{algorithm:?}");
        }
        // The first token drawn follows the probabilities, to five standard deviations.
        for (count, p) in firsts.iter().zip(p) {
            let (expected, p) = (4000.0 * f64::from(p), f64::from(p));
            assert!(
                (f64::from(*count) - expected).abs() <= 5.0 * (expected * (1.0 - p)).sqrt(),
                "{algorithm:?} {firsts:?}"
            );
        }
    }
}

#[test]
fn invalid_probabilities_leave_the_generator_unchanged() {
    let refused: [(&[f32], usize, bool, Option<u64>); 9] = [
        (&[0.5, -0.1], 1, false, Some(1)),
        (&[0.5, 0.5, f32::NAN], 2, true, Some(2)),
        (&[f32::INFINITY, 0.5], 1, false, Some(0)),
        (&[f32::NEG_INFINITY, 0.5], 1, true, Some(0)),
        (&[], 1, true, None),
        (&[0.0, -0.0], 1, true, None),
        (&[0.5, 0.5], 3, false, None),
        (&[0.5, 0.5, 0.0], 3, false, None),
        (&[0.5, 0.5, 0.0], 0, false, None),
    ];
    for algorithm in Algorithm::ALL {
        for (p, n, replacement, index) in refused {
            let mut generator = generator(algorithm, 1);
            let before = generator.clone();
            let error = multinomial_f32(p, n, replacement, &mut generator).unwrap_err();
            let code = if n == 0 { ErrorCode::InvalidOption } else { ErrorCode::InvalidProbabilities };
            assert_eq!((error.code, error.index), (code, index), "{p:?} {n}");
            assert_eq!(generator, before);
        }
        // Weights need not be probabilities.
        let mut generator = generator(algorithm, 1);
        assert_eq!(multinomial_f32(&[0.0, 3e38, 0.0], 1, false, &mut generator).unwrap(), [1]);
        assert_eq!(multinomial_f64(&[0.0, 1e-310], 5, true, &mut generator).unwrap(), [1; 5]);
    }
    let error = multinomial_f32(&[3e38; 2], 2, true, &mut generator(Algorithm::Torch, 1)).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidProbabilities);
    let error = multinomial_f64(&[1e308; 2], 2, true, &mut generator(Algorithm::Numpy, 1)).unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidProbabilities);
    let error = multinomial_f64(&[1.0], usize::MAX, true, &mut generator(Algorithm::Numpy, 1)).unwrap_err();
    assert_eq!(error.code, ErrorCode::OutOfMemory);
}

#[test]
fn argmax_takes_the_first_maximum_and_refuses_bad_logits() {
    const INF: f32 = f32::INFINITY;
    assert_eq!(argmax(&[1.0, 3.0, 3.0]).unwrap(), 1);
    assert_eq!(argmax(&[-INF, -3.4e38, -INF]).unwrap(), 1);
    assert_eq!(argmax(&[-0.0, 0.0]).unwrap(), 0);
    for (row, code, index) in [
        (&[1.0, f32::NAN, INF][..], ErrorCode::InvalidLogits, Some(1)),
        (&[1.0, 2.0, INF], ErrorCode::InvalidLogits, Some(2)),
        (&[], ErrorCode::InvalidLogits, None),
        (&[-INF, -INF], ErrorCode::NoTokenLeft, Some(0)),
    ] {
        let errors = [argmax(row).unwrap_err(), softmax(row, 1.0, &mut vec![0.0; row.len()]).unwrap_err()];
        assert!(errors.iter().all(|error| (error.code, error.index) == (code, index)), "{row:?}");
    }
}

#[test]
fn softmax_accepts_every_finite_temperature_from_0() {
    let logits = [2.0, f32::NEG_INFINITY, 3.0, 3.0, -3.4e38];
    let run = |temperature: f64| {
        let mut out = [0.0; 5];
        softmax(&logits, temperature, &mut out).map(|()| out)
    };
    assert_eq!(run(0.0).unwrap(), [0.0, 0.0, 1.0, 0.0, 0.0]);
    for tiny in [1e-3, 1e-30, 1e-45, 1e-60, 1e-308] {
        assert_eq!(run(tiny).unwrap(), [0.0, 0.0, 0.5, 0.5, 0.0]);
    }
    let flat = run(1e300).unwrap();
    assert_eq!(flat, [0.25, 0.0, 0.25, 0.25, 0.25]);
    let one = run(1.0).unwrap();
    assert!((one.iter().sum::<f32>() - 1.0).abs() < 1e-6 && one[2] == one[3] && one[0] < one[2]);
    for bad in [-1.0, -0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(run(bad).unwrap_err().option.as_deref(), Some("temperature"));
    }
    assert_eq!(softmax(&logits, 1.0, &mut [0.0; 4]).unwrap_err().code, ErrorCode::WrongLength);
}

#[test]
fn top_k_and_mask_top_k_match_a_sort() {
    let mut generator = generator(Algorithm::Numpy, 8);
    for length in [1, 2, 3, 9, 64, 500] {
        // A coarse grid, so that many are equal; one is masked.
        let mut logits: Vec<f32> = (0..length).map(|_| (generator.random() * 40.0).floor() as f32 - 20.0).collect();
        logits[length / 2] = f32::NEG_INFINITY;
        let mut sorted: Vec<u32> = (0..length as u32).collect();
        sorted.sort_by(|a, b| logits[*b as usize].total_cmp(&logits[*a as usize]));
        for k in 1..=length {
            let (values, indices) = top_k(&logits, k).unwrap();
            assert_eq!(indices, sorted[..k]);
            assert!(values.iter().zip(&indices).all(|(value, id)| *value == logits[*id as usize]));
            let mut masked = vec![0.0; length];
            mask_top_k(&logits, k, &mut masked).unwrap();
            for (to, from) in masked.iter().zip(&logits) {
                assert_eq!(*to, if *from >= values[k - 1] { *from } else { f32::NEG_INFINITY });
            }
        }
        for k in [0, length + 1] {
            assert_eq!(top_k(&logits, k).unwrap_err().option.as_deref(), Some("k"));
            assert_eq!(mask_top_k(&logits, k, &mut vec![0.0; length]).unwrap_err().option.as_deref(), Some("k"));
        }
    }
    assert_eq!(top_k(&[0.0, f32::NAN], 1).unwrap_err().index, Some(1));
}

#[test]
fn bincount_counts_each_token() {
    assert_eq!(bincount(&[1, 1, 3], 0).unwrap(), [0, 2, 0, 1]);
    assert_eq!(bincount(&[1, 1, 3], 6).unwrap(), [0, 2, 0, 1, 0, 0]);
    assert_eq!(bincount(&[], 0).unwrap(), [0; 0]);
    assert_eq!(bincount(&[], usize::MAX).unwrap_err().code, ErrorCode::OutOfMemory);
}
