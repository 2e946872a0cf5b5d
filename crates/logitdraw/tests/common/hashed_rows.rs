//! Rows, weights, masks and uniforms computed by integer formulas, so that every language produces the same ones. The JavaScript
//! version is test/runtimes/src/rows.js, which also explains what each is good for.
#![allow(dead_code)] // each binary uses a part of it

use logitdraw::Logits;

/// The difference between the seeds of consecutive rows.
pub const STRIDE: u32 = 65537;

/// Returns the 32-bit hash of a place.
pub fn hash(i: usize, seed: u32) -> u32 {
    (i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(40503))
}

/// A row in one of the formats that a caller may have.
#[derive(Clone)]
pub enum Row {
    Float32(Vec<f32>),
    Float16(Vec<u16>),
    Bfloat16(Vec<u16>),
}

impl Row {
    pub fn new(kind: &str, vocab_size: usize, seed: u32) -> Self {
        let bits = |sixteen: u32| {
            (0..vocab_size)
                .map(|i| {
                    let h = hash(i, seed);
                    (((h >> 31) << 15) | ((h >> 16 & 0x7fff) % sixteen)) as u16
                })
                .collect()
        };
        match kind {
            "float32" | "holes" => Self::Float32(floats(kind == "holes", vocab_size, seed)),
            "float16" => Self::Float16(bits(0x4c00)),
            "bfloat16" => Self::Bfloat16(bits(0x4180)),
            _ => panic!("no rows of kind {kind}"),
        }
    }

    /// Writes the row to where a sampler reads it.
    pub fn write(&self, logits: &mut Logits) {
        match self {
            Self::Float32(row) => logits.set(row),
            Self::Float16(bits) => logits.set_f16(bits),
            Self::Bfloat16(bits) => logits.set_bf16(bits),
        }
        .unwrap();
    }
}

/// Float32 logits from -8 to 16, most of them low. With `holes`, an eighth is masked.
pub fn floats(holes: bool, vocab_size: usize, seed: u32) -> Vec<f32> {
    (0..vocab_size)
        .map(|i| {
            let h = hash(i, seed);
            if holes && i > 0 && h % 8 == 7 {
                return f32::NEG_INFINITY;
            }
            let f = f64::from(h >> 8) / 16_777_216.0;
            let t = f * f;
            (24.0 * (t * t) - 8.0) as f32
        })
        .collect()
}

/// Integers up to 2^24 as weights; an eighth is 0.
pub fn weights(length: usize, seed: u32) -> Vec<f64> {
    (0..length)
        .map(|i| match hash(i, seed) {
            h if i > 0 && h % 8 == 7 => 0.0,
            h => f64::from((h >> 8) + 1),
        })
        .collect()
}

/// A mask that allows half of the vocabulary.
pub fn mask(vocab_size: usize, seed: u32) -> Vec<u32> {
    let mut words: Vec<_> = (0..vocab_size.div_ceil(32)).map(|i| hash(i, seed)).collect();
    words[0] |= 1;
    words
}

/// Returns what a caller's own generator gives at its `draw`-th call.
pub fn uniform(draw: usize, seed: u32) -> f64 {
    f64::from(hash(draw, seed)) / 4_294_967_296.0
}
