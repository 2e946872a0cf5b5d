//! Reads options and generators from JSON that names them as the TypeScript package does.
#![allow(dead_code)] // each binary uses a part of it

use logitdraw::{Algorithm, Generator, Options, Seed, Value};
use serde_json::Value as Json;

/// The JSON name of a generator that is a function of the caller.
pub const FUNCTION: &str = "function";

/// Reads the options for a vocabulary from a JSON object.
pub fn options(vocab_size: usize, parts: &Json) -> Options {
    let mut options = Options::new(vocab_size);
    for (name, value) in parts.as_object().unwrap() {
        set(&mut options, name, value);
    }
    options
}

/// Sets an option by its public name, or the parts of a group from an object.
pub fn set(options: &mut Options, name: &str, value: &Json) {
    match value {
        Json::Object(parts) if name != "logitBias" => {
            for (part, value) in parts {
                set(options, &format!("{name}.{part}"), value);
            }
        }
        _ => options.set(name, given(name, value)).unwrap_or_else(|error| panic!("{name}: {error}")),
    }
}

/// Creates a generator from an object's `algorithm`, `seed` and `sequence`.
pub fn generator(object: &Json) -> Generator {
    let algorithm = Algorithm::from_name(object["algorithm"].as_str().unwrap()).unwrap();
    let sequence = object["sequence"].as_str().map_or(0, |digits| digits.parse().unwrap());
    Generator::new(algorithm, &seed(&object["seed"]), sequence).unwrap()
}

/// Reads a seed written as a number or as a string of digits.
pub fn seed(value: &Json) -> Seed {
    value.as_str().map_or_else(|| value.to_string(), str::to_string).parse().unwrap()
}

/// Reads a list of token ids.
pub fn ids(value: &Json) -> Vec<u32> {
    list(value, id)
}

/// Reads a token id.
pub fn id(value: &Json) -> u32 {
    value.as_u64().unwrap() as u32
}

fn given(name: &str, value: &Json) -> Value {
    match value {
        _ if name == "seed" || name == "sequence" => Value::Seed(seed(value)),
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Flag(*flag),
        // As in TypeScript, a single end token need not be a list.
        Json::Number(_) if matches!(name, "eosTokenId" | "forcedEosTokenId") => Value::Ids(vec![id(value)]),
        Json::Number(_) => Value::Number(number(value)),
        Json::String(text) if name == "generator" && text == FUNCTION => Value::Flag(true),
        Json::String(text) => Value::Text(text.clone()),
        // Biases are given by id as an object's keys; an array (below) gives them in pairs.
        Json::Object(biases) => {
            Value::Biases(biases.iter().map(|(id, bias)| (id.parse().unwrap(), number(bias))).collect())
        }
        Json::Array(_) => match name {
            "logitBias" => Value::Biases(list(value, |pair| (id(&pair[0]), number(&pair[1])))),
            "sequenceBias" => Value::SequenceBiases(list(value, |pair| (ids(&pair[0]), number(&pair[1])))),
            "badWords" | "dry.sequenceBreakers" => Value::Sequences(list(value, ids)),
            "exponentialDecayLengthPenalty" => Value::Numbers(list(value, number)),
            "order" => Value::Texts(list(value, |name| name.as_str().unwrap().to_owned())),
            _ => Value::Ids(ids(value)),
        },
    }
}

fn list<T>(value: &Json, of: impl Fn(&Json) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(of).collect()
}

fn number(value: &Json) -> f64 {
    if value == "-Infinity" { f64::NEG_INFINITY } else { value.as_f64().unwrap() }
}
