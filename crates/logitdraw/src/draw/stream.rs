//! A sampler's draw with a generator of torch, numpy or llama.cpp: computes the probability of every token as that library does,
//! then applies its rule (`library`).

use super::precision::Precision;
use super::{cdf, library};
use crate::generator::{Algorithm, Engine, Generator};
use crate::kernels::{self, BLOCK, Division};
use crate::key;
use crate::math;
use crate::survivors::{Arrangement, Survivors};
use crate::workspace::StreamScratch;

/// Draws a token by the rule of the generator's library and returns its place.
///
/// torch's rule runs over the whole vocabulary, zeros included, to use up random numbers as torch does. `standard`: whether
/// llama.cpp draws through the C++ standard library (mirostat, adaptive-p).
pub(crate) fn draw(
    alive: &mut Survivors<'_>,
    generator: &mut Generator,
    scratch: &mut StreamScratch,
    standard: bool,
) -> u32 {
    // Reserves what any row may need: a later draw may need much more than the first one.
    let all = alive.vocab_size().next_multiple_of(BLOCK);
    scratch.doubles.clear();
    scratch.doubles.reserve(all);
    match generator.algorithm() {
        Algorithm::Torch | Algorithm::TorchMkl => {
            let weights = torch_softmax(alive, scratch);
            let id = library::one(weights, Precision::Single, generator) as u32;
            // Its weight is above 0, so it is alive.
            alive.place(id).unwrap_or_default()
        }
        Algorithm::LlamaCpp => {
            arrange(alive, scratch);
            llama_weights(alive, scratch);
            let index = match generator.engine_mut() {
                Engine::Mt19937(mt) if standard => {
                    llama_softmax(&mut scratch.doubles);
                    cdf::discrete(&scratch.doubles, mt, alive.has_other_candidates())
                }
                _ => library::one(&scratch.doubles, Precision::Double, generator),
            };
            scratch.places[index]
        }
        // Philox has a rule of its own, for survivors (`envelope`, `inverse`).
        Algorithm::Numpy | Algorithm::NumpyLegacy | Algorithm::Philox => {
            numpy_softmax(alive, scratch);
            library::one(&scratch.doubles, Precision::Double, generator) as u32
        }
    }
}

/// A softmax in double over the whole vocabulary, rounded to float32; tokens that do not survive have probability 0. As in torch,
/// logits are divided by the temperature in float32.
fn torch_softmax<'s>(alive: &mut Survivors<'_>, scratch: &'s mut StreamScratch) -> &'s [f64] {
    let division = alive.torch_division();
    let doubles = &mut scratch.doubles;
    let vocab_size = alive.vocab_size();
    if alive.is_list() {
        doubles.resize(vocab_size, f64::NEG_INFINITY);
        alive.for_each_id(|id, x| doubles[id as usize] = division.exponent(x));
    } else {
        alive.exponents(division, doubles);
        doubles.truncate(vocab_size);
    }
    kernels::exps(doubles);
    let sum = cdf::total(doubles);
    kernels::singles(doubles, sum);
    doubles
}

/// A softmax in double, one number per place; places without a survivor add nothing to numpy's cumulative sum.
fn numpy_softmax(alive: &mut Survivors<'_>, scratch: &mut StreamScratch) {
    let division = Division::Double { divisor: alive.temperature(), max: f64::from(alive.max()) };
    let doubles = &mut scratch.doubles;
    alive.exponents(division, doubles);
    kernels::exps(doubles);
    let sum = cdf::total(doubles);
    kernels::quotients(doubles, sum);
}

/// llama.cpp's weights in its order of candidates: e^(l - max) in float32, l being x / T.
fn llama_weights(alive: &mut Survivors<'_>, scratch: &mut StreamScratch) {
    let (best, temperature) = (alive.max(), alive.temperature());
    let divisor = temperature as f32;
    let max = best / divisor;
    let StreamScratch { doubles, places, .. } = scratch;
    doubles.extend(places.iter().map(|place| {
        let x = alive.logit(*place);
        f64::from(if max.is_finite() {
            math::expf(x / divisor - max)
        } else {
            // The division overflows, or the temperature rounds to 0 in float32: distances are divided instead.
            math::exp((f64::from(x) - f64::from(best)) / temperature) as f32
        })
    }));
}

/// llama.cpp's own softmax: summed and divided in float32.
fn llama_softmax(weights: &mut [f64]) {
    let single = Precision::Single;
    let sum = weights.iter().fold(0.0, |sum, weight| single.round(sum + weight));
    for weight in weights {
        *weight = single.round(*weight / sum);
    }
}

/// Lists the places of the survivors in the order in which llama.cpp's chain leaves its candidates.
fn arrange(alive: &mut Survivors<'_>, scratch: &mut StreamScratch) {
    let StreamScratch { places, keys, .. } = scratch;
    places.clear();
    places.reserve(alive.vocab_size());
    alive.for_each(|place, _| places.push(place));
    let arrangement = alive.arrangement();
    if arrangement == Arrangement::Vocabulary {
        return;
    }
    keys.clear();
    keys.reserve(alive.vocab_size());
    keys.extend(places.iter().map(|place| {
        // adaptive-p changes logits, but not the order of the candidates.
        let x = alive.remembered(*place).map_or_else(|| alive.logit(*place), |(x, _)| x);
        let first = match arrangement {
            Arrangement::Vocabulary | Arrangement::Descending => x,
            Arrangement::Typical { surprise, max, scale } => -(surprise + f64::from((x - max) * scale)).abs() as f32,
        };
        key::pack(first, *place)
    }));
    key::sort(keys);
    places.clear();
    places.extend(keys.iter().map(|key| *key as u32));
}

#[cfg(test)]
mod tests {
    use super::llama_softmax;
    use crate::generator::mt19937::Mt19937;
    use alloc::vec::Vec;

    #[test]
    fn llama_softmax_sums_and_divides_in_float32() {
        let mut mt = Mt19937::new(5);
        let singles: Vec<f32> = (0..1000).map(|_| mt.std_f32()).collect();
        let mut weights: Vec<f64> = singles.iter().map(|x| f64::from(*x)).collect();
        llama_softmax(&mut weights);
        let sum: f32 = singles.iter().sum();
        assert_ne!(f64::from(sum), singles.iter().map(|x| f64::from(*x)).sum::<f64>());
        for (weight, single) in weights.iter().zip(singles) {
            assert_eq!(*weight, f64::from(single / sum));
        }
    }
}
