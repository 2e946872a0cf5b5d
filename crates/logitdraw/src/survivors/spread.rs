//! The mass by logit, in narrow bins. It tells, to a bin or two, where the sum that decides a truncation reaches its limit; only
//! the tokens there are then ordered one by one, so that no vocabulary is ever sorted.

use super::Survivors;
use crate::kernels::{self, BINS, BLOCK};
use crate::key;
use crate::math;
use core::ops::Range;

/// With fewer blocks, ordering the tokens is as fast.
const FEW_BLOCKS: usize = 32;

/// Bins of equal width from the largest logit down; the last one also holds everything below.
pub(crate) struct Spread {
    masses: [f64; BINS],
    max: f32,
    bins_a_logit: f32,
    bins_an_exponent: f64,
    /// The sum of all terms, in the order `kernels` states.
    pub mass: f64,
    /// The sum of each term times its exponent.
    pub energy: f64,
}

impl Spread {
    /// Returns the bins in which the sum of all larger terms reaches `limit`, give or take `margin`, and the sum of everything
    /// before them. The first of them is the bin of the last token before the cut, if there is one.
    pub fn cut(&self, limit: f64, margin: f64) -> (Range<usize>, f64) {
        let (mut first, mut mass_before_first) = (0, 0.0);
        let mut before = 0.0;
        let mut found = false;
        for (bin, mass) in self.masses.iter().enumerate() {
            if *mass == 0.0 {
                continue;
            }
            if !found {
                found = before + mass > limit - margin;
                // The last bin before the cut is a candidate too.
                if !found {
                    (first, mass_before_first) = (bin, before);
                }
            }
            before += mass;
            if before > limit + margin {
                return (first..bin + 1, mass_before_first);
            }
        }
        (first..BINS, mass_before_first)
    }

    /// Like `cut`, for the terms nearest to the exponent `-depth`. Returns the undecided bins on both sides of those that
    /// certainly belong, the sum of the latter, and a distance (in exponents) that keeps the latter and nothing that certainly
    /// does not belong.
    pub fn cut_around(&self, depth: f64, limit: f64, margin: f64) -> ([Range<usize>; 2], f64, f64) {
        let centre = ((depth * self.bins_an_exponent) as usize).min(BINS - 1);
        // Everything outside of the bins up to `reach` from the centre's is farther than reach - 0.5, and everything in them is
        // nearer than reach + 1.5: a bin extends half a bin to either side, and the centre may be anywhere in its own.
        let mass_at = |reach: usize| {
            let above = centre.checked_sub(reach).map_or(0.0, |bin| self.masses[bin]);
            above + if reach == 0 { 0.0 } else { self.masses.get(centre + reach).copied().unwrap_or(0.0) }
        };
        let (mut nearer, mut inner, mut outer) = (0.0, 0, BINS);
        for reach in 0..BINS {
            nearer += mass_at(reach);
            if nearer < limit - margin {
                inner = reach;
            }
            if nearer > limit + margin {
                outer = reach;
                break;
            }
        }
        // Two more on either side cover that and rounding.
        let (certain, outer) = (inner.saturating_sub(2), outer + 2);
        let (first, end) = (centre.saturating_sub(outer), (centre + outer + 1).min(BINS));
        if certain == 0 {
            return ([first..end, 0..0], 0.0, 0.0);
        }
        // The bins up to certain - 1 from the centre's belong.
        let (from, to) = ((centre + 1).saturating_sub(certain), (centre + certain).min(BINS));
        let mass = self.masses[from..to].iter().sum();
        let distance = (certain as f64 + 0.5) / self.bins_an_exponent;
        ([first..from, to..end], mass, distance)
    }
}

impl Survivors<'_> {
    /// Returns the mass by logit, in bins that reach so far down that everything below them weighs less than `share` of the
    /// whole; `None` if there are too few tokens to make this worth it.
    pub fn spread(&mut self, share: f64) -> Option<Spread> {
        let (max, scale, floor) = self.opened_law();
        if self.blocks.len() < FEW_BLOCKS {
            return None;
        }
        // The best token alone weighs 1.
        let depth = math::ln((self.blocks.len() * BLOCK) as f64 / share);
        let bins_an_exponent = (BINS - 1) as f64 / depth;
        let bins_a_logit = ((bins_an_exponent * f64::from(scale)) as f32).min(f32::MAX);
        let mut spread = Spread { masses: [0.0; BINS], max, bins_a_logit, bins_an_exponent, mass: 0.0, energy: 0.0 };
        let maxima = &self.maxima.as_flattened()[..self.blocks.len()];
        (spread.mass, spread.energy) =
            kernels::spread(self.blocks, maxima, (max, scale, floor), bins_a_logit, &mut spread.masses);
        Some(spread)
    }

    /// Adds the keys of the survivors in some bins to `keys`.
    pub fn collect_bins(&mut self, spread: &Spread, bins: Range<usize>, keys: &mut alloc::vec::Vec<u64>) {
        if bins.is_empty() {
            return;
        }
        // One more bin on either side, so that rounding leaves out no token; then each token is checked.
        let edge = |bin: usize| f64::from(spread.max) - bin as f64 / f64::from(spread.bins_a_logit);
        let low = if bins.end == BINS { f32::MIN } else { (edge(bins.end + 1) as f32).next_down() };
        let high = if bins.start == 0 { f32::INFINITY } else { (edge(bins.start - 1) as f32).next_up() };
        self.for_each_between(low, high, usize::MAX, &mut |place, x| {
            if bins.contains(&kernels::bin(x, spread.max, spread.bins_a_logit)) {
                keys.push(key::pack(x, place));
            }
        });
    }
}
