//! The presets' orders, masks and edits before truncations, and XTC's two-sided law, against the float64 model.

mod common;

use common::comparing::{Chain, Tally, compare};
use common::json::set;
use common::model::Model;
use common::rows::{Random, rows};
use common::scratch::Scratch;
use common::stages;
use logitdraw::{Options, Order, Request, Sampler};
use serde_json::{Value, json};

/// Returns a parameter with which a stage leaves something for the others to do.
fn parameter(name: &str, random: &mut Random) -> Value {
    let x = random.uniform();
    match name {
        "temperature" => json!(0.5 + x),
        "dynamicTemperature" => json!({"low": 0.4 + x, "high": 1.5 + x}),
        "smoothing" => json!({"factor": 0.2 * x, "curve": 1.0 + 2.0 * x}),
        "pLess" => {
            if x < 0.5 {
                json!(true)
            } else {
                json!("norm")
            }
        }
        "topK" => json!(3 + random.below(60)),
        "topNSigma" => json!(0.5 + 2.0 * x),
        "minK" => json!(100.0 * x),
        "minP" | "topA" | "epsilonCutoff" | "etaCutoff" => json!(0.05 * x * x + 1e-6),
        "adaptiveP" => json!({"target": 1.4 * x - 0.4}),
        "mirostat" => json!({"version": 1 + random.below(2), "tau": 1.0 + 4.0 * x}),
        _ => json!(0.3 + 0.69 * x),
    }
}

/// Returns one to five stages of an order.
fn some_stages(order: &[&str], random: &mut Random) -> Chain {
    let count = 1 + random.below(5);
    let mut picked: Vec<usize> = (0..count).map(|_| random.below(order.len())).collect();
    picked.sort_unstable();
    picked.dedup();
    let names: Vec<&str> = picked.into_iter().map(|i| order[i]).collect();
    // Drops a stage that has no meaning beside another, and one of two that steer.
    let has = |name: &str| names.contains(&name);
    let (follows, steers) = (has("dynamicTemperature"), has("adaptiveP"));
    let meaningless = |name: &str| (name == "temperature" && follows) || (name == "mirostat" && steers);
    let kept = names.iter().copied().filter(|name| !meaningless(name));
    kept.map(|name| (name.to_string(), parameter(name, random))).collect()
}

/// Edits that wait until blocks are opened: penalties on tokens seen, which raise or lower logits, and a mask.
struct Edits {
    history: Vec<u32>,
    frequency: f64,
    presence: f64,
    repetition: f64,
    mask: Option<Vec<u32>>,
}

impl Edits {
    fn new(len: usize, random: &mut Random) -> Self {
        let history = (0..random.below(2 * len)).map(|_| random.below(len) as u32).collect();
        let mut mask: Vec<u32> = (0..len.div_ceil(32)).map(|_| random.bits() as u32).collect();
        mask[0] |= 1;
        Self {
            history,
            frequency: random.one_of(&[0.0, 0.3, -0.4]),
            presence: random.one_of(&[0.0, 0.5, -0.6]),
            repetition: random.one_of(&[1.0, 1.2, 0.8]),
            mask: (random.below(2) == 0).then_some(mask),
        }
    }

    fn set(&self, options: &mut Options) {
        set(options, "frequencyPenalty", &json!(self.frequency));
        set(options, "presencePenalty", &json!(self.presence));
        set(options, "repetitionPenalty", &json!(self.repetition));
        set(options, "penaltyScope.frequencyPresence", &json!("all"));
        set(options, "penaltyWindow", &json!(1_000_000));
    }

