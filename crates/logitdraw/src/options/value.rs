//! Untyped values of options, and their conversion to each option's own type.

use super::Order;
use super::{PLess, Scope, Source, Ties};
use crate::generator::{Algorithm, Seed};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// An option's value as the caller passes it, before its type and range are checked.
///
/// ```
/// use logitdraw::{Options, Value};
///
/// # fn main() -> Result<(), logitdraw::Error> {
/// let mut options = Options::new(9);
/// options.set("topK", Value::Number(5.0))?;
/// options.set("xtc.probability", Value::Number(0.5))?;
/// options.set("xtc.threshold", Value::Number(0.1))?;
/// options.set("badWords", Value::Sequences(vec![vec![1, 2], vec![3]]))?;
/// options.set("order", Value::Text("vllm".into()))?;
/// assert_eq!(options.set("topK", Value::Flag(true)).unwrap_err().option.as_deref(), Some("topK"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// An integer of any size, for `seed` and `sequence`.
    Seed(Seed),
    /// True or false. For `generator`, true is [`Source::Caller`].
    Flag(bool),
    /// A string.
    Text(String),
    /// Strings.
    Texts(Vec<String>),
    /// Token ids.
    Ids(Vec<u32>),
    /// Numbers.
    Numbers(Vec<f64>),
    /// Sequences of token ids.
    Sequences(Vec<Vec<u32>>),
    /// Token ids, each with a number.
    Biases(Vec<(u32, f64)>),
    /// Sequences of token ids, each with a number.
    SequenceBiases(Vec<(Vec<u32>, f64)>),
    /// No value where one is required.
    Null,
}

/// 2^53: every integer up to it is a double.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// Says in words what a value must be, for when it is not.
pub(super) type Expected = &'static str;

/// A type that options have: how it is read from a value and written as one.
pub(super) trait Setting {
    fn read(&mut self, value: Value) -> Result<(), Expected>;
    /// Returns a value that `read` accepts; Null if the option is not set.
    fn write(&self) -> Value;
    /// Unsets the option, if it can be absent.
    fn clear(&mut self) {}
}

impl Setting for f64 {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let Value::Number(x) = value else { return Err("a number") };
        *self = x;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Number(*self)
    }
}

impl Setting for usize {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        match value {
            Value::Number(x) if (0.0..=EXACT).contains(&x) && x as u64 as f64 == x => {
                // On 32-bit targets a larger count means the same as the largest.
                *self = Self::try_from(x as u64).unwrap_or(Self::MAX);
                Ok(())
            }
            _ => Err("an integer from 0 to 2^53"),
        }
    }

    fn write(&self) -> Value {
        // A larger count means the same as the largest that can be read again.
        Value::Number((*self as f64).min(EXACT))
    }
}

impl Setting for u32 {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        match value {
            Value::Number(x) if x as u32 as f64 == x => {
                *self = x as u32;
                Ok(())
            }
            _ => Err("a token id"),
        }
    }

    fn write(&self) -> Value {
        Value::Number(f64::from(*self))
    }
}

impl Setting for u64 {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let mut seed = Seed::default();
        seed.read(value)?;
        *self = seed.to_u64().ok_or("an integer from 0 to 2^64 - 1")?;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Seed(Seed::from(*self))
    }
}

impl Setting for bool {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let Value::Flag(flag) = value else { return Err("true or false") };
        *self = flag;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Flag(*self)
    }
}

impl Setting for Seed {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        *self = match value {
            Value::Seed(seed) => seed,
            // Beyond 2^53 a double does not determine which integer is meant.
            Value::Number(x) if x == x as i64 as f64 && x.abs() <= EXACT => Self::from(x as i64),
            _ => return Err("an integer"),
        };
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Seed(self.clone())
    }
}

/// Absent until a value is read.
impl<T: Setting + Default> Setting for Option<T> {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let mut given = T::default();
        given.read(value)?;
        *self = Some(given);
        Ok(())
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn clear(&mut self) {
        *self = None;
    }
}

