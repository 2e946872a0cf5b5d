//! Compares laws with the model's.

use super::json::set;
use super::model::Model;
use logitdraw::{Options, Order, Sampler};
use serde_json::Value;

/// Stages and their options, in order.
pub type Chain = Vec<(String, Value)>;

/// Reads a chain from a JSON list of pairs.
pub fn chain(list: &Value) -> Chain {
    let stages = list.as_array().unwrap().iter();
    stages.map(|stage| (stage[0].as_str().unwrap().to_string(), stage[1].clone())).collect()
}

/// What a batch of comparisons found.
#[derive(Default)]
pub struct Tally {
    pub cases: usize,
    /// Cases in which the model was not sure of some token.
    pub unsure: usize,
}

/// Returns a sampler that runs the chain's stages in the chain's order.
pub fn sampler_of_chain(vocab_size: usize, chain: &[(String, Value)], min_keep: usize) -> Sampler {
    let mut options = Options::new(vocab_size);
    for (name, value) in chain {
        set(&mut options, name, value);
    }
    options.min_tokens_to_keep = min_keep;
    options.order = Order::of(&chain.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
    Sampler::new(options).unwrap_or_else(|error| panic!("{chain:?}: {error}"))
}

/// Compares a law with the model's: the same survivors, and their probabilities to 1e-5.
pub fn compare(law: &[f32], model: &Model, tally: &mut Tally, what: &dyn Fn() -> String) {
    tally.cases += 1;
    let sure = model.is_sure();
    tally.unsure += usize::from(!sure);

    if model.shaky {
        return;
    }
    let p = model.p();
    for (id, got) in law.iter().enumerate() {
        let (got, expected) = (f64::from(*got), p[id]);
        // Smaller probabilities may be lost in a float32.
        let visible = expected > 2e-38 || expected == 0.0;
        if !model.unsure[id] && visible {
            assert_eq!(got > 0.0, expected > 0.0, "{}: token {id} has {got}, not {expected}", what());
        }
        let tolerance = 1e-5 + if expected < 1e-6 { -1e-6 * expected.max(1e-45).ln() } else { 0.0 };
        if sure && visible {
            let error = (got - expected).abs();
            assert!(error <= tolerance * expected, "{}: token {id} has {got:e}, not {expected:e}", what());
        }
    }
}

impl Tally {
    /// Asserts that the model was unsure in no more than the share `most_unsure` of the cases.
    pub fn finish(&self, most_unsure: f64) {
        let share = self.unsure as f64 / self.cases as f64;
        println!("{} cases, {share:.4} unsure", self.cases);
        assert!(share <= most_unsure, "the model is unsure of {} in {} cases", self.unsure, self.cases);
    }
}