    /// Edits the model's logits as float32s, in the order of the preset.
    fn edit(&self, row: &mut [f32], presence_first: bool) {
        for (id, x) in row.iter_mut().enumerate() {
            let allowed = self.mask.as_ref().is_none_or(|mask| mask[id / 32] >> (id % 32) & 1 == 1);
            let count = self.history.iter().filter(|token| **token as usize == id).count();
            if !allowed {
                *x = f32::NEG_INFINITY;
            } else if count > 0 && *x != f32::NEG_INFINITY {
                let r = self.repetition as f32;
                *x = if *x <= 0.0 { *x * r } else { *x / r };
                let steps = [self.presence, self.frequency * count as f64];
                let [first, second] = if presence_first { steps } else { [steps[1], steps[0]] };
                *x = (f64::from(*x) - first) as f32;
                *x = (f64::from(*x) - second) as f32;
            }
        }
    }
}

fn check_preset(order: Order, seed: u64) {
    let names = stages::in_order(&order);
    let mut random = Random(seed);
    let mut tally = Tally::default();
    for len in [1, 2, 3, 31, 40, 257, 1100] {
        let mut scratch = Scratch::new(len);
        for (shape, row) in rows(len, seed).into_iter().filter(|(shape, _)| !["huge", "tiny"].contains(shape)) {
            for _ in 0..20 {
                let (stages, edits) = (some_stages(&names, &mut random), Edits::new(len, &mut random));
                let mut edited = row.clone();
                edits.edit(&mut edited, order == Order::Transformers);
                if edited.iter().all(|x| *x == f32::NEG_INFINITY) {
                    continue;
                }
                let mut model = Model::new(&edited);
                model.exact_ties = order == Order::LlamaCpp;
                stages::run(&mut model, &stages);
                let mut options = Options { order: order.clone(), ..Options::new(len) };
                edits.set(&mut options);
                for (name, value) in &stages {
                    set(&mut options, name, value);
                }
                let mut sampler = Sampler::new(options).unwrap();
                sampler.prompt(&edits.history).unwrap();
                let law = scratch
                    .law(&sampler, &row, &Request { mask: edits.mask.as_deref(), ..Request::default() })
                    .unwrap();
                compare(&law, &model, &mut tally, &|| format!("{shape}, {len} tokens: {stages:?}"));
            }
        }
    }
    tally.finish(0.1);
}

#[test]
fn chains_in_transformers_order_match_the_model() {
    check_preset(Order::Transformers, 1);
}

#[test]
fn chains_in_llama_cpp_order_match_the_model() {
    check_preset(Order::LlamaCpp, 2);
}

#[test]
fn chains_in_vllm_order_match_the_model() {
    check_preset(Order::Vllm, 3);
}

#[test]
fn xtc_mixes_the_laws_of_both_coin_sides() {
    let mut tally = Tally::default();
    let mut random = Random(9);
    for len in [1, 2, 3, 40, 257, 1100] {
        let mut scratch = Scratch::new(len);
        for (shape, row) in rows(len, 3).into_iter().filter(|(shape, _)| !["huge", "tiny"].contains(shape)) {
            for threshold in [0.0, 1e-4, 0.0099, 0.0497, 0.1003, 0.3, 0.5, 0.51] {
                for probability in [0.0, 0.25, 1.0] {
                    let min_keep = 1 + random.below(len.min(4));
                    let protect: Vec<usize> = (0..random.below(3)).map(|_| random.below(len)).collect();
                    let xtc = json!({"probability": probability, "threshold": threshold, "protect": protect});
                    let mut options = Options { min_tokens_to_keep: min_keep, ..Options::new(len) };
                    set(&mut options, "xtc", &xtc);
                    set(&mut options, "minP", &json!(0.001));
                    let law = scratch.law(&Sampler::new(options).unwrap(), &row, &Request::default()).unwrap();
                    let mut model = Model::new(&row);
                    model.min_keep = min_keep;
                    model.min_p(0.001);
                    if threshold <= 0.5 && probability > 0.0 {
                        model.mix_xtc(probability, threshold, &protect);
                    }
                    compare(&law, &model, &mut tally, &|| format!("{shape}, {len} tokens, {min_keep} kept: {xtc}"));
                }
            }
        }
    }
    tally.finish(0.1);
}
