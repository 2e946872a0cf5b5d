//! Stages by name, run on the model.

use super::model::Model;
use logitdraw::Order;
use serde_json::Value;

/// The truncations of each preset, first to last.
const TRANSFORMERS: &[&str] = &[
    "topNSigma",
    "minK",
    "temperature",
    "dynamicTemperature",
    "smoothing",
    "pLess",
    "topH",
    "topK",
    "topP",
    "minP",
    "typicalP",
    "epsilonCutoff",
    "etaCutoff",
    "tailFree",
    "topA",
    "adaptiveP",
    "mirostat",
];
const LLAMA_CPP: &[&str] = &[
    "topNSigma",
    "minK",
    "topH",
    "topK",
    "typicalP",
    "topP",
    "minP",
    "epsilonCutoff",
    "etaCutoff",
    "tailFree",
    "topA",
    "temperature",
    "dynamicTemperature",
    "smoothing",
    "pLess",
    "adaptiveP",
];
const VLLM: &[&str] = &[
    "topNSigma",
    "minK",
    "temperature",
    "dynamicTemperature",
    "smoothing",
    "pLess",
    "minP",
    "topH",
    "topK",
    "topP",
    "typicalP",
    "epsilonCutoff",
    "etaCutoff",
    "tailFree",
    "topA",
    "adaptiveP",
    "mirostat",
];

/// Returns the truncations of a preset, or the stages of a custom order, first to last.
pub fn in_order(order: &Order) -> Vec<&str> {
    match order {
        Order::Transformers => TRANSFORMERS.to_vec(),
        Order::LlamaCpp => LLAMA_CPP.to_vec(),
        Order::Vllm => VLLM.to_vec(),
        Order::Custom(names) => names.iter().map(String::as_str).collect(),
    }
}

/// Runs a chain of stages, given as pairs of a stage's name and its option.
pub fn run(model: &mut Model, chain: &[(String, Value)]) {
    let mut temperature = 1.0;
    let number = |value: &Value, part: &str, default: f64| value[part].as_f64().unwrap_or(default);
    for (name, value) in chain {
        let x = value.as_f64().unwrap_or(f64::NAN);
        match name.as_str() {
            "temperature" => {
                model.temperature(x);
                temperature *= x;
            }
            "topK" => model.top_k(x as usize, model.exact_ties),
            "topP" => model.top_p(x),
            "minP" => model.min_p(x),
            "typicalP" => model.typical(x),
            "epsilonCutoff" => model.epsilon(x),
            "etaCutoff" => model.eta(x),
            "topH" => model.top_h(x),
            "topA" => model.top_a(x),
            "topNSigma" => model.top_n_sigma(x, temperature),
            "tailFree" => model.tail_free(x),
            "pLess" => model.p_less(value == "norm"),
            "minK" => model.min_k(x),
            "smoothing" => model.smoothing(number(value, "factor", 0.0), number(value, "curve", 1.0)),
            "dynamicTemperature" => {
                let (low, high) = (number(value, "low", f64::NAN), number(value, "high", f64::NAN));
                model.dynamic_temperature(low, high, number(value, "exponent", 1.0));
            }
            "mirostat" => {
                let mu = if model.state.is_nan() { 2.0 * number(value, "tau", 5.0) } else { model.state };
                match value["version"].as_u64() {
                    Some(1) => model.mirostat_1(number(value, "m", 100.0) as usize, mu),
                    _ => model.mirostat_2(mu),
                }
            }
            "adaptiveP" => {
                let target = number(value, "target", f64::NAN);
                let average = if model.state.is_nan() { target } else { model.state };
                model.adaptive_p(target, average);
            }
            _ => panic!("no stage {name}"),
        }
    }
}
