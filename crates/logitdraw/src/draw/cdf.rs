//! Inverse CDFs: the rules of torch (with replacement), numpy, llama.cpp and libstdc++, and the plain one of our own.
//!
//! Weights are non-negative and finite with a sum above 0; sums are sequential. A token of weight 0 is never drawn, although the
//! libraries' own rules allow it if a uniform is exactly 0: once in 2^53 draws.

use super::precision::Precision;
use crate::generator::mt19937::Mt19937;
use alloc::vec::Vec;

/// The sum of the weights in double, in order.
pub(crate) fn total(weights: &[f64]) -> f64 {
    weights.iter().fold(0.0, |sum, weight| sum + *weight)
}

/// The last index of a weight above 0; 0 if there is none.
fn last_positive(weights: &[f64]) -> usize {
    weights.iter().rposition(|weight| *weight > 0.0).unwrap_or(0)
}

/// Returns the first index with a weight above 0 whose running sum (in double) satisfies `reached`; if there is none, the last
/// weight above 0.
fn first(weights: &[f64], mut reached: impl FnMut(f64) -> bool) -> usize {
    let mut sum = 0.0;
    for (index, weight) in weights.iter().enumerate() {
        sum += weight;
        if *weight > 0.0 && reached(sum) {
            return index;
        }
    }
    last_positive(weights)
}

/// Our own, plain rule: the first index whose running sum exceeds `u` (in [0, 1)) times the whole.
pub(crate) fn plain(weights: &[f64], u: f64) -> usize {
    let target = u * total(weights);
    first(weights, |sum| sum > target)
}

/// numpy's `choice(n, p=p)`: the float64 cumulative sum, divided by its last element; `searchsorted(u, side="right")`.
pub(crate) fn numpy(weights: &[f64], u: f64) -> usize {
    let whole = total(weights);
    // Only sums near the target have to be decided by numpy's own division.
    let near = u * whole * (1.0 - 1e-14);
    first(weights, |sum| sum >= near && sum / whole > u)
}

/// llama.cpp's `dist`: the first index whose running sum reaches the whole times `u`.
pub(crate) fn llama(weights: &[f64], u: f64) -> usize {
    let target = total(weights) * u;
    first(weights, |sum| sum >= target)
}

/// libstdc++'s `std::discrete_distribution`, which llama.cpp's mirostat and adaptive-p use. A single weight takes no random
/// number, unless there are others of weight 0 beside it (`has_others`).
pub(crate) fn discrete(weights: &[f64], mt: &mut Mt19937, has_others: bool) -> usize {
    if weights.len() < 2 && !has_others {
        return 0;
    }
    let whole = total(weights);
    let u = mt.std_f64();
    let mut sum = 0.0;
    for (index, weight) in weights.iter().enumerate() {
        sum += weight / whole;
        if *weight > 0.0 && sum >= u {
            return index;
        }
    }
    last_positive(weights)
}

/// Cumulative sums from which many samples are drawn.
pub(crate) struct Table {
    sums: Vec<f64>,
    /// Whether a sample is the first index whose sum reaches its target (llama.cpp, torch), rather than the first whose sum exceeds it.
    reach: bool,
    /// The factor on a uniform that gives its target.
    scale: f64,
}

impl Table {
    /// torch's: cumulative sums in the weights' own type, divided by the last, which becomes 1. `None` if the sum overflows.
    pub(crate) fn torch(weights: &[f64], precision: Precision) -> Option<Self> {
        let mut sums = Vec::with_capacity(weights.len());
        let mut sum = 0.0;
        for weight in weights {
            sum = precision.round(sum + weight);
            sums.push(sum);
        }
        for partial in &mut sums {
            *partial = precision.round(*partial / sum);
        }
        *sums.last_mut()? = 1.0;
        sum.is_finite().then_some(Self { sums, reach: true, scale: 1.0 })
    }

    /// numpy's, see [`numpy`].
    pub(crate) fn numpy(weights: &[f64]) -> Self {
        let whole = total(weights);
        Self { sums: running(weights, |sum| sum / whole), reach: false, scale: 1.0 }
    }

    /// llama.cpp's, see [`llama`].
    pub(crate) fn llama(weights: &[f64]) -> Self {
        Self { sums: running(weights, |sum| sum), reach: true, scale: total(weights) }
    }