impl Setting for Vec<u32> {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let Value::Ids(ids) = value else { return Err("a list of token ids") };
        *self = ids;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Ids(self.clone())
    }
}

impl Setting for Vec<Vec<u32>> {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let Value::Sequences(sequences) = value else { return Err("a list of lists of token ids") };
        *self = sequences;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Sequences(self.clone())
    }
}

impl Setting for Vec<(u32, f64)> {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let Value::Biases(biases) = value else { return Err("token ids with a number each") };
        *self = biases;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Biases(self.clone())
    }
}

impl Setting for Vec<(Vec<u32>, f64)> {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let Value::SequenceBiases(biases) = value else { return Err("a list of [token ids, number]") };
        *self = biases;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::SequenceBiases(self.clone())
    }
}

/// A start and a factor.
impl Setting for (usize, f64) {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let expected = "[start, factor], the start an integer of at least 0";
        let Value::Numbers(numbers) = value else { return Err(expected) };
        let [start, factor] = *numbers else { return Err(expected) };
        self.0.read(Value::Number(start)).map_err(|_| expected)?;
        self.1 = factor;
        Ok(())
    }

    fn write(&self) -> Value {
        Value::Numbers([(self.0 as f64).min(EXACT), self.1].to_vec())
    }
}

/// A setting that is one of a few words.
macro_rules! words {
    ($type:ty, $expected:literal, $($word:literal => $value:expr),+) => {
        impl Setting for $type {
            fn read(&mut self, value: Value) -> Result<(), Expected> {
                let Value::Text(text) = value else { return Err($expected) };
                *self = match text.as_str() {
                    $($word => $value,)+
                    _ => return Err($expected),
                };
                Ok(())
            }

            fn write(&self) -> Value {
                $(if *self == $value {
                    return Value::Text($word.to_owned());
                })+
                Value::Null
            }
        }
    };
}

words!(Ties, "\"keep\" or \"exact\"", "keep" => Ties::Keep, "exact" => Ties::Exact);
words!(Scope, "\"all\" or \"output\"", "all" => Scope::All, "output" => Scope::Output);

impl Setting for PLess {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        *self = match value {
            Value::Flag(true) => Self::On,
            Value::Flag(false) => Self::Off,
            Value::Text(text) if text == "norm" => Self::Norm,
            _ => return Err("true, false or \"norm\""),
        };
        Ok(())
    }

    fn write(&self) -> Value {
        match self {
            Self::Norm => Value::Text("norm".to_owned()),
            other => Value::Flag(*other == Self::On),
        }
    }
}

impl Setting for Source {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let expected = "philox, torch, torch-mkl, numpy, numpy-legacy, llama.cpp or a function";
        *self = match value {
            Value::Flag(true) => Self::Caller,
            Value::Text(text) => Self::Algorithm(Algorithm::from_name(&text).ok_or(expected)?),
            _ => return Err(expected),
        };
        Ok(())
    }

    fn write(&self) -> Value {
        match self {
            Self::Caller => Value::Flag(true),
            Self::Algorithm(algorithm) => Value::Text(algorithm.name().to_owned()),
        }
    }
}

/// [`Order::preset`] has its own message for a wrong preset; the names in a list are checked by the chain.
impl Setting for Order {
    fn read(&mut self, value: Value) -> Result<(), Expected> {
        let expected = "a preset or a list of stage names";
        *self = match value {
            Value::Text(text) => Self::preset(&text).map_err(|_| expected)?,
            Value::Texts(names) => Self::Custom(names),
            _ => return Err(expected),
        };
        Ok(())
    }

    fn write(&self) -> Value {
        match self {
            Self::Transformers => Value::Text("transformers".to_owned()),
            Self::LlamaCpp => Value::Text("llama.cpp".to_owned()),
            Self::Vllm => Value::Text("vllm".to_owned()),
            Self::Custom(names) => Value::Texts(names.clone()),
        }
    }
}
