//! The random generators: our own default, and those whose seeds give the same tokens as in torch, numpy and llama.cpp.

pub mod mcg31;
pub mod mt19937;
pub mod pcg64;
pub mod philox;
mod seed;

pub use seed::Seed;

use crate::bytes::{Reader, Writer, invalid};
use crate::error::{Error, ErrorCode};
use crate::text;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use mt19937::Mt19937;
use pcg64::Pcg64;
use philox::Philox;

/// Which library's random numbers are used, and with them which library's rule of drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Philox4x32-10, the default: every draw is a function of (seed, sequence, step). Seeds in [-2^63, 2^64).
    #[default]
    Philox,
    /// PyTorch on CPU: MT19937. Seeds in [-2^63, 2^64), of which torch uses the low 32 bits.
    Torch,
    /// PyTorch's official x86 wheels of 2.0 to 2.6, which drew through Intel MKL. Seeds as for torch.
    TorchMkl,
    /// `numpy.random.default_rng(seed)`: PCG64. Any seed >= 0.
    Numpy,
    /// `numpy.random.RandomState(seed)`: MT19937. Seeds in [0, 2^32).
    NumpyLegacy,
    /// llama.cpp: std::mt19937. Seeds in [0, 2^32 - 1); 4294967295 means "random" there and is refused here.
    LlamaCpp,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Self; 6] =
        [Self::Philox, Self::Torch, Self::TorchMkl, Self::Numpy, Self::NumpyLegacy, Self::LlamaCpp];

    /// The public name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Philox => "philox",
            Self::Torch => "torch",
            Self::TorchMkl => "torch-mkl",
            Self::Numpy => "numpy",
            Self::NumpyLegacy => "numpy-legacy",
            Self::LlamaCpp => "llama.cpp",
        }
    }

    /// Returns the algorithm with the given public name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for Algorithm {
    /// The public name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl core::str::FromStr for Algorithm {
    type Err = Error;

    /// The algorithm with the given public name.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_name(name).ok_or_else(|| Error::option("generator", text!("unknown generator \"", name, "\"")))
    }
}

/// What produces the numbers. For the sampler and the drawing rules; users see [`Generator`].
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Engine {
    Philox(Philox),
    /// Boxed, since only its users should pay for its 2.5 KB.
    Mt19937(Box<Mt19937>),
    Pcg64(Pcg64),
}

impl Engine {
    fn new(algorithm: Algorithm, seed: &Seed, sequence: u64) -> Result<Self, Error> {
        if sequence != 0 && algorithm != Algorithm::Philox {
            let message = text!(algorithm.name(), " has no sequences: give each its own seed");
            return Err(Error::option("sequence", message));
        }
        let (engine, range) = match algorithm {
            Algorithm::Philox => (
                seed.to_wrapped_u64().map(|seed| Self::Philox(Philox { seed, sequence, calls: 0 })),
                "an integer in [-2^63, 2^64)",
            ),
            Algorithm::Torch | Algorithm::TorchMkl => {
                (seed.to_wrapped_u64().map(|seed| Self::mt19937(seed as u32)), "an integer in [-2^63, 2^64)")
            }
            Algorithm::Numpy => {
                ((!seed.is_negative()).then(|| Self::Pcg64(Pcg64::new(seed.words()))), "an integer >= 0")
            }
            Algorithm::NumpyLegacy => {
                (seed.to_u64().and_then(|seed| u32::try_from(seed).ok()).map(Self::mt19937), "an integer in [0, 2^32)")
            }
            Algorithm::LlamaCpp => (
                seed.to_u64().and_then(|seed| u32::try_from(seed).ok()).filter(|&s| s != u32::MAX).map(Self::mt19937),
                "an integer in [0, 2^32 - 1)",
            ),
        };
        engine.ok_or_else(|| {
            Error::option("seed", text!("a seed of ", algorithm.name(), " is ", range, "; this one is ", seed))
        })
    }

    fn mt19937(seed: u32) -> Self {
        Self::Mt19937(Box::new(Mt19937::new(seed)))
    }
}

/// A generator of random numbers: an algorithm, its seed, and its position.
#[derive(Clone, PartialEq, Eq)]
pub struct Generator {
    algorithm: Algorithm,
    seed: Seed,
    sequence: u64,
    engine: Engine,
}

/// Kind and version of a saved generator.
const TAG: &[u8; 4] = b"LGG\x01";

impl Generator {
    /// Creates a generator at its beginning. `sequence` selects a stream of the seed; only philox has more than sequence 0.
    ///
    /// # Errors
    /// INVALID_OPTION naming `seed` if it is outside the algorithm's range, or `sequence` if the algorithm has none.
    pub fn new(algorithm: Algorithm, seed: &Seed, sequence: u64) -> Result<Self, Error> {
        let engine = Engine::new(algorithm, seed, sequence)?;
        Ok(Self { algorithm, seed: seed.clone(), sequence, engine })
    }