    /// Our own, see [`plain`].
    pub(crate) fn plain(weights: &[f64]) -> Self {
        Self { sums: running(weights, |sum| sum), reach: false, scale: total(weights) }
    }

    /// The index that a uniform in [0, 1) selects.
    pub(crate) fn index(&self, u: f64) -> usize {
        let target = self.scale * u;
        let index = if self.reach && target > 0.0 {
            self.sums.partition_point(|sum| *sum < target)
        } else {
            self.sums.partition_point(|sum| *sum <= target)
        };
        if index < self.sums.len() {
            return index;
        }
        // `u` times the whole has rounded up to the whole, and the last weight above 0 is the first to reach that.
        let whole = self.sums.last().copied().unwrap_or(0.0);
        self.sums.partition_point(|sum| *sum < whole)
    }
}

fn running(weights: &[f64], finish: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut sum = 0.0;
    weights
        .iter()
        .map(|weight| {
            sum += weight;
            finish(sum)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_draws_agree_with_the_tables() {
        let mut mt = Mt19937::new(77);
        for length in [1, 2, 3, 10, 257] {
            // Some rows sum to more than 1, some to less.
            let scale = if length % 2 == 0 { 1.0 / 4096.0 } else { 1.0 };
            let float = |u: f64| f64::from(u as f32) * scale;
            let weights: Vec<f64> = (0..length).map(|i| if i % 3 == 1 { 0.0 } else { float(mt.torch_f64()) }).collect();
            let tables = [Table::numpy(&weights), Table::llama(&weights), Table::plain(&weights)];
            // Random uniforms, and those where one token ends and the next begins.
            let edges = tables[0].sums.iter().flat_map(|sum| [sum.next_down(), *sum, sum.next_up()]);
            let mut uniforms: Vec<f64> = [0.0, 1.0 - f64::EPSILON / 2.0, 0.5].into_iter().chain(edges).collect();
            uniforms.extend((0..500).map(|_| mt.numpy_f64()));
            for u in uniforms.into_iter().filter(|u| (0.0..1.0).contains(u)) {
                assert_eq!(numpy(&weights, u), tables[0].index(u));
                assert_eq!(llama(&weights, u), tables[1].index(u));
                assert_eq!(plain(&weights, u), tables[2].index(u));
                for index in [
                    tables[0].index(u),
                    tables[1].index(u),
                    Table::torch(&weights, Precision::Single).unwrap().index(u),
                ] {
                    assert!(weights[index] > 0.0, "{u} drew a token of probability 0");
                }
            }
        }
    }

    #[test]
    fn zero_weights_at_either_end_are_never_drawn() {
        let weights = [0.0_f64, 0.0, 1e-300, 3.0, 0.0];
        let tables = [Table::numpy(&weights), Table::llama(&weights), Table::plain(&weights)];
        for u in [0.0, 1e-320, 0.3, 1.0 - f64::EPSILON / 2.0] {
            for index in [numpy(&weights, u), llama(&weights, u), plain(&weights, u)] {
                assert!(weights[index] > 0.0);
            }
            assert!(tables.iter().all(|table| weights[table.index(u)] > 0.0));
        }
        // No sum exceeds a target that rounds up to the whole.
        let tiny = [0.0, 0.0, 0.0, 5e-324, 0.0];
        assert_eq!((plain(&tiny, 0.9), Table::plain(&tiny).index(0.9)), (3, 3));
    }

    #[test]
    fn discrete_uses_random_numbers_only_for_several_candidates() {
        let mut mt = Mt19937::new(1);
        let before = mt.position();
        assert_eq!(discrete(&[2.0], &mut mt, false), 0);
        assert_eq!(mt.position(), before, "a single candidate uses no random number");
        assert!((0..100).any(|_| discrete(&[4.0, 12.0], &mut mt, false) == 1), "two candidates use random numbers");
        let mut drawn = [0; 5];
        for _ in 0..100 {
            drawn[discrete(&[0.0, 0.0, 4.0, 12.0, 0.0], &mut mt, false)] += 1;
        }
        assert!(drawn[2] > 0 && drawn[3] > drawn[2] && drawn[2] + drawn[3] == 100, "{drawn:?}");
    }
}
