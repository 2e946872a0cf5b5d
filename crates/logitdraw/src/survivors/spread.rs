//! The mass by logit, in narrow bins: where, to a bin or two, the sums fall by which a truncation is decided. Only what lies there
//! is then ordered token by token, so that no vocabulary is ever sorted.

use super::Survivors;
use crate::kernels::{self, BINS, BLOCK};
use crate::key;
use crate::math;
use core::ops::Range;

/// Of fewer blocks the tokens are ordered as fast.
const FEW_BLOCKS: usize = 32;

/// Bins of equal width from the largest logit down; the last one holds all that lies deeper.
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
    /// The bins in which the sum of all larger terms reaches `limit`, give or take `margin`, and the sum of what lies before them.
    /// With them comes the last token before them, if there is one.
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
                // The one before the cut is a candidate too.
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

    /// As `cut`, of the terms nearest to the exponent `-depth`: the bins on both sides of those that certainly belong, the sum of
    /// these, and a distance (in exponents) that keeps these and none that certainly does not belong.
    pub fn cut_around(&self, depth: f64, limit: f64, margin: f64) -> ([Range<usize>; 2], f64, f64) {
        let centre = ((depth * self.bins_an_exponent) as usize).min(BINS - 1);
        // All that is not in the bins up to `reach` from the centre's is farther than reach - 0.5; all in them is nearer than reach +
        // 1.5: a bin holds what is half a bin around it, and the centre is anywhere in its own.
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
        // That, and what rounding may do, is two more on either side.
        let (certain, outer) = (inner.saturating_sub(2), outer + 2);
        let (first, end) = (centre.saturating_sub(outer), (centre + outer + 1).min(BINS));
        if certain == 0 {
            return ([first..end, 0..0], 0.0, 0.0);
        }
        // The bins up to certain - 1 from the centre belong.
        let (from, to) = ((centre + 1).saturating_sub(certain), (centre + certain).min(BINS));
        let mass = self.masses[from..to].iter().sum();
        let distance = (certain as f64 + 0.5) / self.bins_an_exponent;
        ([first..from, to..end], mass, distance)
    }
}

impl Survivors<'_> {
    /// The mass by logit, in bins that reach as far down as all that lies deeper weighs less than `share`, at most, of the whole;
    /// none, where there are so few tokens that it is not worth it.
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

    /// Keys of the survivors in some bins, added to those collected.
    pub fn collect_bins(&mut self, spread: &Spread, bins: Range<usize>, keys: &mut alloc::vec::Vec<u64>) {
        if bins.is_empty() {
            return;
        }
        // A bin more on either side, so that rounding leaves none out; then each is asked.
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
