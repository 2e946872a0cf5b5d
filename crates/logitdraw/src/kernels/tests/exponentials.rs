//! Exponentials in double.

use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// As many at a time as a kernel takes, with and without results below the normal range, at the ends of every power of two.
#[test]
fn exps_are_the_exponential_of_each_bit_for_bit() {
    let mut random = Random(23);
    for round in 0..4000 {
        // Down to just above the last normal result, to subnormal ones, and to 0.
        let lowest = [-20.0, -700.0, -745.0, -800.0][round % 4];
        let mut exponents: Vec<f64> = (0..100)
            .map(|_| {
                let x = lowest * random.uniform();
                // Half way between two powers of two, give or take a few units in the last place.
                let half = -((x / core::f64::consts::LN_2).round() - 0.5).abs() * core::f64::consts::LN_2;
                let near = f64::from_bits(half.to_bits() + random.below(9) as u64 - 4);
                random.one_of(&[x, near.max(lowest), 0.0, -0.0, lowest])
            })
            .collect();
        let expected: Vec<u64> = exponents.iter().map(|x| math::exp(*x).to_bits()).collect();
        exps(&mut exponents);
        assert!(exponents.iter().zip(&expected).all(|(x, bits)| x.to_bits() == *bits), "down to {lowest}");
    }
}
