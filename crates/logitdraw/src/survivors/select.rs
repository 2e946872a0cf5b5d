//! Ranks and sums of the survivors, without sorting the vocabulary.

use super::{Floor, Survivors};
use crate::kernels::{self, BLOCK, Division, EXP_LOWEST, Sums};
use crate::key;
use crate::math;
use core::cmp::Ordering;

impl Survivors<'_> {
    /// A token's exponent, `(x - max) * scale`, at most 0.
    #[inline]
    pub fn exponent(&mut self, x: f32) -> f32 {
        (x - self.max()) * self.scale
    }

    /// Adds `share` times each survivor's probability to its token's element of `out`.
    pub fn add_law(&mut self, share: f64, out: &mut [f32]) {
        let mass = self.mass();
        let (max, scale, floor) = (self.max(), self.scale, self.floor.x);
        debug_assert_eq!(self.floor.place, u32::MAX, "sums have compacted it");
        for block in 0..self.blocks.len() {
            if self.block_max(block) < floor {
                continue;
            }
            self.settle(block);
            let terms = kernels::terms(&self.blocks[block], max, scale, floor);
            let part = |term: &f32| (f64::from(*term) / mass * share) as f32;
            let places = block * BLOCK..;
            if let Some(ids) = &self.ids {
                for (id, term) in ids[places].iter().zip(&terms) {
                    out[*id as usize] += part(term);
                }
            } else {
                for (p, term) in out[places].iter_mut().zip(&terms) {
                    *p += part(term);
                }
            }
        }
    }

    /// How many survive.
    pub fn count(&mut self) -> usize {
        self.count_from(f32::MIN)
    }

    /// How many survivors are at or above a logit.
    pub fn count_from(&mut self, x: f32) -> usize {
        let mut count = 0;
        let floor = self.floor;
        let x = x.max(floor.x);
        for block in 0..self.blocks.len() {
            if self.block_max(block) >= x {
                self.settle(block);
                let mut bits = kernels::at_least(&self.blocks[block], x);
                if floor.place != u32::MAX {
                    bits = self.kept_bits(block, bits);
                }
                count += bits.count_ones() as usize;
            }
        }
        count
    }

    /// Whether at least `n` survive.
    pub fn reaches(&mut self, n: usize) -> bool {
        let mut count = 0;
        self.for_each_between(f32::MIN, f32::INFINITY, n, &mut |_, _| count += 1);
        count >= n
    }

    /// Of the lanes in `bits`, those that a floor with a place keeps.
    fn kept_bits(&self, block: usize, bits: u32) -> u32 {
        let lanes = self.blocks[block].iter().enumerate();
        let kept = lanes.filter(|(lane, x)| self.floor.keeps(**x, (block * BLOCK + lane) as u32));
        kept.fold(0, |kept, (lane, _)| kept | 1 << lane) & bits
    }

    /// Sum of the survivors' weights, `exp((x - max) * scale)`, in the order `kernels` states.
    pub fn mass(&mut self) -> f64 {
        let (max, scale, floor) = self.opened_law();
        let maxima = &self.maxima.as_flattened()[..self.blocks.len()];
        kernels::mass(self.blocks, maxima, max, scale, floor)
    }

    /// The sums of the weights, of weight times exponent, and of squared weights.
    pub fn sums(&mut self) -> Sums {
        let (max, scale, floor) = self.opened_law();
        let maxima = &self.maxima.as_flattened()[..self.blocks.len()];
        kernels::sums(self.blocks, maxima, max, scale, floor)
    }

    /// The least logit among the survivors.
    pub fn least_logit(&mut self) -> f32 {
        let floor = self.opened_floor();
        kernels::least(self.blocks, &self.maxima.as_flattened()[..self.blocks.len()], floor)
    }

    /// The population standard deviation of the survivors' logits.
    pub fn deviation(&mut self) -> f64 {
        let floor = self.opened_floor();
        let maxima = &self.maxima.as_flattened()[..self.blocks.len()];
        // Distances from a value among the logits lose no digits to the mean.
        let (count, sum) = maxima
            .iter()
            .filter(|max| **max >= floor)
            .fold((0.0, 0.0), |(count, sum), max| (count + 1.0, sum + f64::from(*max)));
        let shift = (sum / count) as f32;
        let moments = kernels::moments(self.blocks, maxima, shift, floor);
        let (mut n, mut sum, mut squares) = (f64::from(moments.count), moments.sum, moments.squares);
        let too_near = squares < n * 1e-30 && sum != 0.0;
        if !(sum + squares).is_finite() || too_near {
            // The logits are too far apart for their squares in float32, or too close together.
            (n, sum, squares) = (0.0, 0.0, 0.0);
            self.for_each(|_, x| {
                let d = f64::from(x) - f64::from(shift);
                n += 1.0;
                sum += d;
                squares += d * d;
            });
        }
        let mean = sum / n;
        math::sqrt((squares / n - mean * mean).max(0.0))
    }

    /// Writes the survivors' exponents to `out`, one number per place, and -Infinity where nothing survives.
    pub fn exponents(&mut self, division: Division, out: &mut alloc::vec::Vec<f64>) {
        let floor = self.opened_floor();
        out.resize(self.blocks.len() * BLOCK, 0.0);
        let maxima = &self.maxima.as_flattened()[..self.blocks.len()];
        kernels::exponents(self.blocks, maxima, floor, division, out);
    }

    /// Sum of the weights at or above a logit, whatever the floor.
    pub fn mass_from(&mut self, x: f32) -> f64 {
        let (max, scale) = (self.max(), self.scale);
        let lowest = self.weightless_below();
        self.open(x.max(lowest));
        let maxima = &self.maxima.as_flattened()[..self.blocks.len()];
        kernels::mass(self.blocks, maxima, max, scale, x)
    }

    /// Sum of the weights of all tokens before this one in descending order.
    pub fn mass_before(&mut self, x: f32, place: u32) -> f64 {
        self.masses_before(x, place, f32::NEG_INFINITY).0
    }

    /// Like `mass_before`, and the sum of the weights at or above `floor` in the blocks that had to be read for it.
    pub fn masses_before(&mut self, x: f32, place: u32, floor: f32) -> (f64, f64) {
        let (max, scale) = (self.max(), self.scale);
        let (own, lane) = (place as usize / BLOCK, place % BLOCK as u32);
        self.open(x);
        let mut sums = (0.0, 0.0);
        for group in 0..self.maxima.len() {
            let bits = kernels::at_least(&self.maxima[group], x);
            if bits == 0 {
                continue;
            }
            let blocks = &self.blocks[group * BLOCK..];
            // Of the logits equal to the token's, only those in blocks up to its own come before it.
            let (earlier, itself) = match (own / BLOCK).cmp(&group) {
                Ordering::Less => (0, 0),
                Ordering::Equal => (bits & ((1 << (own % BLOCK)) - 1), 1 << (own % BLOCK)),
                Ordering::Greater => (bits, 0),
            };
            if earlier != 0 {
                sums = kernels::add_masses(blocks, earlier, max, scale, floor, x, sums);
            }
            if bits & itself != 0 {
                let (before, all) = kernels::block_masses(&blocks[own % BLOCK], max, scale, floor, x, lane);
                sums = (sums.0 + f64::from(before), sums.1 + f64::from(all));
            }
            let later = bits & !earlier & !itself;
            if later != 0 {
                sums = kernels::add_masses(blocks, later, max, scale, floor, x.next_up(), sums);
            }
        }
        sums
    }

    /// The survivor of a rank (1 is the best), or the last one if there are fewer.
    pub fn nth(&mut self, rank: usize) -> Floor {
        self.collect_best(rank);
        let last = rank.min(self.keys.len()) - 1;
        let (x, place) = key::unpack(key::select(self.keys, last));
        Floor { x, place }
    }

    /// The best `n` survivors (or all), best first, as keys.
    pub fn best(&mut self, n: usize) -> &[u64] {
        self.collect_best(n);
        if self.keys.len() > n {
            key::select(self.keys, n - 1);
            self.keys.truncate(n);
        }
        key::sort(self.keys);
        self.keys
    }

    /// Keys of the survivors at or above a logit, in ascending places, to reorder at will.
    pub fn collect(&mut self, x: f32) -> &mut alloc::vec::Vec<u64> {
        self.collect_first(usize::MAX, x)
    }

    /// Keys of the first `n` survivors at or above a logit.
    fn collect_first(&mut self, n: usize, x: f32) -> &mut alloc::vec::Vec<u64> {
        let mut keys = self.take_keys();
        self.for_each_between(x, f32::INFINITY, n, &mut |place, x| keys.push(key::pack(x, place)));
        *self.keys = keys;
        self.keys
    }

    /// Lends the buffer for keys, emptied.
    pub fn take_keys(&mut self) -> alloc::vec::Vec<u64> {
        let mut keys = core::mem::take(self.keys);
        keys.clear();
        keys
    }

    /// Returns what `take_keys` lent.
    pub fn give_back(&mut self, keys: alloc::vec::Vec<u64>) {
        *self.keys = keys;
    }

    /// Lends a buffer with room for one weight per token, emptied.
    pub fn take_doubles(&mut self) -> alloc::vec::Vec<f64> {
        let mut doubles = core::mem::take(self.doubles);
        doubles.clear();
        doubles.reserve(self.vocab_size);
        doubles
    }

    /// Returns what `take_doubles` lent.
    pub fn give_back_doubles(&mut self, doubles: alloc::vec::Vec<f64>) {
        *self.doubles = doubles;
    }

    /// Collects the best `n` and a few more.
    fn collect_best(&mut self, n: usize) {
        let max = self.max();
        if self.edits.len == 0 && self.mark_reaching(max) >= n {
            // All tie with the best, so the first ones are the best.
            self.collect_first(n, max);
            return;
        }
        let bound = self.bound_of_best(n).x;
        self.collect(bound);
    }

    /// The logit below which weights are 0.
    pub(crate) fn weightless_below(&mut self) -> f32 {
        // A little lower, because sums multiply where this divides.
        self.max() + EXP_LOWEST * 1.000_001 / self.scale
    }

    /// Returns the floor, after opening every block that may hold a survivor.
    fn opened_floor(&mut self) -> f32 {
        self.compact_cut();
        self.open(self.floor.x);
        self.floor.x
    }

    /// Returns the largest logit, the scale and the floor, after opening every block that can weigh anything.
    pub fn opened_law(&mut self) -> (f32, f32, f32) {
        self.compact_cut();
        let lowest = self.weightless_below();
        self.open(self.floor.x.max(lowest));
        (self.max(), self.scale, self.floor.x)
    }
}
