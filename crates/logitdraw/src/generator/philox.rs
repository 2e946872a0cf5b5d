//! Philox4x32-10: a counter in, four random words out, no state.
//!
//! Salmon, Moraes, Dror, Shaw: "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011. It is also the generator of PyTorch on CUDA
//! and of TensorFlow. The key is the seed; the counter says which draw of which step of which sequence is wanted.

/// Domain of token draws (the counter's draw word is this plus the number of the draw within the step).
pub const DOMAIN_TOKEN: u32 = 0x0000_0000;
/// Domain reserved for draft verification, which must not share random numbers with the tokens.
pub const DOMAIN_DRAFT: u32 = 0x4000_0000;
/// Domain of XTC's coin.
pub const DOMAIN_XTC: u32 = 0x8000_0000;

/// Ten rounds over a counter with a key, as Random123 defines them.
#[inline]
pub const fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    let mut round = 0;
    while round < 10 {
        let a = 0xd251_1f53_u64 * c0 as u64;
        let b = 0xcd9e_8d57_u64 * c2 as u64;
        (c0, c1, c2, c3) = ((b >> 32) as u32 ^ c1 ^ k0, b as u32, (a >> 32) as u32 ^ c3 ^ k1, a as u32);
        k0 = k0.wrapping_add(0x9e37_79b9);
        k1 = k1.wrapping_add(0xbb67_ae85);
        round += 1;
    }
    [c0, c1, c2, c3]
}

/// The four words of draw `draw` of step `step` (its low 32 bits) of sequence `sequence` under `seed`.
///
/// The top two bits of `draw` are its domain ([`DOMAIN_TOKEN`], [`DOMAIN_DRAFT`], [`DOMAIN_XTC`]).
#[inline]
pub const fn block(seed: u64, sequence: u64, step: u64, draw: u32) -> [u32; 4] {
    let counter = [draw, step as u32, sequence as u32, (sequence >> 32) as u32];
    philox4x32_10(counter, [seed as u32, (seed >> 32) as u32])
}

/// The two doubles in [0, 1) of a block: the upper 53 bits of (word 0, word 1) and of (word 2, word 3), first word low.
#[inline]
pub const fn uniforms(words: [u32; 4]) -> [f64; 2] {
    [uniform(words[0], words[1]), uniform(words[2], words[3])]
}

/// 53 bits of two words as a double in [0, 1).
#[inline]
const fn uniform(low: u32, high: u32) -> f64 {
    (((high as u64) << 32 | low as u64) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// A stream of uniforms, each taken from a block of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Philox {
    /// The key.
    pub seed: u64,
    /// Which stream of the seed.
    pub sequence: u64,
    /// How many uniforms have been drawn.
    pub calls: u64,
}

impl Philox {
    /// The next double in [0, 1): word 0 and 1 of `block(seed, sequence, calls, calls >> 32)`, which repeats after 2^62 calls.
    pub fn next_f64(&mut self) -> f64 {
        let draw = (self.calls >> 32) as u32 & 0x3fff_ffff;
        let words = block(self.seed, self.sequence, self.calls, draw);
        self.calls = self.calls.wrapping_add(1);
        uniform(words[0], words[1])
    }
}
