//! A sampler's options from JSON that names them as the TypeScript package does.
#![allow(dead_code)] // each binary uses a part of it

use logitdraw::{Algorithm, Generator, Options, Seed, Value as Given};
use serde_json::{Map, Value};

/// How JSON names a function of the caller as generator.
pub const FUNCTION: &str = "function";

/// Options of an object: seeds are strings of digits, parts of an option stand in an object of its name.
pub fn options(object: &Map<String, Value>) -> Options {
    let mut options = Options::new(1);
    set_all(&mut options, "", object);
    options
}

/// A generator of an object's `algorithm`, `seed` and `sequence`.
pub fn generator(object: &Value) -> Generator {
    let algorithm = Algorithm::from_name(object["algorithm"].as_str().unwrap()).unwrap();
    let sequence = object["sequence"].as_str().map_or(0, |digits| digits.parse().unwrap());
    Generator::new(algorithm, &digits(&object["seed"]), sequence).unwrap()
}

fn set_all(options: &mut Options, prefix: &str, object: &Map<String, Value>) {
    for (key, value) in object {
        let name = format!("{prefix}{key}");
        match value {
            Value::Object(group) if name != "logitBias" => set_all(options, &format!("{name}."), group),
            _ => options.set(&name, given(&name, value)).unwrap(),
        }
    }
}

fn given(name: &str, value: &Value) -> Given {
    match value {
        Value::Null => Given::Null,
        Value::Bool(flag) => Given::Flag(*flag),
        Value::Number(number) => Given::Number(number.as_f64().unwrap()),
        Value::String(_) if name == "seed" || name == "sequence" => Given::Seed(digits(value)),
        Value::String(text) if name == "generator" && text == FUNCTION => Given::Flag(true),
        Value::String(text) => Given::Text(text.clone()),
        Value::Object(biases) => {
            Given::Biases(biases.iter().map(|(id, bias)| (id.parse().unwrap(), bias.as_f64().unwrap())).collect())
        }
        Value::Array(list) => match &list[0] {
            Value::String(_) => Given::Texts(list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()),
            Value::Array(pair) if pair.first().is_some_and(Value::is_array) => {
                Given::SequenceBiases(list.iter().map(|pair| (ids(&pair[0]), pair[1].as_f64().unwrap())).collect())
            }
            Value::Array(_) => Given::Sequences(list.iter().map(ids).collect()),
            _ if list.iter().all(Value::is_u64) => Given::Ids(ids(value)),
            _ => Given::Numbers(list.iter().map(|number| number.as_f64().unwrap()).collect()),
        },
    }
}

fn ids(list: &Value) -> Vec<u32> {
    list.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

fn digits(value: &Value) -> Seed {
    value.as_str().unwrap().parse().unwrap()
}
