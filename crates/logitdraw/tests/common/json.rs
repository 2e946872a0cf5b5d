//! Options from JSON that names them as `Options::set` does.

use logitdraw::{Options, Value};
use serde_json::Value as Json;

/// Sets an option (or a group of them) by its public name.
pub fn set(options: &mut Options, name: &str, value: &Json) {
    let value = match value {
        Json::Object(parts) => {
            for (part, value) in parts {
                set(options, &format!("{name}.{part}"), value);
            }
            return;
        }
        Json::Number(_) => Value::Number(value.as_f64().unwrap()),
        Json::Bool(flag) => Value::Flag(*flag),
        Json::String(text) => Value::Text(text.clone()),
        Json::Null => Value::Null,
        Json::Array(list) => match name {
            "logitBias" => Value::Biases(list.iter().map(|pair| (id(&pair[0]), number(&pair[1]))).collect()),
            "sequenceBias" => {
                Value::SequenceBiases(list.iter().map(|pair| (super::ids(&pair[0]), number(&pair[1]))).collect())
            }
            "badWords" | "dry.sequenceBreakers" => Value::Sequences(list.iter().map(super::ids).collect()),
            "exponentialDecayLengthPenalty" => Value::Numbers(list.iter().map(number).collect()),
            "order" => Value::Texts(list.iter().map(|name| name.as_str().unwrap().to_string()).collect()),
            _ => Value::Ids(super::ids(value)),
        },
    };
    options.set(name, value).unwrap_or_else(|error| panic!("{name}: {error}"));
}

/// Options of a vocabulary from a JSON object of public names.
pub fn options(vocab_size: usize, parts: &Json) -> Options {
    let mut options = Options::new(vocab_size);
    for (name, value) in parts.as_object().unwrap() {
        set(&mut options, name, value);
    }
    options
}

/// A token id.
pub fn id(value: &Json) -> u32 {
    value.as_u64().unwrap() as u32
}

fn number(value: &Json) -> f64 {
    if value == "-Infinity" { f64::NEG_INFINITY } else { value.as_f64().unwrap() }
}
