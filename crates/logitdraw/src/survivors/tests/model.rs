//! Survivors as a plain list.

use super::*;
use crate::kernels::EXP_LOWEST;

/// Living tokens and their logits, ids ascending.
pub struct Model {
    pub alive: Vec<(u32, f32)>,
    min_keep: usize,
    /// The logits at the time they were to be remembered.
    remembered: Option<Vec<(u32, f32)>>,
}

/// Whether two sums are equal, except for the rounding of the kernels' sums.
pub fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 2e-6 * a.abs().max(b.abs()) + 1e-40
}

fn weight(exponent: f32) -> f64 {
    if exponent >= EXP_LOWEST { f64::from(exponent).exp() } else { 0.0 }
}

impl Model {
    pub fn new(row: &[f32], min_keep: usize) -> Self {
        let mut model = Self { alive: (0..).zip(row.iter().copied()).collect(), min_keep, remembered: None };
        model.bury();
        model
    }

    fn bury(&mut self) {
        self.alive.retain(|(_, x)| *x != f32::NEG_INFINITY);
    }

    /// Best first; of equal ones the lower id.
    pub fn sorted(&self) -> Vec<(u32, f32)> {
        let mut sorted = self.alive.clone();
        sorted.sort_by(|a, b| b.1.partial_cmp(&a.1).unwrap().then(a.0.cmp(&b.0)));
        sorted
    }

    pub fn any(&self, random: &mut Random) -> (u32, f32) {
        self.alive[random.below(self.alive.len())]
    }

    fn max(&self) -> f32 {
        self.alive.iter().fold(f32::NEG_INFINITY, |max, (_, x)| max.max(*x))
    }

    pub fn rewrite(&mut self, mut f: impl FnMut(u32, f32) -> f32) {
        for (id, x) in &mut self.alive {
            *x = f(*id, *x);
        }
        self.bury();
    }

    pub fn edit(&mut self, id: u32, f: impl Fn(f32) -> f32) {
        self.rewrite(|other, x| if other == id { f(x).min(f32::MAX) } else { x });
    }

    pub fn edit_all(&mut self, waiting: &Waiting<'_>) {
        self.rewrite(|id, x| {
            let count = waiting.counts.map_or(1, |counts| counts.count(id));
            let seen = if waiting.counted { count } else { count.min(1) };
            if count == 0 { x } else { (waiting.edit)(x, seen, &waiting.parameters).min(f32::MAX) }
        });
    }

    pub fn remember(&mut self) {
        self.remembered = Some(self.alive.clone());
    }

    pub fn raise_floor(&mut self, threshold: f64) {
        let sorted = self.sorted();
        let spared = sorted[self.min_keep.min(sorted.len()) - 1].1;
        self.alive.retain(|(_, x)| f64::from(*x) >= threshold || *x >= spared);
    }

    pub fn keep_best(&mut self, n: usize) {
        self.alive = self.sorted();
        self.alive.truncate(n.max(self.min_keep));
        self.alive.sort_unstable_by_key(|(id, _)| *id);
    }

    pub fn keep_only_best(&mut self) {
        self.alive = self.sorted();
        self.alive.truncate(1);
    }

    pub fn cut_before(&mut self, rank: usize, spares: impl Fn(u32) -> bool) {
        let sorted = self.sorted();
        let before = &sorted[..rank.min(sorted.len()) - 1];
        self.alive.retain(|(id, _)| spares(*id) || before.iter().all(|(other, _)| other != id));
    }

    pub fn assert_max(&self, told: &str, alive: &mut Survivors<'_>) {
        assert_eq!(alive.max(), self.max(), "{told}");
        assert_eq!(alive.check_left().is_ok(), !self.alive.is_empty(), "{told}");
    }

    /// Asserts the same tokens with the same logits, by every way to ask for them.
    pub fn assert_same(&self, told: &str, alive: &mut Survivors<'_>) {
        let mut got = Vec::new();
        alive.for_each_id(|id, x| got.push((id, x)));
        assert_eq!(got, self.alive, "{told}");
        assert_eq!(alive.count(), self.alive.len(), "{told}");
        self.assert_max(told, alive);
        let mut places = Vec::new();
        alive.for_each(|place, _| places.push(place));
        for (place, (id, x)) in places.into_iter().zip(&self.alive) {
            assert_eq!((alive.id(place), alive.place(*id).unwrap()), (*id, place), "{told}");
            assert_eq!((alive.logit(place), alive.logit_of(*id)), (*x, Some(*x)), "{told}");
            if let Some(remembered) = &self.remembered {
                let before = remembered.iter().find(|(other, _)| other == id).map(|(_, x)| *x);
                assert_eq!(alive.remembered(place).map(|(x, _)| x), before, "{told}: before, token {id}");
            }
        }
    }

