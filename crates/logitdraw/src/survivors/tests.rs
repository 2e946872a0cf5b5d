//! Survivors against a naive list of tokens: the same steps on both, for rows of every shape, must leave the same tokens.

mod model;
mod shares;

use super::{Floor, Survivors, Waiting};
use crate::history::{Counts, History, Memory};
use crate::kernels;
use crate::key;
use crate::logits::Logits;
use crate::rows::{Random, rows};
use crate::workspace::Workspace;
use model::{Model, close};
use std::prelude::v1::*;
use std::{format, vec};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SIZES: [usize; 7] = [1, 31, 32, 33, 100, 1000, 4097];

/// Calls `check` with the survivors of each row and with the model of them.
fn each(seed: u64, min_keep: usize, mut check: impl FnMut(&str, &mut Survivors<'_>, Model)) {
    for size in SIZES {
        for (name, row) in rows(size, seed + size as u64) {
            let mut logits = Logits::new(size);
            logits.set(&row).unwrap();
            let mut workspace = Workspace::new(size);
            let mut alive = Survivors::scan(logits.row(), &mut workspace, None, min_keep).unwrap();
            check(&format!("{name}, {size} tokens"), &mut alive, Model::new(&row, min_keep));
        }
    }
}

/// Ranks that ask for one, for some, for all, and for more.
fn ranks(count: usize) -> Vec<usize> {
    let mut ranks = vec![1, 2, 3, 10, 31, 32, 33, 40, count / 2, count.saturating_sub(1), count, count + 1, 5000];
    ranks.retain(|rank| *rank > 0);
    ranks
}

fn counts(tokens: impl IntoIterator<Item = u32>) -> Counts {
    let (mut counts, mut history) = (Counts::new(8192, usize::MAX), History::default());
    for token in tokens {
        history.push(token, true);
        counts.push(&history, None);
    }
    counts
}

/// Waiting edits, as strategies make them: one that lowers by the count, one that raises some, one that reverses the order.
fn waiting<'a>(kind: usize, counts: &'a Counts, remember: bool) -> Waiting<'a> {
    let lowers = Waiting {
        counts: Some(counts),
        edit: |x, count, [a, ..]| kernels::lowered(x, f64::from(count) * a),
        block_edit: Some(|block, touched, counts, [a, ..]| kernels::subtract(block, touched, counts, *a)),
        parameters: [0.75, 0.0, 0.0, 0.0],
        bound: None,
        counted: true,
        remember,
    };
    match kind {
        0 => lowers,
        1 => Waiting { parameters: [-0.5, 0.0, 0.0, 0.0], bound: Some(lowers.edit), ..lowers },
        2 => Waiting {
            block_edit: None,
            counts: None,
            edit: |x, _, _| x * 0.5 + 1.0,
            bound: Some(|x, _, _| x * 0.5 + 1.0),
            ..lowers
        },
        3 => Waiting {
            block_edit: None,
            counts: None,
            edit: |x, _, _| 1.0 - x.abs(),
            bound: Some(|_, _, _| 1.0),
            ..lowers
        },
        _ => Waiting { block_edit: None, edit: |_, _, _| f32::NEG_INFINITY, counted: false, ..lowers },
    }
}

#[test]
fn ranks_match_a_sort() {
    each(1, 1, |name, alive, model| {
        model.assert_same(name, alive);
        let sorted = model.sorted();
        for rank in ranks(sorted.len()) {
            let (id, x) = sorted[rank.min(sorted.len()) - 1];
            assert_eq!(alive.nth(rank), Floor { x, place: id }, "{name}, rank {rank}");
            let best: Vec<u32> = alive.best(rank).iter().map(|key| *key as u32).collect();
            let expected: Vec<u32> = sorted.iter().take(rank).map(|(id, _)| *id).collect();
            assert_eq!(best, expected, "{name}, best {rank}");
            let from = sorted.iter().filter(|(_, other)| *other >= x).count();
            assert_eq!(alive.count_from(x), from, "{name}");
            assert_eq!(alive.collect(x).len(), from, "{name}");
        }
        for n in ranks(sorted.len()) {
            assert_eq!(alive.reaches(n), sorted.len() >= n, "{name}, {n}");
        }
        assert_eq!(alive.least_logit(), sorted[sorted.len() - 1].1, "{name}");
    });
}

