//! Numbers in messages. The standard library's formatting of floats would be a tenth of the WebAssembly module.

use crate::text::Piece;
use alloc::string::String;

/// A number as people write it: up to nine significant digits, with an exponent where it is very large or small.
pub(crate) struct Decimal(pub f64);

const DIGITS: i32 = 9;

impl Piece for Decimal {
    fn add_to(&self, text: &mut String) {
        let x = self.0;
        if x.is_nan() {
            text.push_str("NaN");
            return;
        }
        if x < 0.0 {
            text.push('-');
        }
        let x = x.abs();
        if x == f64::INFINITY {
            text.push_str("Infinity");
            return;
        }
        // Integers that a double holds exactly are written in full.
        if x < 9_007_199_254_740_992.0 && x == (x as u64) as f64 {
            (x as u64).add_to(text);
            return;
        }
        let (mut digits, mut exponent) = scaled(x);
        let mut len = DIGITS;
        while digits % 10 == 0 {
            digits /= 10;
            len -= 1;
        }
        // The exponent with the decimal point after the first digit.
        exponent += DIGITS - 1;
        let plain = (-5..DIGITS).contains(&exponent);
        let behind = if plain { len - 1 - exponent } else { len - 1 };
        let unit = 10_u64.pow(behind.max(0) as u32);
        (digits / unit).add_to(text);
        if behind > 0 {
            text.push('.');
            let mut rest = digits % unit;
            let mut place = unit / 10;
            while place > 0 {
                (rest / place).add_to(text);
                rest %= place;
                place /= 10;
            }
        }
        if !plain {
            text.push_str(if exponent < 0 { "e-" } else { "e" });
            exponent.unsigned_abs().add_to(text);
        }
    }
}

/// Returns nine digits and the power of ten to multiply them by.
fn scaled(x: f64) -> (u64, i32) {
    let (mut x, mut exponent) = (x, 0);
    let (low, high) = (100_000_000.0, 1_000_000_000.0);
    while x >= high {
        x /= 10.0;
        exponent += 1;
    }
    while x < low {
        x *= 10.0;
        exponent -= 1;
    }
    let digits = (x + 0.5) as u64;
    // Nine nines may have rounded up.
    if digits as f64 == high { (digits / 10, exponent + 1) } else { (digits, exponent) }
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use crate::text;

    #[test]
    fn formats_numbers_with_at_most_nine_significant_digits() {
        for (x, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.5, "1.5"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (0.3, "0.3"),
            (1e-5, "0.00001"),
            (0.000_123_4, "0.0001234"),
            (1.0 / 3.0, "0.333333333"),
            (1234.5678, "1234.5678"),
            (0.999_999_999_9, "1"),
            (10.05, "10.05"),
            (2_147_483_648.0, "2147483648"),
            (-7.0, "-7"),
            (1e16, "1e16"),
            (f64::from(f32::MAX), "3.40282347e38"),
            (f64::MAX, "1.79769313e308"),
            (2.5e-300, "2.5e-300"),
            (5e-324, "4.94065646e-324"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(text!(Decimal(x)), text);
        }
    }
}
