//! Where a sampler's random numbers come from: for its tokens, and for XTC's coin.

use crate::error::Error;
use crate::generator::mt19937::Mt19937;
use crate::generator::{Algorithm, Generator, Seed, philox};
use crate::options::{Options, Source};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A sampler's random numbers.
#[derive(Clone)]
pub(crate) enum Randomness {
    /// A function of seed, sequence and step; it has no state.
    Philox { key: u64, sequence: u64 },
    /// A library's own stream.
    Stream(Stream),
    /// The caller supplies the number for each draw.
    Caller,
}

/// A library's stream, with its position before each token, so that tokens can be taken back.
#[derive(Clone)]
pub(crate) struct Stream {
    pub generator: Generator,
    /// llama.cpp's XTC draws from a second generator of the same seed.
    pub coins: Option<Box<Mt19937>>,
    /// The position of both before each committed draw, with the length of the history at that point.
    pub marks: Vec<(u32, Position)>,
}

/// The position of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub draws: u64,
    pub coins: u64,
}

impl Position {
    /// Whether it is no earlier than `first` and no later than `last`.
    pub fn between(self, first: Self, last: Self) -> bool {
        (first.draws..=last.draws).contains(&self.draws) && (first.coins..=last.coins).contains(&self.coins)
    }
}

impl Randomness {
    pub fn new(source: Source, seed: &Seed, sequence: u64) -> Result<Self, Error> {
        let Source::Algorithm(algorithm) = source else { return Ok(Self::Caller) };
        let generator = Generator::new(algorithm, seed, sequence)?;
        Ok(match algorithm {
            Algorithm::Philox => Self::Philox { key: seed.to_wrapped_u64().unwrap_or(0), sequence },
            _ => {
                let llama = algorithm == Algorithm::LlamaCpp;
                let coins = llama.then(|| Box::new(Mt19937::new(seed.to_wrapped_u64().unwrap_or(0) as u32)));
                Self::Stream(Stream { generator, coins, marks: Vec::new() })
            }
        })
    }
}

impl Stream {
    pub fn position(&self) -> Position {
        Position { draws: self.generator.position(), coins: self.coins.as_ref().map_or(0, |coins| coins.position()) }
    }

    pub fn seek(&mut self, position: Position) {
        self.generator.seek(position.draws);
        if let Some(coins) = &mut self.coins {
            coins.seek(position.coins);
        }
    }

    /// Moves back to the position at which the history had `len` tokens.
    pub fn rewind(&mut self, len: usize) {
        // One seek, to the earliest: each may cost as much as a jump over the whole stream.
        let mut earliest = None;
        while let Some((before, position)) = self.marks.last().copied()
            && before as usize >= len
        {
            earliest = Some(position);
            self.marks.pop();
        }
        if let Some(position) = earliest {
            self.seek(position);
        }
    }
}

/// XTC's coin.
pub(crate) trait Coin {
    /// Tosses the coin. Returns true with the given probability: it "falls", and XTC removes tokens; otherwise it "stays", as they do.
    fn falls(&mut self, probability: f64) -> bool;

    /// A toss whose outcome makes no difference.
    fn pass(&mut self) {}
}

/// A coin that is a function of seed, sequence and step.
pub(crate) struct PhiloxCoin {
    pub key: u64,
    pub sequence: u64,
    pub step: u64,
}

impl PhiloxCoin {
    /// Creates the coin of a step. Whatever draws the tokens, it is tossed by our own generator under the sampler's seed.
    pub fn of(randomness: &Randomness, options: &Options, step: u64) -> Self {
        match randomness {
            Randomness::Philox { key, sequence } => Self { key: *key, sequence: *sequence, step },
            // numpy's seeds may have more than 64 bits.
            _ => {
                let key = options.seed.to_wrapped_u64().unwrap_or_else(|| options.seed.low_u64());
                Self { key, sequence: options.sequence, step }
            }
        }
    }
}

impl Coin for PhiloxCoin {
    fn falls(&mut self, probability: f64) -> bool {
        let words = philox::block(self.key, self.sequence, self.step, philox::DOMAIN_XTC);
        philox::uniforms(words)[0] < probability
    }
}

/// llama.cpp's coin: one float of its own generator per toss; it falls if u <= probability.
impl Coin for Mt19937 {
    fn falls(&mut self, probability: f64) -> bool {
        self.std_f32() <= probability as f32
    }

    fn pass(&mut self) {
        self.std_f32();
    }
}

/// A coin whose side is known, for the exact law of a draw; it records whether it was tossed.
pub(crate) struct KnownCoin {
    /// Whether it falls.
    pub side: bool,
    /// The probability with which it would have fallen, once tossed.
    pub tossed: Option<f64>,
}

impl Coin for KnownCoin {
    fn falls(&mut self, probability: f64) -> bool {
        self.tossed = Some(probability);
        self.side
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn between_compares_the_positions_in_both_streams() {
        let at = |draws, coins| Position { draws, coins };
        let lies = |position: Position| position.between(at(2, 5), at(4, 7));
        for inside in [at(2, 5), at(3, 6), at(4, 7), at(2, 7)] {
            assert!(lies(inside), "{inside:?}");
        }
        for outside in [at(1, 6), at(5, 6), at(3, 4), at(3, 8), at(0, 0)] {
            assert!(!lies(outside), "{outside:?}");
        }
    }
}