#[test]
fn sums_match_double_arithmetic() {
    each(2, 1, |name, alive, model| {
        for temperature in [1.0, 0.8, 30.0, 1e-5] {
            alive.set_temperature(temperature);
            model.assert_sums(&format!("{name}, temperature {temperature}"), alive);
        }
    });
}

/// `nth` and the masses see the same order: the mass before a later token is never less.
#[test]
fn mass_before_never_decreases_with_rank() {
    each(3, 1, |name, alive, model| {
        let (mut last, whole) = (0.0, alive.mass());
        let sorted = model.sorted();
        for (id, x) in sorted.iter().step_by(1 + sorted.len() / 100) {
            let before = alive.mass_before(*x, *id);
            assert!(before >= last && before <= whole, "{name}: {last} then {before} of {whole} before token {id}");
            last = before;
        }
    });
}

#[test]
fn raise_drops_lower_logits_but_spares_min_keep_tokens() {
    for min_keep in [1, 2, 40] {
        let mut random = Random(4);
        each(4, min_keep, |name, alive, mut model| {
            let mut thresholds: Vec<f64> = (0..4).map(|_| f64::from(model.any(&mut random).1)).collect();
            thresholds.sort_by(f64::total_cmp);
            for threshold in [f64::NEG_INFINITY, -1e300].into_iter().chain(thresholds) {
                for threshold in [threshold, threshold + threshold.abs() * 1e-12] {
                    alive.raise_floor(threshold);
                    model.raise_floor(threshold);
                    model.assert_same(&format!("{name}, at or above {threshold}, at least {min_keep}"), alive);
                }
            }
            alive.raise_floor(f64::INFINITY);
            model.raise_floor(f64::INFINITY);
            model.assert_same(name, alive);
        });
    }
}

#[test]
fn cut_after_a_rank_keeps_the_best_tokens() {
    for min_keep in [1, 3, 40] {
        each(5, min_keep, |name, alive, mut model| {
            let mut ranks = ranks(model.alive.len());
            ranks.sort_unstable();
            for (turn, rank) in ranks.into_iter().rev().enumerate() {
                let last = alive.nth(rank);
                alive.cut_after(last);
                model.keep_best(rank);
                model.assert_same(&format!("{name}, the best {rank}, at least {min_keep}"), alive);
                if turn % 3 == 2 {
                    alive.compact();
                    model.assert_same(&format!("{name}, the best {rank} in a list"), alive);
                }
            }
        });
    }
}

#[test]
fn a_mask_keeps_only_allowed_tokens() {
    let mut random = Random(6);
    for size in SIZES {
        for (name, row) in rows(size, 60 + size as u64) {
            let words = random.below(size.div_ceil(32) + 1);
            let mask: Vec<u32> = (0..words).map(|_| (random.bits() | random.bits()) as u32).collect();
            let mut model = Model::new(&row, 1);
            model.alive.retain(|(id, _)| mask.get(*id as usize / 32).is_some_and(|word| word >> (id % 32) & 1 == 1));
            let (mut logits, mut workspace) = (Logits::new(size), Workspace::new(size));
            logits.set(&row).unwrap();
            match Survivors::scan(logits.row(), &mut workspace, Some(&mask), 1) {
                Ok(mut alive) => model.assert_same(&format!("{name}, {size} tokens"), &mut alive),
                Err(error) => {
                    assert_eq!(error.code, crate::ErrorCode::NoTokenLeft);
                    assert!(model.alive.is_empty(), "{name}, {size} tokens");
                }
            }
        }
    }
}

