//! How torch, numpy and llama.cpp draw from weights, each by its own rule: what `multinomial` does, and the last step of `whole`.

use super::cdf::{self, Table};
use super::precision::Precision;
use super::race;
use crate::generator::{Algorithm, Engine, Generator};
use crate::math::ln;
use alloc::vec::Vec;

/// Draws an index from `weights`, which must be non-negative and finite, at least one above 0; they need not sum to 1.
///
/// torch and torch-mkl: the exponential race. numpy and numpy-legacy: `choice`. llama.cpp: `dist`, in the order of the weights.
/// philox: the first index whose running float64 sum exceeds one uniform times the whole.
pub(crate) fn one(weights: &[f64], precision: Precision, generator: &mut Generator) -> usize {
    let algorithm = generator.algorithm();
    match (algorithm, generator.engine_mut()) {
        (Algorithm::Torch, Engine::Mt19937(mt)) => race::winner(weights, precision, &mut race::Torch::new(mt)),
        (Algorithm::TorchMkl, Engine::Mt19937(mt)) => {
            race::winner(weights, precision, &mut race::Mkl::new(mt, precision))
        }
        (Algorithm::Numpy | Algorithm::NumpyLegacy, _) => cdf::numpy(weights, generator.random()),
        (Algorithm::LlamaCpp, _) => cdf::llama(weights, generator.random()),
        _ => cdf::plain(weights, generator.random()),
    }
}

/// Draws `count` samples by the rule of the generator's library; `None` if torch's own sum overflows. Without replacement, at
/// least `count` weights must be above 0.
pub(crate) fn many(
    weights: &[f64],
    precision: Precision,
    count: usize,
    replacement: bool,
    generator: &mut Generator,
) -> Option<Vec<u32>> {
    if count == 1 {
        return Some(alloc::vec![one(weights, precision, generator) as u32]);
    }
    if replacement {
        let table = match generator.algorithm() {
            Algorithm::Torch | Algorithm::TorchMkl => Table::torch(weights, precision)?,
            Algorithm::Numpy | Algorithm::NumpyLegacy => Table::numpy(weights),
            Algorithm::LlamaCpp => Table::llama(weights),
            Algorithm::Philox => Table::plain(weights),
        };
        return Some((0..count).map(|_| table.index(generator.random()) as u32).collect());
    }
    let algorithm = generator.algorithm();
    Some(match (algorithm, generator.engine_mut()) {
        (Algorithm::Torch, Engine::Mt19937(mt)) => race::largest(weights, precision, count, &mut race::Torch::new(mt)),
        (Algorithm::TorchMkl, Engine::Mt19937(mt)) => {
            race::largest(weights, precision, count, &mut race::Mkl::new(mt, precision))
        }
        (Algorithm::Numpy | Algorithm::NumpyLegacy, _) => numpy_distinct(weights, count, generator),
        (Algorithm::LlamaCpp, _) => one_by_one(weights, precision, count, generator),
        _ => philox_race(weights, count, generator),
    })
}

/// numpy's `choice(n, count, replace=False, p=p)`: draws as many as are missing, keeps the new ones in the order drawn, sets
/// their probabilities to 0, and draws again.
fn numpy_distinct(weights: &[f64], count: usize, generator: &mut Generator) -> Vec<u32> {
    let mut left = weights.to_vec();
    let mut found: Vec<u32> = Vec::with_capacity(count);
    while found.len() < count {
        let table = Table::numpy(&left);
        for _ in found.len()..count {
            let index = table.index(generator.random());
            if left[index] > 0.0 {
                left[index] = 0.0;
                found.push(index as u32);
            }
        }
    }
    found
}

/// llama.cpp has no rule for several samples without replacement: draws one by one, leaving out those already drawn.
fn one_by_one(weights: &[f64], precision: Precision, count: usize, generator: &mut Generator) -> Vec<u32> {
    let mut left = weights.to_vec();
    let draw = |_| {
        let index = one(&left, precision, generator);
        left[index] = 0.0;
        index as u32
    };
    (0..count).map(draw).collect()
}

/// Our own rule: the exponential race in float64, one uniform for every index.
fn philox_race(weights: &[f64], count: usize, generator: &mut Generator) -> Vec<u32> {
    let mut runners = Vec::new();
    for (index, weight) in weights.iter().enumerate() {
        let exponential = 0.0 - ln(1.0 - generator.random());
        if *weight > 0.0 {
            runners.push((weight / exponential, index as u32));
        }
    }
    race::first_of(&runners, count)
}
