//! Decides whether a drawn token belongs to a nucleus that was left to the draw: whether the mass before it is less than `p` of
//! the whole.
//!
//! The exact sums decide, but bounds wider than any rounding make most of them unnecessary. Lower bounds of the whole answer many
//! questions: those from the block maxima and the blocks that the draw has opened, or from the blocks read for the mass before
//! the token. Rough masses answer nearly all others: an error of a few percent in the masses on both sides of a token moves its
//! share by `p (1 - p)` times as much. A small nucleus refuses token after token; after the first question, the rough whole that
//! it left behind answers most of them.

use crate::pyramid::Pyramid;
use crate::survivors::{Nucleus, Sides, Survivors};
use core::ops::RangeInclusive;

/// How far below a token, in exponents, blocks are read before all of them are, if each has to be edited first.
const REACHES: [f64; 2] = [1.0, 2.5];
/// Up to this many blocks are summed exactly right away.
const FEW_BLOCKS: usize = 128;
/// Covers what the order of additions in double may change. Sums of non-negative terms in one order are monotone, so only a
/// bound's own additions count.
const ROUNDING: f64 = 1e-9;

/// Answers the questions of one draw.
pub(super) struct Membership {
    p: f64,
    floor: f32,
    /// `p` times the exact whole mass, once a question has needed it.
    limit: Option<f64>,
    /// Bounds of the whole mass, once a question has needed them.
    whole: RangeInclusive<f64>,
}

impl Membership {
    pub fn new(nucleus: Nucleus) -> Self {
        Self { p: nucleus.p, floor: nucleus.floor, limit: None, whole: 0.0..=f64::INFINITY }
    }

    /// Whether the token belongs to the nucleus.
    pub fn holds(&mut self, alive: &mut Survivors<'_>, pyramid: &Pyramid, x: f32, place: u32) -> bool {
        let may_be_rough = self.limit.is_none() && alive.has_rough_masses();
        if may_be_rough
            && alive.mark_reaching(x) > FEW_BLOCKS
            && let Some(answer) = self.roughly(alive, pyramid, x)
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
        let is_inside = |known: f64| before < self.p * known * (1.0 - ROUNDING);
        if is_inside(part.max(*self.whole.start())) || is_inside(least_mass(pyramid, alive)) {
            return true;
        }
        let is_outside = |known: f64| before > self.p * known * (1.0 + ROUNDING);
        if is_outside(*self.whole.end()) {
            return false;
        }
        if may_be_rough {
            let enough = before / (self.p * (1.0 - ROUNDING)) - part;
            let Some(rest) = self.rest(alive, x, enough) else { return true };
            self.whole = part + rest.start()..=part + rest.end();
            if is_outside(*self.whole.end()) {
                return false;
            }
        }
        let limit = self.p * alive.mass_from(self.floor);
        self.limit = Some(limit);
        before < limit
    }

    /// The answer, if rough masses give one.
    fn roughly(&mut self, alive: &mut Survivors<'_>, pyramid: &Pyramid, x: f32) -> Option<bool> {
        // The mass before the token is at most the mass at or above it, and at least the mass above it.
        let most = alive.add_blocks(x, f32::INFINITY, self.floor, x, Sides::default());
        let enough = most.above().end() * (1.0 - self.p) / self.p - most.below().start();
        // The least mass comes last: waiting edits make it expensive.
        let is_inside = |known: f64| *most.above().end() < self.p * known;
        if enough < 0.0 || is_inside(*self.whole.start()) || is_inside(least_mass(pyramid, alive)) {
            return Some(true);
        }
        let least = alive.add_blocks(x, f32::INFINITY, self.floor, x.next_up(), Sides::default());
        if *least.above().start() > self.p * self.whole.end() {
            return Some(false);
        }
        let Some(rest) = self.rest(alive, x, enough) else { return Some(true) };
        let opened = most.whole();
        self.whole = opened.start() + rest.start()..=opened.end() + rest.end();
        let is_outside = least.above().start() * (1.0 - self.p) > (least.below().end() + rest.end()) * self.p;
        is_outside.then_some(false)
    }

    /// Bounds of the mass of the blocks below a token; `None` once it is more than `enough`. If each block has to be edited
    /// first, they are read step by step.
    fn rest(&self, alive: &mut Survivors<'_>, x: f32, enough: f64) -> Option<RangeInclusive<f64>> {
        let last = self.floor.max(alive.weightless_below());
        let steps = if alive.has_waiting() { &REACHES[..] } else { &[] };
        let temperature = alive.temperature();
        let step = |reach: &f64| ((f64::from(x) - reach * temperature) as f32).max(last);
        let mut rest = Sides::default();
        let mut end = x;
        for least in steps.iter().map(step).chain([last]) {
            rest = alive.add_blocks(least, end, self.floor, x, rest);
            end = least;
            if *rest.below().start() > enough {
                return None;
            }
        }
        Some(rest.below())
    }
}