/// Steps in any order, as the chain takes them: edits that wait, edits of one token, floors, cuts, lists.
#[test]
fn any_sequence_of_steps_matches_the_model() {
    for size in SIZES {
        let mut workspace = Workspace::new(size);
        let mut logits = Logits::new(size);
        for seed in 0..if size < 1000 { 150 } else { 25 } {
            for (name, row) in rows(size, seed) {
                let mut random = Random(seed * 31 + size as u64);
                let tokens = |random: &mut Random| -> Vec<u32> {
                    let count = random.below(size.min(300) + 1);
                    (0..count).map(|_| random.below(size) as u32).collect()
                };
                let pool: Vec<Counts> = (0..3).map(|_| counts(tokens(&mut random))).collect();
                logits.set(&row).unwrap();
                let min_keep = random.one_of(&[1, 1, 1, 2, size.min(40)]);
                let mut alive = Survivors::scan(logits.row(), &mut workspace, None, min_keep).unwrap();
                let mut model = Model::new(&row, min_keep);
                alive.set_temperature(random.one_of(&[1.0, 0.7, 4.0]));
                let mut told = format!("{name}, {size} tokens, seed {seed}:");
                let mut remembers = random.below(3) == 0;
                for _ in 0..random.below(9) {
                    if model.alive.is_empty() {
                        break;
                    }
                    let step = step(&mut random, &mut alive, &mut model, &pool, &mut remembers);
                    told = format!("{told} {step};");
                    match random.below(8) {
                        0 | 1 => model.assert_max(&told, &mut alive),
                        2 if !model.alive.is_empty() => model.assert_mass(&told, &mut alive),
                        3 if !model.alive.is_empty() => model.assert_ranks(&told, &mut alive, &mut random),
                        _ => {}
                    }
                    if random.below(6) == 0 {
                        model.assert_same(&told, &mut alive);
                    }
                }
                model.assert_same(&told, &mut alive);
                if !model.alive.is_empty() {
                    model.assert_ranks(&told, &mut alive, &mut random);
                    model.assert_sums(&told, &mut alive);
                    model.assert_same(&told, &mut alive);
                }
            }
        }
    }
}

/// Takes one step on both, and returns its description.
fn step<'a>(
    random: &mut Random,
    alive: &mut Survivors<'a>,
    model: &mut Model,
    pool: &'a [Counts],
    remembers: &mut bool,
) -> String {
    let (id, x) = model.any(random);
    let rank = 1 + random.below(model.alive.len() + 2);
    match random.below(17) {
        0..=4 => {
            let (kind, counts) = (random.one_of(&[0, 0, 1, 1, 2, 2, 3, 3, 4]), &pool[random.below(3)]);
            let waiting = waiting(kind, counts, core::mem::take(remembers));
            if waiting.remember {
                model.remember();
            }
            model.edit_all(&waiting);
            alive.edit_all(waiting);
            format!("edit {kind} of many")
        }
        5 => {
            let other = random.below(alive.vocab_size()) as u32;
            let to = random.one_of(&[x, x + 2.0, -50.0, f32::INFINITY, f32::NEG_INFINITY]);
            for id in [id, other] {
                alive.edit(id, |_| to);
                model.edit(id, |_| to);
            }
            format!("edit {id} and {other} to {to}")
        }
        6 => {
            let len = random.one_of(&[1, 2, 40]);
            let near = random.below(alive.vocab_size());
            let ids: Vec<u32> = (0..len)
                .map(|i| match random.below(3) {
                    0 => random.below(alive.vocab_size()) as u32,
                    1 => id,
                    _ => ((near + i) % alive.vocab_size()) as u32,
                })
                .collect();
            alive.ban(&ids);
            for id in &ids {
                model.edit(*id, |_| f32::NEG_INFINITY);
            }
            format!("ban {ids:?}")
        }
        7 => {
            alive.raise_floor(f64::from(x));
            model.raise_floor(f64::from(x));
            format!("raise to {x}")
        }
        8 => {
            let last = alive.nth(rank);
            alive.cut_after(last);
            model.keep_best(rank);
            format!("cut behind rank {rank}")
        }
        9 => {
            let first = alive.nth(rank);
            // As XTC does.
            let mut gone = core::mem::take(alive.collect(first.x));
            gone.retain(|key| *key < key::pack(first.x, first.place) && !alive.id(*key as u32).is_multiple_of(3));
            gone.iter().for_each(|key| alive.remove(*key as u32));
            alive.give_back(gone);
            model.cut_before(rank, |id| id % 3 == 0);
            format!("cut before rank {rank}")
        }
        10 => {
            alive.gather_best(rank);
            let left = alive.count();
            assert!(left >= rank.min(model.alive.len()), "{left} gathered for {rank}");
            // At least the best ones, and nothing worse than what is left out.
            let worst = alive.least_logit();
            model.alive.retain(|(_, x)| *x >= worst);
            format!("gather {rank}")
        }
        11 => {
            let mut ids: Vec<u32> = (0..random.below(60)).map(|_| random.below(alive.vocab_size()) as u32).collect();
            ids.sort_unstable();
            ids.dedup();
            alive.retain(&ids);
            model.alive.retain(|(id, _)| ids.contains(id));
            format!("retain {ids:?}")
        }
        12 => {
            alive.drop_above(x);
            model.alive.retain(|(_, value)| *value <= x);
            format!("drop above {x}")
        }
        13 => {
            alive.rewrite(|id, x| if id % 7 == 3 { f32::NEG_INFINITY } else { x * 0.5 - 1.0 });
            model.rewrite(|id, x| if id % 7 == 3 { f32::NEG_INFINITY } else { x * 0.5 - 1.0 });
            "rewrite".into()
        }
        14 => {
            alive.compact();
            "compact".into()
        }
        15 => {
            let (n, exact) = (rank.max(alive.min_keep()), random.below(2) == 0);
            alive.keep_best(n, exact);
            let before = model.alive.clone();
            model.keep_best(n);
            if !exact {
                let worst = model.alive.iter().map(|(_, x)| *x).fold(f32::INFINITY, f32::min);
                model.alive = before;
                model.alive.retain(|(_, x)| *x >= worst);
            }
            format!("keep the best {n}, exact: {exact}")
        }
        _ => {
            assert_eq!(alive.logit_of(id), Some(x), "logit of {id}");
            // Something must survive a floor: no stage removes the last token.
            if random.below(8) == 0 || model.alive.len() == 1 {
                let best = alive.nth(1);
                alive.keep_only(best.place);
                model.keep_only_best();
                return "keep only the best".into();
            }
            let place = alive.place(id).unwrap();
            alive.remove(place);
            model.alive.retain(|(other, _)| *other != id);
            format!("remove {id}")
        }
    }
}

