//! Whether a drawn token belongs to a nucleus that was left to the draw: whether the mass before it is less than `p` of the whole.
//!
//! The exact sums decide; bounds that are wider than any rounding spare most of them. Lower bounds of the whole answer many questions:
//! the block maxima and the blocks that the draw has opened, or those that had to be looked at for the mass before. Rough masses answer
//! nearly all others: an error of a few percent in the masses on both sides of a token moves its share by `p (1 - p)` times as much.

use super::envelope::Envelope;
use crate::survivors::{Nucleus, Sides, Survivors};

/// How far below a token, in exponents, blocks are opened before all of them are.
const REACHES: [f64; 2] = [1.0, 2.5];
/// So many blocks are summed exactly at once.
const FEW_BLOCKS: usize = 128;
/// What the order of additions in double may do. Sums of non-negative terms in one order are monotone, so that only a bound's own
/// additions count.
const MARGIN: f64 = 1e-9;

/// The questions of one draw.
pub(super) struct Membership {
    p: f64,
    floor: f32,
    /// `p` times the whole mass, once it had to be known.
    limit: Option<f64>,
}

impl Membership {
    pub fn new(nucleus: Nucleus) -> Self {
        Self { p: nucleus.p, floor: nucleus.floor, limit: None }
    }

    /// Whether the token belongs.
    pub fn holds(&mut self, alive: &mut Survivors<'_>, envelope: &Envelope<'_>, x: f32, place: u32) -> bool {
        let may_be_rough = self.limit.is_none() && alive.has_rough_masses();
        if may_be_rough
            && alive.maxima_from(x) > FEW_BLOCKS
            && let Some(answer) = self.roughly(alive, envelope, x)
        {
            return answer;
        }
        let (before, part) = alive.masses_before(x, place, self.floor);
        if before == 0.0 {
            return true; // The best token is always in, whatever p is.
        }
        if let Some(limit) = self.limit {
            return before < limit;
        }
        let is_inside = |known: f64| before < self.p * known * (1.0 - MARGIN);
        if is_inside(part.max(envelope.least_mass(alive))) {
            return true;
        }
        if may_be_rough {
            let rest = alive.add_blocks_below(x, self.floor, Sides::default()).below();
            if is_inside(part + rest.start()) {
                return true;
            }
            if before > self.p * (part + rest.end()) * (1.0 + MARGIN) {
                return false;
            }
        } else if alive.has_waiting()
            && REACHES.iter().any(|reach| {
                // Blocks are opened a few at a time.
                let least = (f64::from(x) - reach * alive.temperature()).max(f64::from(f32::MIN)) as f32;
                is_inside(alive.mass_of_blocks(least, self.floor))
            })
        {
            return true;
        }
        let limit = self.p * alive.mass_from(self.floor);
        self.limit = Some(limit);
        before < limit
    }

    /// The answer where rough masses give one.
    fn roughly(&self, alive: &mut Survivors<'_>, envelope: &Envelope<'_>, x: f32) -> Option<bool> {
        // At most what stands at or above the token comes before it, and at least what stands above.
        let is_inside = |sides: Sides| sides.above().end() * (1.0 - self.p) < sides.below().start() * self.p;
        let is_outside = |sides: Sides| sides.above().start() * (1.0 - self.p) > sides.below().end() * self.p;
        let near = alive.add_blocks_from(x, self.floor, Sides::default());
        if is_inside(near) || *near.above().end() < self.p * envelope.least_mass(alive) {
            return Some(true);
        }
        let all = alive.add_blocks_below(x, self.floor, near);
        if is_inside(all) {
            return Some(true);
        }
        if !is_outside(all) {
            return None;
        }
        let x = x.next_up();
        let above = alive.add_blocks_from(x, self.floor, Sides::default());
        is_outside(alive.add_blocks_below(x, self.floor, above)).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels;
    use crate::logits::Logits;
    use crate::rows::{Random, rows};
    use crate::workspace::Workspace;

    /// Enough blocks that masses are told roughly, and few.
    const SIZES: [usize; 3] = [40_000, 9_000, 100];

    #[test]
    fn whatever_is_told_roughly_is_what_the_exact_sums_say() {
        let mut random = Random(31);
        let mut told = [0, 0];
        for size in SIZES {
            for (name, row) in rows(size, size as u64) {
                for (temperature, p) in [(0.8, 0.95), (1.5, 0.5), (5.0, 0.999_9), (0.3, 0.02), (1.0, 0.0), (1e35, 0.9)]
                {
                    let mut logits = Logits::new(size);
                    logits.set(&row).unwrap();
                    let mut workspace = Workspace::new(size);
                    let mut alive = Survivors::scan(logits.row(), &mut workspace, None, 1).unwrap();
                    alive.set_temperature(temperature);
                    let least = f64::from(alive.max()) - 6.0 * temperature;
                    if random.below(2) == 0 {
                        alive.raise(least);
                    }
                    alive.defer_nucleus(p);
                    let floor = alive.floor().x;
                    let envelope = Envelope::new(&mut alive, floor);
                    let limit = p * alive.mass_from(floor);
                    for _ in 0..60 {
                        let place = random.below(size);
                        let x = row[place];
                        let weight = kernels::exp(alive.exponent(x));
                        if x < floor || weight == 0.0 {
                            continue; // never drawn
                        }
                        let before = alive.masses_before(x, place as u32, floor).0;
                        let mut membership = Membership::new(alive.nucleus().unwrap());
                        let answer = membership.roughly(&mut alive, &envelope, x);
                        let exact = before == 0.0 || before < limit;
                        assert!(answer.is_none_or(|answer| answer == exact), "{name}, {size}: {before} of {limit}");
                        assert_eq!(membership.holds(&mut alive, &envelope, x, place as u32), exact, "{name}, {size}");
                        if let Some(answer) = answer {
                            told[usize::from(answer)] += 1;
                        }
                    }
                }
            }
        }
        assert!(told.iter().all(|count| *count > 500), "{told:?}: in and out");
    }
}