/// A lower bound of the mass of all survivors; while edits wait, of the blocks that none of them touches. 0 if it is
/// not known which these are, and at scales without rough masses, where the pyramid's bounds may be any number of times too large.
fn least_mass(pyramid: &Pyramid, alive: &Survivors<'_>) -> f64 {
    let mut touched = 0.0;
    let is_known = !alive.has_waiting() || alive.for_each_touched(|block| touched += f64::from(pyramid.weight(block)));
    if is_known && alive.has_rough_masses() { pyramid.least_mass(touched) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Counts, History, Memory};
    use crate::kernels;
    use crate::logits::Logits;
    use crate::rows::{Random, rows};
    use crate::survivors::Waiting;
    use crate::workspace::Workspace;

    /// Enough blocks for rough masses, and too few.
    const SIZES: [usize; 3] = [40_000, 9_000, 100];

    /// A waiting edit of the tokens in a history.
    fn lowering(counts: &Counts) -> Waiting<'_> {
        Waiting {
            counts: Some(counts),
            edit: |x, count, [a, ..]| kernels::lowered(x, f64::from(count) * a),
            block_edit: None,
            parameters: [0.75, 0.0, 0.0, 0.0],
            bound: None,
            counted: true,
            remember: false,
        }
    }

    #[test]
    fn rough_answers_agree_with_the_exact_sums() {
        let mut random = Random(31);
        let mut told = [[0; 2]; 2];
        for size in SIZES {
            for (name, row) in rows(size, size as u64) {
                for (temperature, p) in [(0.8, 0.95), (1.5, 0.5), (5.0, 0.999_9), (0.3, 0.02), (1.0, 0.0), (4e35, 0.9)]
                {
                    let waits = random.below(2) == 1;
                    let (mut counts, mut history) = (Counts::new(size, usize::MAX), History::default());
                    let mut edited = row.clone();
                    for _ in 0..if waits { size / 4 } else { 0 } {
                        let token = random.below(size);
                        history.push(token as u32, true);
                        counts.push(&history, None);
                    }
                    for (id, x) in edited.iter_mut().enumerate() {
                        let count = counts.count(id as u32);
                        if count > 0 && *x > f32::NEG_INFINITY {
                            *x = kernels::lowered(*x, f64::from(count) * 0.75);
                        }
                    }
                    // The same logits twice: with waiting edits, and with these already applied.
                    let (mut logits, mut plain_logits) = (Logits::new(size), Logits::new(size));
                    logits.set(&row).unwrap();
                    plain_logits.set(&edited).unwrap();
                    let (mut workspace, mut other) = (Workspace::new(size), Workspace::new(size));
                    let mut alive = Survivors::scan(logits.row(), &mut workspace, None, 1).unwrap();
                    let mut plain = Survivors::scan(plain_logits.row(), &mut other, None, 1).unwrap();
                    if waits {
                        alive.edit_all(lowering(&counts));
                    }
                    let raises = random.below(2) == 0;
                    for each in [&mut alive, &mut plain] {
                        each.set_temperature(temperature);
                        let least = f64::from(each.max()) - 6.0 * temperature;
                        if raises {
                            each.raise_floor(least);
                        }
                        each.defer_nucleus(p);
                    }
                    let floor = alive.floor().x;
                    assert_eq!(floor, plain.floor().x, "{name}");
                    let pyramid = alive.take_pyramid();
                    let (max, scale) = (alive.max(), alive.scale());
                    pyramid.weigh(alive.maxima(), max, scale, floor);
                    // As a draw lowers the blocks it opens: to a rough bound, or to the exact mass.
                    for _ in 0..random.below(2) * 20 {
                        let block = random.below(alive.block_count());
                        let rough = kernels::most_mass(alive.block(block), max, scale, floor);
                        let mass = kernels::block_mass(alive.block(block), max, scale, floor);
                        pyramid.lower(block, rough, if random.below(2) == 0 { rough } else { mass });
                    }
                    let whole = plain.mass_from(floor);
                    let least = least_mass(pyramid, &alive);
                    assert!(least <= whole, "{name}, {size}, {temperature}: {least} of {whole}");
                    let limit = p * whole;
                    // What one question learns of the whole mass helps to answer the next.
                    let mut going_on = Membership::new(alive.nucleus().unwrap());
                    for _ in 0..60 {
                        let place = random.below(size);
                        let x = edited[place];
                        if x < floor || kernels::exp(plain.exponent(x)) == 0.0 {
                            continue; // never drawn
                        }
                        let before = plain.masses_before(x, place as u32, floor).0;
                        let exact = before == 0.0 || before < limit;
                        let mut membership = Membership::new(alive.nucleus().unwrap());
                        let answer = membership.roughly(&mut alive, pyramid, x);
                        assert!(answer.is_none_or(|answer| answer == exact), "{name}, {size}: {before} of {limit}");
                        assert_eq!(membership.holds(&mut alive, pyramid, x, place as u32), exact, "{name}, {size}");
                        assert_eq!(going_on.holds(&mut alive, pyramid, x, place as u32), exact, "{name}, {size}");
                        let known = &going_on.whole;
                        assert!(
                            *known.start() <= whole && whole <= *known.end(),
                            "{name}, {size}: {whole} in {known:?}"
                        );
                        if let Some(answer) = answer {
                            told[usize::from(waits)][usize::from(answer)] += 1;
                        }
                    }
                }
            }
        }
        assert!(told.as_flattened().iter().all(|count| *count > 300), "{told:?}: too few rough answers of some kind");
    }
}
