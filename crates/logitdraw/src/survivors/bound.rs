//! Finds, from the block maxima, a logit that the best `n` survivors reach and few others.

use super::Survivors;
use crate::kernels::{self, BLOCK};
use crate::key;

/// A bound is crowded if more than this many times the requested number reach it.
const MANY: usize = 2;
/// How many times as many blocks are opened next if edits have lowered the best ones.
pub(super) const MORE: usize = 4;
/// Blocks with more logits than this hold many.
const FULL: usize = 16;
/// How many times a range of logits is halved at most.
const HALVINGS: u32 = 12;

/// A logit that at least the requested number of logits reach.
pub(super) struct Bound {
    pub x: f32,
    /// Whether the blocks that reach it may hold many more. If not, they are the marked blocks, and already opened.
    pub crowded: bool,
}

impl Survivors<'_> {
    /// Returns a logit that at least `n` logits reach, and few more than necessary.
    pub(super) fn bound_of_best(&mut self, n: usize) -> Bound {
        let mut bound = self.nth_block_max(n);
        if bound.crowded {
            bound.x = self.nth_of_blocks(n, bound.x);
        }
        bound
    }

    /// The n-th largest block maximum, or a little less while edits wait: at least `n` logits reach it.
    fn nth_block_max(&mut self, n: usize) -> Bound {
        if self.edits.len == 0 {
            return self.nth_maximum(n);
        }
        // Some maxima are too large. More than `n` blocks are opened, and the n-th largest of their true maxima is a safe bound;
        // if many blocks reach it (edits have lowered the best ones), many more are opened.
        let mut many = n.saturating_mul(2);
        loop {
            let likely = self.nth_maximum(many).x;
            self.mark_reaching(likely);
            self.open_reaching();
            let x = self.nth_reaching(n);
            if self.mark_reaching(x) <= many.saturating_mul(MORE) {
                self.open_reaching();
                let crowded = self.mark_reaching(x) > n.saturating_mul(MANY);
                return Bound { x: if crowded { self.nth_reaching(n) } else { x }, crowded };
            }
            many *= MORE;
        }
    }

    /// Opens the `many` best blocks, or those that reach `x` if these are fewer.
    pub(super) fn open_best(&mut self, many: usize, x: f32) {
        if self.mark_reaching(x) > many {
            let x = halved(self.maxima.as_flattened().as_chunks().0, many, (x, f32::MAX));
            self.mark_reaching(x);
        }
        self.open_reaching();
    }

    /// Returns a logit that at least `n` maxima reach, and few more than necessary.
    fn nth_maximum(&mut self, n: usize) -> Bound {
        if n > self.blocks.len() {
            return Bound { x: f32::MIN, crowded: true };
        }
        let Self { maxima, lanes, .. } = self;
        let lanes = &mut lanes[..maxima.len()];
        let (least, best) = kernels::lanes_max(maxima, lanes);
        if n > 4 * lanes.len() {
            return Bound { x: halved(maxima.as_flattened().as_chunks().0, n, (f32::MIN, best)), crowded: true };
        }
        // The four lane maxima of each group of maxima suffice, and are fewer.
        let x = halved(lanes, n, (least, best));
        // Where good tokens are close together, lane maxima miss most of them.
        let crowded = self.mark_reaching(x) > n.saturating_mul(MANY);
        Bound { x: if crowded { self.nth_reaching(n) } else { x }, crowded }
    }

    /// Lists the marked blocks in `keys`.
    fn list_reaching(&mut self) {
        self.keys.clear();
        for (group, bits) in self.reaching[..self.maxima.len()].iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                self.keys.push((group * BLOCK) as u64 + u64::from(bits.trailing_zeros()));
                bits &= bits - 1;
            }
        }
    }

    /// The `n`-th largest of the marked maxima, selected exactly; if there are fewer than `n`, the lowest float.
    fn nth_reaching(&mut self, n: usize) -> f32 {
        self.list_reaching();
        for key in self.keys.iter_mut() {
            *key = key::pack(self.maxima.as_flattened()[*key as usize], 0);
        }
        if self.keys.len() < n { f32::MIN } else { key::unpack(key::select(self.keys, n - 1)).0.max(f32::MIN) }
    }

    /// Returns a logit that at least `n` logits reach. `bound` is one too, but the blocks that reach it hold many more logits:
    /// halving the range above it a few times is cheaper than selecting among all of them.
    fn nth_of_blocks(&mut self, n: usize, bound: f32) -> f32 {
        if n > self.blocks.len() * BLOCK / MANY {
            return bound;
        }
        self.open(bound);
        let (mut low, mut high) = (key::ascending(bound), key::ascending(self.max()));
        let reaching = self.mark_reaching(bound);
        // Halving cannot tell thousands of tied blocks apart.
        if reaching > n.saturating_mul(MANY * MANY) {
            return bound;
        }
        self.list_reaching();
        let blocks = &*self.keys;
        let count = |x| -> usize {
            blocks.iter().map(|block| kernels::at_least(&self.blocks[*block as usize], x).count_ones() as usize).sum()
        };
        let mut at_low = count(bound);
        // Every halving reads every block, which pays off only if they hold many.
        let mut halvings = if at_low > FULL * reaching { HALVINGS } else { 0 };
        while halvings > 0 && at_low > n.saturating_mul(MANY) {
            let middle = low + (high - low) / 2;
            let at_middle = count(key::from_ascending(middle));
            if at_middle >= n {
                (low, at_low) = (middle, at_middle);
            } else {
                high = middle;
            }
            halvings -= 1;
        }
        key::from_ascending(low)
    }

    /// Counts the block maxima at or above a logit (which must be above -Infinity, their padding), and marks them in `reaching`.
    pub fn mark_reaching(&mut self, x: f32) -> usize {
        let mut count = 0;
        for (group, bits) in self.maxima.iter().zip(&mut *self.reaching) {
            *bits = kernels::at_least_inline(group, x);
            count += bits.count_ones() as usize;
        }
        count
    }
}

/// Returns a number that at least `n` of the numbers reach, and no more except for ties; it must lie in the range. The range is
/// halved, without a branch that could be mispredicted, until exactly `n` are found.
pub(super) fn halved(numbers: &[[f32; 4]], n: usize, (least, best): (f32, f32)) -> f32 {
    let (mut low, mut high) = (key::ascending(least.max(f32::MIN)), key::ascending(best.max(f32::MIN)) + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let count = kernels::count_at_least(numbers, key::from_ascending(middle)) as usize;
        (low, high) = if count >= n { (middle, high) } else { (low, middle) };
        if count == n {
            break;
        }
    }
    key::from_ascending(low)
}
