//! Conversions to the values of options, so that `options.set("topK", 5.into())` works.

use super::Value;
use crate::generator::Seed;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

macro_rules! from {
    ($($from:ty => $value:expr;)+) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self {
                #[allow(clippy::redundant_closure_call)]
                ($value)(value)
            }
        })+
    };
}

from! {
    f64 => Value::Number;
    f32 => |x| Value::Number(f64::from(x));
    i32 => |x| Value::Number(f64::from(x));
    u32 => |x| Value::Number(f64::from(x));
    bool => Value::Flag;
    Seed => Value::Seed;
    &str => |text: &str| Value::Text(text.to_owned());
    String => Value::Text;
    Vec<String> => Value::Texts;
    Vec<u32> => Value::Ids;
    &[u32] => |ids: &[u32]| Value::Ids(ids.to_vec());
    Vec<f64> => Value::Numbers;
    Vec<Vec<u32>> => Value::Sequences;
    Vec<(u32, f64)> => Value::Biases;
    Vec<(Vec<u32>, f64)> => Value::SequenceBiases;
}