    pub fn assert_ranks(&self, told: &str, alive: &mut Survivors<'_>, random: &mut Random) {
        let sorted = self.sorted();
        for _ in 0..3 {
            let rank = 1 + random.below(sorted.len() + 2);
            let (id, x) = sorted[rank.min(sorted.len()) - 1];
            let nth = alive.nth(rank);
            assert_eq!((alive.id(nth.place), nth.x), (id, x), "{told}: rank {rank}");
            let best: Vec<u32> = alive.best(rank).iter().map(|key| *key as u32).collect();
            let best: Vec<u32> = best.into_iter().map(|place| alive.id(place)).collect();
            assert!(best.iter().eq(sorted.iter().take(rank).map(|(id, _)| id)), "{told}: best {rank}");
        }
    }

    /// Asserts the mass. If it is the first thing asked, it must open every block that matters.
    pub fn assert_mass(&self, told: &str, alive: &mut Survivors<'_>) {
        let (max, scale) = (self.max(), alive.scale());
        let (mass, sums) = (alive.mass(), alive.sums());
        let model: f64 = self.alive.iter().map(|(_, x)| weight((x - max) * scale)).sum();
        assert!(close(mass, model) && mass == sums.mass, "{told}: {mass} for {model}, {sums:?}");
    }

    /// Asserts sums against sums in double; the exponents are in float32, as the law defines them.
    pub fn assert_sums(&self, told: &str, alive: &mut Survivors<'_>) {
        let (max, scale) = (self.max(), alive.scale());
        let exponent = |x: f32| (x - max) * scale;
        let weight = |x: f32| weight(exponent(x));
        let sorted = self.sorted();
        let total = |tokens: &[(u32, f32)]| tokens.iter().map(|(_, x)| weight(*x)).sum::<f64>();
        let whole = total(&sorted);
        for _ in 0..2 {
            let rank = (sorted.len() - 1) * 2 / 3;
            for rank in [0, rank / 7, rank, sorted.len() - 1] {
                let (id, x) = sorted[rank];
                let place = alive.place(id).unwrap();
                let before = alive.mass_before(x, place);
                let from = sorted.iter().filter(|(_, other)| *other >= x).count();
                assert!(close(before, total(&sorted[..rank])), "{told}: {before} before rank {rank}");
                assert_eq!(before == 0.0, rank == 0, "{told}: before rank {rank}");
                let mass = alive.mass_from(x);
                // Whatever the floor: logits below it may still be in the row.
                assert!(mass >= total(&sorted[..from]) * (1.0 - 2e-6), "{told}: {mass} from {x}");
            }
            // This may turn the row into a list, which the second round checks.
            assert!(close(alive.mass(), whole), "{told}: {} for {whole}", alive.mass());
        }
        let sums = alive.sums();
        let energy: f64 = sorted
            .iter()
            .map(|(_, x)| weight(*x))
            .zip(&sorted)
            .fold(0.0, |sum, (w, (_, x))| if w == 0.0 { sum } else { sum + w * f64::from(exponent(*x)) });
        assert!(close(sums.mass, whole) && close(sums.energy, energy), "{told}: {sums:?}");
        assert!(close(sums.squares, sorted.iter().map(|(_, x)| weight(*x).powi(2)).sum()), "{told}: {sums:?}");
        // `add_law` adds to what is already there.
        let mut law = vec![2.0; alive.vocab_size()];
        alive.add_law(0.25, &mut law);
        let mut expected = vec![2.0; alive.vocab_size()];
        for (id, x) in &sorted {
            expected[*id as usize] += 0.25 * weight(*x) / whole;
        }
        let close_to = |(p, expected): (&f32, &f64)| (f64::from(*p) - expected).abs() < 1e-6;
        assert!(law.iter().zip(&expected).all(close_to), "{told}: {law:?} for {expected:?}");
    }
}
