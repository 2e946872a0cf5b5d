//! Probability thresholds, decided by rough masses where these suffice.

use super::each;
use crate::key;
use std::prelude::v1::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// At probabilities that tokens have, slightly beside these, and at round ones: the same tokens survive as by the exact mass.
#[test]
fn rough_masses_collect_the_same_tokens_as_the_exact_mass() {
    let mut compared = 0;
    each(11, 1, |name, alive, model| {
        for temperature in [1.0, 0.6, 4.0, 1e-31, 1e31] {
            alive.set_temperature(temperature);
            let mass = alive.mass();
            let max = f64::from(alive.max());
            let sorted = model.sorted();
            let owned = sorted.iter().step_by(1 + sorted.len() / 20).flat_map(|(_, x)| {
                let probability = ((f64::from(*x) - max) / temperature).exp() / mass;
                [0.9, 0.95, 1.0 - 1e-7, 1.0, 1.0 + 1e-7, 1.01, 1.1].map(|factor| probability * factor)
            });
            for probability in owned.chain([0.5, 0.1, 0.05, 0.01]).filter(|p| *p > 0.0 && *p <= 0.5) {
                let exact = alive.logit_of_probability(probability, mass);
                let of = |keys: &Vec<u64>| keys.iter().map(|key| key::unpack(*key)).collect::<Vec<_>>();
                let rough = of(alive.collect_probable(probability));
                assert_eq!(
                    rough,
                    of(alive.collect(exact)),
                    "{name}: temperature {temperature}, probability {probability}"
                );
                compared += 1;
            }
        }
    });
    assert!(compared > 10_000, "{compared}");
}
