//! Probabilities come as float32 or float64; the libraries' rules compute in whichever they were given.

/// A float type of probabilities.
pub(crate) trait Weight: Copy + PartialOrd {
    const ZERO: Self;
    /// The smallest normal number, MKL's shift of its exponentials.
    const TINY: Self;
    fn widen(self) -> f64;
    /// Rounds to this type.
    fn narrow(value: f64) -> Self;
    /// The quotient in this type.
    fn over(self, divisor: Self) -> Self;
    /// The sum in this type.
    fn plus(self, other: Self) -> Self;

    /// Whether any weight of a group exceeds `bound` times its `lows`. With `bound` and `lows` of either float type the
    /// comparison may err in the last bits: callers leave a margin.
    fn any_above(weights: &[Self], lows: &[u32], bound: f64) -> bool;
}

impl Weight for f32 {
    const ZERO: Self = 0.0;
    const TINY: Self = Self::MIN_POSITIVE;

    #[inline]
    fn widen(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn narrow(value: f64) -> Self {
        value as Self
    }

    #[inline]
    fn over(self, divisor: Self) -> Self {
        self / divisor
    }

    #[inline]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    #[inline]
    fn any_above(weights: &[Self], lows: &[u32], bound: f64) -> bool {
        let bound = bound as Self;
        weights.iter().zip(lows).fold(false, |any, (weight, low)| any | (*weight > bound * *low as i32 as Self))
    }
}

impl Weight for f64 {
    const ZERO: Self = 0.0;
    const TINY: Self = Self::MIN_POSITIVE;

    #[inline]
    fn widen(self) -> f64 {
        self
    }

    #[inline]
    fn narrow(value: f64) -> Self {
        value
    }

    #[inline]
    fn over(self, divisor: Self) -> Self {
        self / divisor
    }

    #[inline]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    #[inline]
    fn any_above(weights: &[Self], lows: &[u32], bound: f64) -> bool {
        weights.iter().zip(lows).fold(false, |any, (weight, low)| any | (*weight > bound * f64::from(*low as i32)))
    }
}
