//! PCG64 (XSL-RR 128/64) seeded through numpy's SeedSequence: numpy's `default_rng(seed)`.
//!
//! O'Neill: "PCG", HMC-CS-2014-0905; SeedSequence: numpy's bit_generator, after O'Neill's seed_seq_fe. Period 2^128.

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

/// A PCG64 generator that counts the words it has produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pcg64 {
    state: u128,
    increment: u128,
    position: u64,
}

impl Pcg64 {
    /// `numpy.random.PCG64(seed)` for a non-negative integer of any size, as little-endian 32-bit words (none for 0).
    pub fn new(seed: &[u32]) -> Self {
        let words = seed_sequence(seed);
        let pair = |i: usize| u128::from(words[i]) << 64 | u128::from(words[i + 1]);
        let increment = pair(2) << 1 | 1;
        let state = increment.wrapping_add(pair(0)).wrapping_mul(MULTIPLIER).wrapping_add(increment);
        Self { state, increment, position: 0 }
    }

    /// The next 64 bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
        self.position = self.position.wrapping_add(1);
        ((self.state >> 64) as u64 ^ self.state as u64).rotate_right((self.state >> 122) as u32)
    }

    /// numpy's double in [0, 1): the upper 53 bits.
    #[inline]
    pub fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// How many words have been produced since seeding.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Moves to where `position` words have been produced, in about 64 multiplications.
    pub fn seek(&mut self, position: u64) {
        self.advance(position.wrapping_sub(self.position) as i64);
    }

    /// Moves forwards by `delta` words, or backwards if it is negative.
    pub fn advance(&mut self, delta: i64) {
        // Brown: "Random Number Generation with Arbitrary Stride" (1994): the map x -> a x + c, composed by squaring, modulo 2^128.
        let (mut a, mut c) = (MULTIPLIER, self.increment);
        let (mut total_a, mut total_c) = (1u128, 0u128);
        let mut steps = i128::from(delta) as u128;
        while steps != 0 {
            if steps & 1 == 1 {
                total_a = total_a.wrapping_mul(a);
                total_c = total_c.wrapping_mul(a).wrapping_add(c);
            }
            c = c.wrapping_mul(a.wrapping_add(1));
            a = a.wrapping_mul(a);
            steps >>= 1;
        }
        self.state = self.state.wrapping_mul(total_a).wrapping_add(total_c);
        self.position = self.position.wrapping_add(delta as u64);
    }

    /// Returns what [`Self::from_parts`] takes.
    pub(crate) fn parts(&self) -> (u128, u128, u64) {
        (self.state, self.increment, self.position)
    }

    /// Restores a saved state; `None` if it is impossible.
    pub(crate) fn from_parts(state: u128, increment: u128, position: u64) -> Option<Self> {
        (increment & 1 == 1).then_some(Self { state, increment, position })
    }
}

/// `SeedSequence(seed).generate_state(4, uint64)`.
fn seed_sequence(entropy: &[u32]) -> [u64; 4] {
    const POOL: usize = 4;
    let mut hash = 0x43b0_d7e5_u32;
    let mut hashed = |value: u32| {
        let value = value ^ hash;
        hash = hash.wrapping_mul(0x931e_8875);
        let value = value.wrapping_mul(hash);
        value ^ value >> 16
    };
    let mix = |x: u32, y: u32| {
        let z = x.wrapping_mul(0xca01_f9dd).wrapping_sub(y.wrapping_mul(0x4973_f715));
        z ^ z >> 16
    };
    let mut pool = [0u32; POOL];
    for (i, slot) in pool.iter_mut().enumerate() {
        *slot = hashed(entropy.get(i).copied().unwrap_or(0));
    }
    for from in 0..POOL {
        for to in 0..POOL {
            if from != to {
                pool[to] = mix(pool[to], hashed(pool[from]));
            }
        }
    }
    for &word in entropy.iter().skip(POOL) {
        for slot in &mut pool {
            *slot = mix(*slot, hashed(word));
        }
    }
    let mut hash = 0x8b51_f9dd_u32;
    let mut words = [0u32; 8];
    for (i, word) in words.iter_mut().enumerate() {
        let value = pool[i % POOL] ^ hash;
        hash = hash.wrapping_mul(0x58f3_8ded);
        let value = value.wrapping_mul(hash);
        *word = value ^ value >> 16;
    }
    core::array::from_fn(|i| u64::from(words[2 * i + 1]) << 32 | u64::from(words[2 * i]))
}
