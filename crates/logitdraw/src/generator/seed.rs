//! Seeds: integers of any size, because numpy accepts these.

use crate::text::Piece;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Any integer: a sign and a magnitude. Each algorithm states which integers it accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seed {
    negative: bool,
    words: Vec<u32>,
}

impl Seed {
    /// Creates an integer from a sign and little-endian 32-bit words. Zero words at the end are dropped, and there is no negative zero.
    pub fn new(negative: bool, mut words: Vec<u32>) -> Self {
        while words.last() == Some(&0) {
            words.pop();
        }
        Self { negative: negative && !words.is_empty(), words }
    }

    /// Whether the integer is below 0.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The magnitude as little-endian 32-bit words without leading zeros; none for 0.
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// The integer as a `u64`, if it fits.
    pub fn to_u64(&self) -> Option<u64> {
        if self.negative { None } else { self.magnitude() }
    }

    /// The 64-bit two's complement of an integer in [-2^63, 2^64).
    pub(crate) fn to_wrapped_u64(&self) -> Option<u64> {
        let magnitude = self.magnitude()?;
        if !self.negative {
            Some(magnitude)
        } else if magnitude <= 1 << 63 {
            Some(magnitude.wrapping_neg())
        } else {
            None
        }
    }

    /// The magnitude's low 64 bits.
    pub(crate) fn low_u64(&self) -> u64 {
        let word = |place| u64::from(self.words.get(place).copied().unwrap_or(0));
        word(1) << 32 | word(0)
    }

    fn magnitude(&self) -> Option<u64> {
        match *self.words {
            [] => Some(0),
            [low] => Some(u64::from(low)),
            [low, high] => Some(u64::from(high) << 32 | u64::from(low)),
            _ => None,
        }
    }
}

impl From<u64> for Seed {
    fn from(value: u64) -> Self {
        Self::new(false, [value as u32, (value >> 32) as u32].to_vec())
    }
}

impl From<i64> for Seed {
    fn from(value: i64) -> Self {
        let magnitude = value.unsigned_abs();
        Self::new(value < 0, [magnitude as u32, (magnitude >> 32) as u32].to_vec())
    }
}

impl From<u128> for Seed {
    fn from(value: u128) -> Self {
        Self::new(false, [value as u32, (value >> 32) as u32, (value >> 64) as u32, (value >> 96) as u32].to_vec())
    }
}

impl From<usize> for Seed {
    fn from(value: usize) -> Self {
        Self::from(value as u64)
    }
}

impl From<u32> for Seed {
    fn from(value: u32) -> Self {
        Self::from(u64::from(value))
    }
}

impl From<i32> for Seed {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl Seed {
    /// The digits of the magnitude in decimal.
    fn digits(&self) -> String {
        // Nine at a time, from the low end.
        let mut rest = self.words.clone();
        let mut digits = Vec::new();
        while !rest.is_empty() {
            let mut remainder = 0u64;
            for word in rest.iter_mut().rev() {
                let value = remainder << 32 | u64::from(*word);
                *word = (value / 1_000_000_000) as u32;
                remainder = value % 1_000_000_000;
            }
            while rest.last() == Some(&0) {
                rest.pop();
            }
            for _ in 0..9 {
                digits.push(b'0' + (remainder % 10) as u8);
                remainder /= 10;
            }
        }
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            digits.push(b'0');
        }
        let mut text = String::new();
        for digit in digits.iter().rev() {
            text.push(char::from(*digit));
        }
        text
    }
}

impl Piece for Seed {
    fn add_to(&self, text: &mut String) {
        if self.negative {
            text.push('-');
        }
        text.push_str(&self.digits());
    }
}

impl fmt::Display for Seed {
    /// The integer in decimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(!self.negative, "", &self.digits())
    }
}

impl core::str::FromStr for Seed {
    type Err = crate::Error;

    /// An integer in decimal, with or without a minus sign.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(crate::Error::option("seed", String::from("a seed is an integer")));
        }
        let mut words: Vec<u32> = Vec::new();
        for digit in digits.bytes() {
            let mut carry = u64::from(digit - b'0');
            for word in &mut words {
                carry += u64::from(*word) * 10;
                *word = carry as u32;
                carry >>= 32;
            }
            if carry > 0 {
                words.push(carry as u32);
            }
        }
        Ok(Self::new(negative, words))
    }
}
