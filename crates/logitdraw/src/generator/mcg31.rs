//! MCG31m1, the generator behind the exponentials of Intel MKL, which official x86 wheels of torch 2.0 to 2.6 used.
//!
//! x -> 1132489760 x mod (2^31 - 1): L'Ecuyer, "Tables of Linear Congruential Generators" (1999); MKL calls it VSL_BRNG_MCG31.

/// The modulus, 2^31 - 1.
pub const MODULUS: u32 = 0x7fff_ffff;
const MULTIPLIER: u32 = 1_132_489_760;

/// The generator, which is its current value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mcg31(u32);

impl Mcg31 {
    /// Seeds as `vslNewStream(VSL_BRNG_MCG31, seed)`: the seed modulo 2^31 - 1, and 1 for 0.
    pub fn new(seed: u32) -> Self {
        let x = seed % MODULUS;
        Self(if x == 0 { 1 } else { x })
    }

    /// Returns the current value, in 1..2^31 - 1, and steps to the next one. The first value is the reduced seed itself.
    #[inline]
    pub fn next_value(&mut self) -> u32 {
        let value = self.0;
        self.0 = times(MULTIPLIER, value);
        value
    }

    /// Fills `out` with the next values: the same as calling [`Self::next_value`] for each, but faster.
    pub fn fill(&mut self, out: &mut [u32]) {
        const POWERS: [u32; 4] = [power(1), power(2), power(3), power(4)];
        // Four values per step, none of which waits for the one before it.
        let (fours, rest) = out.as_chunks_mut::<4>();
        for four in fours {
            let x = self.0;
            *four = [x, times(POWERS[0], x), times(POWERS[1], x), times(POWERS[2], x)];
            self.0 = times(POWERS[3], x);
        }
        for value in rest {
            *value = self.next_value();
        }
    }
}

/// The product modulo 2^31 - 1 of two numbers below it.
#[inline]
const fn times(a: u32, b: u32) -> u32 {
    // 2^31 is 1 modulo 2^31 - 1, so the upper bits are added to the lower ones; the sum is below 2^32.
    let product = a as u64 * b as u64;
    let sum = (product >> 31) as u32 + (product as u32 & MODULUS);
    if sum >= MODULUS { sum - MODULUS } else { sum }
}

/// The multiplier to a power.
const fn power(exponent: u32) -> u32 {
    if exponent == 0 { 1 } else { times(MULTIPLIER, power(exponent - 1)) }
}
