//! MT19937, the generator of torch on CPU, of numpy's RandomState and of llama.cpp; it runs forwards and backwards.
//!
//! Matsumoto, Nishimura: "Mersenne Twister", ACM TOMACS 8 (1998); seeding of 2002. Period 2^19937 - 1.

use crate::kernels;
use crate::math::ln;
use core::fmt;

const N: usize = 624;
const M: usize = 397;
const UPPER: u32 = 0x8000_0000;
const LOWER: u32 = 0x7fff_ffff;

/// A Mersenne Twister that counts the words it has produced, so that it can go back to any of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Mt19937 {
    state: [u32; N],
    /// How many words of `state` have been produced; N before the first twist.
    index: usize,
    /// Twists since seeding.
    blocks: u64,
    seed: u32,
}

impl fmt::Debug for Mt19937 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mt19937").field("seed", &self.seed).field("position", &self.position()).finish()
    }
}

impl Mt19937 {
    /// Seeds as torch, numpy's RandomState(int) and std::mt19937 do.
    pub fn new(seed: u32) -> Self {
        let mut state = [seed; N];
        for j in 1..N {
            let before = state[j - 1];
            state[j] = (before ^ before >> 30).wrapping_mul(1_812_433_253).wrapping_add(j as u32);
        }
        Self { state, index: N, blocks: 0, seed }
    }

    /// The next word.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        if self.index == N {
            self.twist();
        }
        let word = self.state[self.index];
        self.index += 1;
        temper(word)
    }

    /// Fills `out` with the next words: the same as calling [`Self::next_u32`] for each, but faster.
    pub fn fill(&mut self, mut out: &mut [u32]) {
        while !out.is_empty() {
            if self.index == N {
                self.twist();
            }
            let count = out.len().min(N - self.index);
            let (head, tail) = out.split_at_mut(count);
            kernels::temper(&self.state[self.index..self.index + count], head);
            self.index += count;
            out = tail;
        }
    }

    /// torch's random64: two words, the first is the high one.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let high = self.next_u32();
        u64::from(high) << 32 | u64::from(self.next_u32())
    }

    /// torch's double in [0, 1): the low 53 bits of [`Self::next_u64`] times 2^-53.
    #[inline]
    pub fn torch_f64(&mut self) -> f64 {
        torch_f64(self.next_u64())
    }

    /// torch's `exponential_(1)` in double: two words. In float32 it is this value, rounded.
    pub fn torch_exponential(&mut self) -> f64 {
        torch_exponential(self.next_u64())
    }

    /// numpy's double in [0, 1): 27 bits of one word, 26 of the next.
    #[inline]
    pub fn numpy_f64(&mut self) -> f64 {
        let (a, b) = (self.next_u32() >> 5, self.next_u32() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
    }

    /// libstdc++'s `std::generate_canonical<double, 53>`, llama.cpp's uniform: the first word is the low one.
    #[inline]
    pub fn std_f64(&mut self) -> f64 {
        let low = f64::from(self.next_u32());
        let u = (low + f64::from(self.next_u32()) * 4_294_967_296.0) / 18_446_744_073_709_551_616.0;
        // 64 bits can round up to 1, which libstdc++ replaces by the next double below it.
        if u >= 1.0 { 1.0 - f64::EPSILON / 2.0 } else { u }
    }

    /// libstdc++'s `std::generate_canonical<float, 24>`, llama.cpp's coin of XTC: one word.
    #[inline]
    pub fn std_f32(&mut self) -> f32 {
        let u = self.next_u32() as f32 / 4_294_967_296.0;
        if u >= 1.0 { 1.0 - f32::EPSILON / 2.0 } else { u }
    }

    /// How many words have been produced since seeding.
    pub fn position(&self) -> u64 {
        (self.blocks * N as u64 + self.index as u64).wrapping_sub(N as u64)
    }

    /// Moves backwards or forwards to where `position` words have been produced; takes about a nanosecond per word in between.
    pub fn seek(&mut self, position: u64) {
        let blocks = position.div_ceil(N as u64);
        // If going back takes at least as long as starting from the seed, start from the seed.
        if blocks == 0 || blocks < self.blocks && self.blocks - blocks >= blocks {
            *self = Self::new(self.seed);
        }
        while self.blocks > blocks {
            self.untwist();
        }
        while self.blocks < blocks {
            self.twist();
        }
        if blocks > 0 {
            self.index = (position - (blocks - 1) * N as u64) as usize;
        }
    }

    /// Goes back by `words` words (at most as many as were produced).
    pub fn rewind(&mut self, words: u64) {
        self.seek(self.position().saturating_sub(words));
    }

    fn twist(&mut self) {
        let s = &mut self.state;
        for i in 0..N - M {
            s[i] = s[i + M] ^ mix(s[i], s[i + 1]);
        }
        for i in N - M..N - 1 {
            s[i] = s[i + M - N] ^ mix(s[i], s[i + 1]);
        }
        s[N - 1] = s[M - 1] ^ mix(s[N - 1], s[0]);
        self.index = 0;
        self.blocks += 1;
    }

    /// The inverse of `twist`. Of the seeded block's word 0 it restores only the top bit, so `seek` seeds again rather than go there.
    fn untwist(&mut self) {
        let s = &mut self.state;
        for i in (0..N).rev() {
            // Each twisted word holds the top bit of its own old word and the other bits of the next one.
            let own = unmix(s[i] ^ s[(i + M) % N]);
            let before = unmix(s[(i + N - 1) % N] ^ s[(i + M - 1) % N]);
            s[i] = own & UPPER | before & LOWER;
        }
        self.index = N;
        self.blocks -= 1;
    }

    /// Returns what [`Self::from_parts`] takes: seed, twists, words produced from the current block, the block.
    pub(crate) fn parts(&self) -> (u32, u64, u32, &[u32]) {
        (self.seed, self.blocks, self.index as u32, &self.state)
    }

    /// Restores a saved state; `None` if it is impossible.
    pub(crate) fn from_parts(seed: u32, blocks: u64, index: u32, state: &[u32]) -> Option<Self> {
        let state: [u32; N] = state.try_into().ok()?;
        let index = index as usize;
        // Before the first twist every word counts as used; a twist is always followed by producing a word of its block.
        let possible = if blocks == 0 { index == N } else { (1..=N).contains(&index) };
        // So that the position, which is at most one block more, fits.
        (possible && blocks < u64::MAX / N as u64).then_some(Self { state, index, blocks, seed })
    }
}

