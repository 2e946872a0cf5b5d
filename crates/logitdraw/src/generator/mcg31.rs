//! MCG31m1, the generator behind the exponentials of Intel MKL, which official x86 wheels of torch 2.0 to 2.6 used.
//!
//! x -> 1132489760 x mod (2^31 - 1): L'Ecuyer, "Tables of Linear Congruential Generators" (1999); MKL calls it VSL_BRNG_MCG31.

/// The modulus, 2^31 - 1.
pub const MODULUS: u32 = 0x7fff_ffff;
const MULTIPLIER: u64 = 1_132_489_760;

/// The generator at one of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mcg31(u32);

impl Mcg31 {
    /// Seeds as `vslNewStream(VSL_BRNG_MCG31, seed)`: the seed modulo 2^31 - 1, and 1 for 0.
    pub fn new(seed: u32) -> Self {
        let x = seed % MODULUS;
        Self(if x == 0 { 1 } else { x })
    }

    /// The present value, in 1..2^31 - 1, and a step to the next: the first is the seed itself.
    #[inline]
    pub fn next_value(&mut self) -> u32 {
        let value = self.0;
        // Modulo 2^31 - 1 the upper bits count as much as the lower ones; the sum is below 2^32.
        let product = u64::from(value) * MULTIPLIER;
        let sum = (product >> 31) as u32 + (product as u32 & MODULUS);
        self.0 = if sum >= MODULUS { sum - MODULUS } else { sum };
        value
    }
}