    #[doc(hidden)] // for the bindings
    /// Returns a generator that continues as this one would. The same as `clone`, but not inlined into every crate that calls it.
    pub fn twin(&self) -> Self {
        self.clone()
    }

    /// Which algorithm it is.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The seed it was last given.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Which stream of the seed it produces.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The next double in [0, 1) by the algorithm's own rule: torch's `rand(dtype=float64)`, numpy's `random()` and
    /// `random_sample()`, libstdc++'s `uniform_real_distribution<double>` (llama.cpp), 53 bits of one Philox block.
    pub fn random(&mut self) -> f64 {
        match &mut self.engine {
            Engine::Philox(philox) => philox.next_f64(),
            Engine::Pcg64(pcg) => pcg.next_f64(),
            Engine::Mt19937(mt) => match self.algorithm {
                Algorithm::NumpyLegacy => mt.numpy_f64(),
                Algorithm::LlamaCpp => mt.std_f64(),
                _ => mt.torch_f64(),
            },
        }
    }

    /// Starts again with another seed and the same sequence.
    ///
    /// # Errors
    /// INVALID_OPTION naming `seed` if it is outside the algorithm's range; nothing has changed then.
    pub fn manual_seed(&mut self, seed: &Seed) -> Result<(), Error> {
        self.engine = Engine::new(self.algorithm, seed, self.sequence)?;
        self.seed = seed.clone();
        Ok(())
    }

    /// Its position: how many 32-bit words (MT19937) or 64-bit words (PCG64) it has produced, or how many calls it has had (philox).
    pub fn position(&self) -> u64 {
        match &self.engine {
            Engine::Philox(philox) => philox.calls,
            Engine::Mt19937(mt) => mt.position(),
            Engine::Pcg64(pcg) => pcg.position(),
        }
    }

    /// Moves to a position that [`Self::position`] returned, backwards or forwards. MT19937 takes about a nanosecond per word in between.
    pub fn seek(&mut self, position: u64) {
        match &mut self.engine {
            Engine::Philox(philox) => philox.calls = position,
            Engine::Mt19937(mt) => mt.seek(position),
            Engine::Pcg64(pcg) => pcg.seek(position),
        }
    }

    /// The engine, for the drawing rules.
    pub(crate) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Returns the whole state: 34 to 82 bytes, more for seeds beyond 128 bits, or 2.5 KB for an MT19937.
    pub fn save(&self) -> Vec<u8> {
        let mut out = Writer::new(TAG);
        out.u8(Algorithm::ALL.iter().position(|&a| a == self.algorithm).unwrap_or(0) as u8);
        out.u8(u8::from(self.seed.is_negative()));
        out.words(self.seed.words());
        out.u64(self.sequence);
        match &self.engine {
            Engine::Philox(philox) => out.u64(philox.calls),
            Engine::Mt19937(mt) => {
                let (seed, blocks, index, state) = mt.parts();
                out.u32(seed);
                out.u64(blocks);
                out.u32(index);
                out.words(state);
            }
            Engine::Pcg64(pcg) => {
                let (state, increment, position) = pcg.parts();
                out.u128(state);
                out.u128(increment);
                out.u64(position);
            }
        }
        out.finish()
    }

    /// Restores the generator that [`Self::save`] saved.
    ///
    /// # Errors
    /// INVALID_STATE for bytes that are truncated, altered, or of another version or kind.
    pub fn restore(bytes: &[u8]) -> Result<Self, Error> {
        let mut input = Reader::new(bytes, TAG)?;
        let algorithm = input.u8()?;
        let algorithm = *Algorithm::ALL.get(usize::from(algorithm)).ok_or_else(|| invalid("an unknown algorithm"))?;
        let negative = input.u8()? != 0;
        let seed = Seed::new(negative, input.words()?);
        let sequence = input.u64()?;
        let mut engine =
            Engine::new(algorithm, &seed, sequence).map_err(|error| error.with_code(ErrorCode::InvalidState))?;
        match &mut engine {
            Engine::Philox(philox) => philox.calls = input.u64()?,
            Engine::Mt19937(mt) => {
                let (first, blocks, index) = (input.u32()?, input.u64()?, input.u32()?);
                let saved = Mt19937::from_parts(first, blocks, index, &input.words()?);
                **mt = saved.ok_or_else(|| invalid("an impossible state of the generator"))?;
            }
            Engine::Pcg64(pcg) => {
                let saved = Pcg64::from_parts(input.u128()?, input.u128()?, input.u64()?);
                *pcg = saved.ok_or_else(|| invalid("an impossible state of the generator"))?;
            }
        }
        input.finish()?;
        Ok(Self { algorithm, seed, sequence, engine })
    }
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator")
            .field("algorithm", &self.algorithm)
            .field("seed", &self.seed)
            .field("sequence", &self.sequence)
            .field("position", &self.position())
            .finish()
    }
}
