//! Probabilities come as float32 or float64; the libraries' rules compute in the type they were given.

/// The float type in which a rule computes.
///
/// All numbers are held as doubles. In single precision they are rounded to float32 after each operation, which gives float32's
/// own result: a double has at least two bits more than twice as many, so that rounding twice is the same as rounding once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Single,
    Double,
}

impl Precision {
    /// The nearest number of this type.
    #[inline]
    pub fn round(self, x: f64) -> f64 {
        match self {
            Self::Single => f64::from(x as f32),
            Self::Double => x,
        }
    }

    /// The smallest normal number, which MKL adds to its exponentials.
    pub fn tiny(self) -> f64 {
        match self {
            Self::Single => f64::from(f32::MIN_POSITIVE),
            Self::Double => f64::MIN_POSITIVE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Precision::Single;
    use crate::generator::mt19937::Mt19937;

    #[test]
    fn rounding_a_double_result_equals_float32_arithmetic() {
        let mut mt = Mt19937::new(5);
        let mut float = || loop {
            let x = f32::from_bits(mt.next_u32() & 0x7fff_ffff);
            if x.is_finite() {
                return x;
            }
        };
        for _ in 0..200_000 {
            let (a, b) = (float(), float());
            let near = a * (1.0 + b.fract() * 1e-3);
            for (a, b) in [(a, b), (a, near), (a, a * 1e-30)] {
                let (wide_a, wide_b) = (f64::from(a), f64::from(b));
                assert_eq!(Single.round(wide_a / wide_b).to_bits(), f64::from(a / b).to_bits(), "{a} / {b}");
                assert_eq!(Single.round(wide_a + wide_b).to_bits(), f64::from(a + b).to_bits(), "{a} + {b}");
            }
        }
    }
}