#[inline]
fn mix(upper: u32, lower: u32) -> u32 {
    let y = upper & UPPER | lower & LOWER;
    y >> 1 ^ (y & 1).wrapping_neg() & 0x9908_b0df
}

/// Recovers the y of [`mix`]: its lowest bit decided whether the constant, whose top bit is set, was XORed in.
#[inline]
fn unmix(mixed: u32) -> u32 {
    let odd = mixed >> 31;
    (mixed ^ odd.wrapping_neg() & 0x9908_b0df) << 1 | odd
}

#[inline]
pub(crate) fn temper(mut y: u32) -> u32 {
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c_5680;
    y ^= y << 15 & 0xefc6_0000;
    y ^ y >> 18
}

/// The low 53 bits of `word` times 2^-53.
#[inline]
pub(crate) fn torch_f64(word: u64) -> f64 {
    (word & ((1 << 53) - 1)) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// torch's exponential of a random64: -ln(1 - u), with u its low 53 bits. (torch computes -log1p(-u), which is the same since 1 - u
/// is exact.)
pub(crate) fn torch_exponential(word: u64) -> f64 {
    0.0 - ln(1.0 - torch_f64(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_state_has_a_position_that_fits() {
        let possible = |blocks| Mt19937::from_parts(1, blocks, N as u32, &[7; N]);
        let last = u64::MAX / N as u64 - 1;
        assert_eq!(possible(last).unwrap().position(), last * N as u64);
        assert!(possible(last + 1).is_none() && possible(u64::MAX).is_none());
    }
}
