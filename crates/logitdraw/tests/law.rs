//! The law of `sample`: `distribution` against a model in float64, and draws against `distribution` by chi-square.

mod common;

use common::fit::assert_fits;
use common::model::Model;
use common::rows::{Random, rows};
use common::scratch::{Scratch, sampler};
use common::stages;
use logitdraw::{Algorithm, Options, Order, Request, Sampler, Seed, Source, Ties, Value};
use serde_json::json;

/// A named setting; on most rows, each leaves other survivors.
type Setting = (&'static str, fn(&mut Options));

const SETTINGS: &[Setting] = &[
    ("everything off", |_| ()),
    ("greedy", |o| o.temperature = 0.0),
    ("temperature 0.7", |o| o.temperature = 0.7),
    ("temperature 4", |o| o.temperature = 4.0),
    ("top-k 1", |o| o.top_k = 1),
    ("top-k 5", |o| (o.top_k, o.top_k_ties) = (5, Some(Ties::Keep))),
    ("top-k 5 exact", |o| (o.top_k, o.top_k_ties) = (5, Some(Ties::Exact))),
    ("top-k 40", |o| (o.top_k, o.temperature) = (40, 1.3)),
    ("top-k 40 exact", |o| (o.top_k, o.top_k_ties, o.temperature) = (40, Some(Ties::Exact), 0.6)),
    ("top-p 0", |o| o.top_p = 0.0),
    ("top-p 0.31", |o| o.top_p = 0.3123),
    ("top-p 0.91", |o| (o.top_p, o.temperature) = (0.9123, 0.8)),
    ("top-p 0.9997", |o| (o.top_p, o.temperature) = (0.9997, 1.7)),
    ("min-p 0.05", |o| (o.min_p, o.temperature) = (0.05, 0.8)),
    ("min-p 0.6", |o| (o.min_p, o.temperature) = (0.6, 2.0)),
    ("min-p 1", |o| o.min_p = 1.0),
    ("top-k 40, top-p 0.95, min-p 0.05", |o| (o.top_k, o.top_p, o.min_p, o.temperature) = (40, 0.9512, 0.05, 0.8)),
    ("top-k 7, top-p 0.6", |o| (o.top_k, o.top_p, o.temperature) = (7, 0.6123, 3.0)),
    ("top-p 0.9, min-p 0.1", |o| (o.top_p, o.min_p, o.temperature) = (0.9123, 0.1, 1.5)),
    ("top-p 0.2, 3 at least", |o| (o.top_p, o.min_tokens_to_keep) = (0.2123, 3)),
    ("min-p 0.9, 4 at least", |o| (o.min_p, o.min_tokens_to_keep) = (0.9, 4)),
    ("top-k 1, 2 at least", |o| (o.top_k, o.min_tokens_to_keep) = (1, 2)),
];

fn orders() -> [Order; 4] {
    let own = ["minP", "temperature", "topP", "topK"].map(String::from);
    [Order::Transformers, Order::LlamaCpp, Order::Vllm, Order::of(&own)]
}

/// Returns the options of each setting and order that fit a vocabulary.
fn settings(vocab_size: usize) -> impl Iterator<Item = (String, Options)> {
    SETTINGS.iter().flat_map(move |(name, set)| {
        orders().into_iter().filter_map(move |order| {
            let name = format!("{name}, {order:?}");
            let mut options = Options::new(vocab_size);
            options.order = order;
            set(&mut options);
            (options.min_tokens_to_keep <= vocab_size).then_some((name, options))
        })
    })
}

/// Returns the model of a row after its mask and the truncations that the options turn on.
fn model_of(options: &Options, row: &[f32], mask: Option<&[u32]>) -> Model {
    let allowed = |id: usize| mask.is_none_or(|mask| mask.get(id / 32).is_some_and(|word| word >> (id % 32) & 1 == 1));
    let masked = row.iter().enumerate().map(|(id, x)| if allowed(id) { *x } else { f32::NEG_INFINITY });
    let mut model = Model::new(&masked.collect::<Vec<_>>());
    if options.temperature == 0.0 {
        // Greedy takes the best token, whatever the truncations.
        model.top_k(1, true);
        return model;
    }
    model.min_keep = options.min_tokens_to_keep;
    model.exact_ties = options.top_k_ties.map_or(options.order == Order::LlamaCpp, |ties| ties == Ties::Exact);
    let given = options.values();
    let value = |stage: &str| match given.iter().find(|(name, _)| *name == stage)? {
        (_, Value::Number(x)) => Some(json!(x)),
        (_, value) => panic!("{stage}: {value:?}"),
    };
    let stages = stages::in_order(&options.order).into_iter();
    let chain: Vec<_> = stages.filter_map(|stage| Some((stage.to_string(), value(stage)?))).collect();
    stages::run(&mut model, &chain);
    model
}

/// Asserts that `got` has exactly the survivors of the model, each with its probability.
fn assert_law(got: &[f32], model: &[f64], what: &str) {
    let sum: f64 = got.iter().map(|p| f64::from(*p)).sum();
    assert!((sum - 1.0).abs() < 1e-6, "{what}: probabilities sum to {sum}");
    for (id, (got, model)) in got.iter().zip(model).enumerate() {
        // A weight below e^-87 of the best is 0.
        assert!((*got > 0.0) == (*model > 0.0) || *model < 1e-36, "{what}: token {id} has {got}, in the model {model}");
        // Exponents are float32.
        let allowed = 3e-5 * model + 1e-36;
        assert!((f64::from(*got) - model).abs() <= allowed, "{what}: token {id} has {got}, in the model {model}");
    }
}

#[test]
fn distribution_matches_the_formulas() {
    let (mut laws, mut unsure) = (0, 0);
    for vocab_size in [1, 2, 9, 32, 33, 100, 300, 2000] {
        for (shape, row) in rows(vocab_size, 100 + vocab_size as u64) {
            let mut scratch = Scratch::new(row.len());
            for (name, options) in settings(vocab_size) {
                let what = format!("{name}, {shape}, {vocab_size} tokens");
                let model = model_of(&options, &row, None);
                laws += 1;
                unsure += usize::from(!model.is_sure());
                if model.is_sure() {
                    let sampler = Sampler::new(options).unwrap();
                    let got = scratch.law(&sampler, &row, &Request::default()).unwrap();
                    assert_law(&got, &model.p(), &what);
                }
            }
        }
    }
    assert!(unsure * 50 < laws, "{unsure} of {laws} laws are too close to a cutoff to be compared");
}

#[test]
fn masked_tokens_have_probability_0() {
    let mut random = Random(1);
    for vocab_size in [33, 100, 300] {
        for (shape, row) in rows(vocab_size, 200 + vocab_size as u64) {
            let mut scratch = Scratch::new(row.len());
            // The last word is missing, so none of its tokens is allowed.
            let mask: Vec<u32> = (0..vocab_size / 32).map(|_| random.bits() as u32).collect();
            if (0..32 * mask.len()).all(|id| mask[id / 32] >> (id % 32) & 1 == 0 || row[id] == f32::NEG_INFINITY) {
                continue;
            }
            let request = Request { mask: Some(&mask), ..Request::default() };
            for (name, options) in settings(vocab_size) {
                let model = model_of(&options, &row, Some(&mask));
                let mut sampler = Sampler::new(options).unwrap();
                let what = format!("{name}, {shape}, {vocab_size} tokens");
                let token = scratch.sample(&mut sampler, &row, &request).unwrap();
                if model.is_sure() {
                    let p = model.p();
                    assert_law(&scratch.law(&sampler, &row, &request).unwrap(), &p, &what);
                    assert!(p[token as usize] > 0.0, "{what}: {token}");
                }
            }
        }
    }
}

#[test]
fn draws_follow_the_distribution() {
    for vocab_size in [40, 100] {
        for (shape, row) in rows(vocab_size, 300 + vocab_size as u64) {
            let mut scratch = Scratch::new(row.len());
            for (seed, (name, mut options)) in settings(vocab_size).enumerate() {
                options.seed = Seed::from(seed as u64);
                let what = format!("{name}, {shape}, {vocab_size} tokens");
                let mut sampler = Sampler::new(options).unwrap();
                let p = scratch.law(&sampler, &row, &Request::default()).unwrap();
                let counts = scratch.counts(&mut sampler, &row, 1000);
                assert_fits(&counts, &p, &what);
            }
        }
    }
}

#[test]
fn draws_of_every_generator_follow_the_distribution() {
    let mut random = Random(2);
    let sources = Algorithm::ALL.map(Source::Algorithm).into_iter().chain([Source::Caller]);
    for source in sources {
        for (shape, row) in rows(60, 400) {
            let mut scratch = Scratch::new(row.len());
            for (name, mut options) in settings(60).step_by(3) {
                options.generator = source;
                options.seed = Seed::from(77u64);
                let what = format!("{source:?}, {name}, {shape}");
                let model = model_of(&options, &row, None);
                let mut sampler = Sampler::new(options).unwrap();
                let p = scratch.law(&sampler, &row, &Request::default()).unwrap();
                if model.is_sure() {
                    assert_law(&p, &model.p(), &what);
                }
                let mut counts = vec![0; row.len()];
                for _ in 0..500 {
                    let uniform = (source == Source::Caller).then(|| random.uniform());
                    let request = Request { uniform, ..Request::default() };
                    counts[scratch.sample(&mut sampler, &row, &request).unwrap() as usize] += 1;
                }
                assert_fits(&counts, &p, &what);
            }
        }
    }
}

/// Enough draws to notice tokens drawn by their rough weights, up to 6 % too often (`assert_fits_rejects_draws_that_do_not_fit`).
const MANY: u32 = 400_000;

fn smooth_row(len: usize) -> Vec<f32> {
    let mut random = Random(4);
    (0..len).map(|_| 1.5 * random.normal()).collect()
}

#[test]
fn every_drawing_rule_follows_the_law_within_a_percent() {
    type Rule = (&'static str, Algorithm, fn(&mut Options));
    let rules: [Rule; 9] = [
        ("the whole row", Algorithm::Philox, |_| ()),
        ("a nucleus checked for the drawn token", Algorithm::Philox, |o| o.top_p = 0.9123),
        ("a small nucleus", Algorithm::Philox, |o| o.top_p = 0.3123),
        ("a floor", Algorithm::Philox, |o| o.min_p = 0.05),
        ("a short list", Algorithm::Philox, |o| (o.top_k, o.top_k_ties) = (40, Some(Ties::Exact))),
        ("torch's", Algorithm::Torch, |_| ()),
        ("torch's with MKL", Algorithm::TorchMkl, |_| ()),
        ("numpy's", Algorithm::Numpy, |_| ()),
        ("llama.cpp's", Algorithm::LlamaCpp, |o| (o.top_k, o.top_k_ties) = (40, Some(Ties::Exact))),
    ];
    let row = smooth_row(100);
    let mut scratch = Scratch::new(row.len());
    for (name, algorithm, set) in rules {
        let mut sampler = sampler(100, |o| {
            o.generator = Source::Algorithm(algorithm);
            o.seed = Seed::from(9u64);
            set(o);
        });
        let model = model_of(sampler.options(), &row, None);
        assert!(model.is_sure(), "{name}");
        assert_fits(&scratch.counts(&mut sampler, &row, MANY), &model.p(), name);
    }
}

/// Blocks whose edits wait are bounded by what they held before the edits.
#[test]
fn draws_with_waiting_edits_follow_the_law_within_a_percent() {
    let row = smooth_row(100);
    let mut scratch = Scratch::new(row.len());
    for (name, set) in [SETTINGS[0], SETTINGS[11], SETTINGS[13]] {
        let mut sampler = sampler(100, |o| {
            set(o);
            (o.repetition_penalty, o.frequency_penalty) = (1.3, 0.1);
        });
        sampler.prompt(&(0..50).collect::<Vec<_>>()).unwrap();
        (0..100).step_by(3).for_each(|token| sampler.accept(token).unwrap());
        let p = scratch.law(&sampler, &row, &Request::default()).unwrap();
        let mut counts = vec![0; 100];
        for sequence in 0..u64::from(MANY) {
            sampler = sampler.clone_with(None, Some(sequence)).unwrap();
            counts[scratch.choose(&mut sampler, &row, &Request::default()).unwrap() as usize] += 1;
        }
        assert_fits(&counts, &p, name);
    }
}

/// Blocks are drawn via groups of 1,024 tokens and sections of 8,192. The row has a few heavy tokens in each, and a tail that weighs as
/// much.
#[test]
fn draws_reach_every_part_of_a_large_vocabulary() {
    const VOCAB: usize = 40_000;
    let mut random = Random(3);
    let mut row: Vec<f32> = (0..VOCAB).map(|_| random.normal()).collect();
    for id in [0, 1, 31, 32, 1023, 1024, 8191, 8192, 9999, 16_383, 16_384, 20_000, 32_767, 32_768, 36_000, VOCAB - 1] {
        row[id] = 9.0 + random.uniform() as f32;
    }
    let mut scratch = Scratch::new(row.len());
    for (name, set) in [SETTINGS[0], SETTINGS[2], SETTINGS[8], SETTINGS[11], SETTINGS[13]] {
        let mut sampler = sampler(VOCAB, set);
        let p = scratch.law(&sampler, &row, &Request::default()).unwrap();
        let model = model_of(sampler.options(), &row, None);
        assert!(model.is_sure(), "{name}");
        assert_law(&p, &model.p(), name);
        assert_fits(&scratch.counts(&mut sampler, &row, 4000), &model.p(), name);
    }
}

/// Bounds are weaker if the scale is outside the range that they can handle.
#[test]
fn drawn_tokens_are_possible_at_any_temperature() {
    for vocab_size in [33, 100, 2000] {
        for (shape, row) in rows(vocab_size, 500 + vocab_size as u64) {
            for temperature in [1e-300, 1e-38, 1e-31, 1e-20, 1e20, 1e31, 5e35, 1e36, 1e38] {
                for (top_p, min_p) in [(1.0, 0.0), (0.9123, 0.0), (0.1423, 0.0), (0.5123, 0.1)] {
                    let mut sampler = sampler(vocab_size, |o| {
                        (o.temperature, o.top_p, o.min_p) = (temperature, top_p, min_p);
                    });
                    let what = format!("{shape}, {vocab_size} tokens, T {temperature}, {top_p}, {min_p}");
                    let mut scratch = Scratch::new(row.len());
                    let p = scratch.law(&sampler, &row, &Request::default()).unwrap();
                    for (token, count) in scratch.counts(&mut sampler, &row, 40).into_iter().enumerate() {
                        assert!(count == 0 || p[token] > 0.0, "{what}: {token}");
                    }
                }
            }
        }
    }
}

/// A nucleus keeps the first few of many equal tokens. Nearly every try is refused, so many of these draws end in
/// the envelope's last resort.
#[test]
fn the_few_kept_of_many_equal_tokens_are_drawn_evenly() {
    const VOCAB: usize = 40_000;
    for kept in [1_u32, 5] {
        let mut sampler = sampler(VOCAB, |o| o.top_p = (f64::from(kept) - 0.5) / VOCAB as f64);
        let counts = Scratch::new(VOCAB).counts(&mut sampler, &[1.5; VOCAB], 300);
        assert_fits(&counts[..kept as usize], &vec![1.0 / f64::from(kept); kept as usize], "equal tokens");
        assert_eq!(counts.iter().sum::<u32>(), counts[..kept as usize].iter().sum::<u32>(), "{kept} survive");
    }
}

#[test]
fn assert_fits_rejects_draws_that_do_not_fit() {
    let fits = |counts: &[u32], p: &[f64]| std::panic::catch_unwind(|| assert_fits(counts, p, "")).is_ok();
    assert!(fits(&[500, 480, 20], &[0.5, 0.48, 0.02]));
    assert!(fits(&[530, 450, 20], &[0.5, 0.48, 0.02]));
    assert!(!fits(&[600, 380, 20], &[0.5, 0.48, 0.02]), "too often");
    assert!(!fits(&[500, 500, 1], &[0.5, 0.5, 0.0]), "probability 0");
    assert!(!fits(&[1000, 0], &[0.5, 0.5]), "a likely token never");
    assert!(!fits(&[940, 60], &[0.999, 0.001]), "rare tokens too often");
    // Weights interpolated linearly between powers of two, which are upper bounds of the exact ones.
    let exact: Vec<f64> = smooth_row(100).iter().map(|x| f64::from(*x).exp()).collect();
    let rough: Vec<f64> = exact.iter().map(|w| (1.0 + w.log2() - w.log2().floor()) * w.log2().floor().exp2()).collect();
    let mut random = Random(5);
    let mut draw = |weights: &[f64]| {
        let mut counts = vec![0; weights.len()];
        for _ in 0..MANY {
            let mut left = random.uniform() * weights.iter().sum::<f64>();
            let token = weights.iter().position(|weight| {
                left -= weight;
                left < 0.0
            });
            counts[token.unwrap_or(0)] += 1;
        }
        counts
    };
    let sum: f64 = exact.iter().sum();
    let p: Vec<f64> = exact.iter().map(|w| w / sum).collect();
    assert!(fits(&draw(&exact), &p));
    assert!(!fits(&draw(&rough), &p), "drawn by rough weights");
}
