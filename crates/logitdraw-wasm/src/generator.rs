//! A generator of random numbers apart from any sampler.

use crate::error::{to_bool, to_option};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use logitdraw::text;
use logitdraw::{Algorithm, Error, Seed};
use wasm_bindgen::prelude::wasm_bindgen;

/// A generator.
#[wasm_bindgen(js_name = CoreGenerator)]
pub struct Generator {
    pub(crate) core: logitdraw::Generator,
}

#[wasm_bindgen(js_class = CoreGenerator)]
impl Generator {
    /// Creates a generator at its beginning; seed and sequence are passed as sign and little-endian words.
    pub fn create(
        algorithm: &str,
        negative: bool,
        words: &[u32],
        sequence_negative: bool,
        sequence_words: &[u32],
    ) -> Option<Generator> {
        let make = || {
            let algorithm = Algorithm::from_name(algorithm).ok_or_else(|| {
                let mut message = text!("there is no generator \"", algorithm);
                for (index, known) in Algorithm::ALL.iter().enumerate() {
                    message.push_str(if index == 0 { "\": " } else { ", " });
                    message.push_str(known.name());
                }
                Error::option("algorithm", message)
            })?;
            let sequence = Seed::new(sequence_negative, sequence_words.to_vec())
                .to_u64()
                .ok_or_else(|| Error::option("sequence", "sequence is an integer from 0 to 2^64 - 1"))?;
            let core = logitdraw::Generator::new(algorithm, &Seed::new(negative, words.to_vec()), sequence)?;
            Ok(Self { core })
        };
        to_option(make())
    }

    /// The algorithm's public name.
    pub fn algorithm(&self) -> String {
        self.core.algorithm().name().to_owned()
    }

    /// The next double in [0, 1).
    pub fn random(&mut self) -> f64 {
        self.core.random()
    }

    /// Starts again with another seed.
    pub fn manual_seed(&mut self, negative: bool, words: &[u32]) -> bool {
        to_bool(self.core.manual_seed(&Seed::new(negative, words.to_vec())))
    }

    /// The whole state.
    pub fn save(&self) -> Vec<u8> {
        self.core.save()
    }

    /// Restores the generator that `save` saved.
    pub fn restore(state: &[u8]) -> Option<Generator> {
        to_option(logitdraw::Generator::restore(state)).map(|core| Self { core })
    }

    /// Returns a generator that continues as this one would.
    pub fn twin(&self) -> Generator {
        Self { core: self.core.twin() }
    }
}