#[test]
fn thresholds_round_up() {
    for threshold in [0.1, -0.1, 1.0, 1e-50, -1e-50, 3.5e38, -3.5e38, f64::NEG_INFINITY, f64::INFINITY] {
        let x = super::narrow::at_or_above(threshold);
        assert!(f64::from(x) >= threshold && f64::from(x.next_down()) < threshold.max(f64::MIN), "{threshold}: {x}");
    }
}

#[test]
fn the_model_allows_for_rounding_only() {
    assert!(close(1.0, 1.0 + 1e-7) && !close(1.0, 1.0 + 3e-6));
}

/// A block that is not opened holds logits from before an edit, which must not be taken for edited ones.
#[test]
fn unopened_blocks_below_the_floor_stay_excluded() {
    let row: Vec<f32> = (0..64).map(|id| if id < 32 { 10.0 } else { 8.0 } - (id % 32) as f32 * 0.001).collect();
    let mut logits = Logits::new(row.len());
    logits.set(&row).unwrap();
    let mut workspace = Workspace::new(row.len());
    let mut alive = Survivors::scan(logits.row(), &mut workspace, None, 1).unwrap();
    let counts = counts([]);
    // 10 becomes 6, and 8 becomes 5.
    alive.edit_all(waiting(2, &counts, false));
    alive.raise_floor(5.5);
    assert_eq!(alive.nth(64).place, 31);
    assert_eq!(alive.best(64).len(), 32);
    assert_eq!(alive.count(), 32);
    let mut exponents = Vec::new();
    alive.exponents(kernels::Division::Double { divisor: 1.0, max: 6.0 }, &mut exponents);
    assert!(exponents.iter().enumerate().all(|(place, exponent)| exponent.is_finite() == (place < 32)));
    let mass = (0..32).map(|id| (-0.0005 * f64::from(id)).exp()).sum();
    assert!(close(alive.mass(), mass));
}
