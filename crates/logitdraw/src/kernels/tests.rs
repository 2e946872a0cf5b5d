//! Each kernel against a naive model in double, and against its scalar twin where the two differ. To test WebAssembly too,
//! `cargo test --lib --target wasm32-unknown-unknown` runs these tests in Node.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod against_twin;
mod exponentials;
mod moments;

use super::*;
use crate::logits::Logits;
use crate::rows::{Random, rows};
use std::prelude::v1::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const INF: f32 = f32::INFINITY;
/// Half a unit in the last place, relative: the most a float32 operation errs.
const ROUNDING: f64 = 1.0 / (1 << 24) as f64;
/// The error that `exp` states: 1.6 units in the last place, each at most 2^-23.
const EXP_ERROR: f64 = 3.2 * ROUNDING;

/// Every row of every length from 1 to 200 as the sampler hands it to the kernels, and a few long ones.
fn each_row(mut check: impl FnMut(&str, &mut [Block])) {
    for len in (1..=200).chain([1000, 4097]) {
        for (name, row) in rows(len, len as u64) {
            let mut logits = Logits::new(len);
            logits.set(&row).unwrap();
            check(&std::format!("{name}, {len} tokens"), logits.row().blocks);
        }
    }
}

/// What `scan` finds, and the block maxima that it writes.
fn scanned(row: &[Block]) -> (Scan, Vec<f32>) {
    let mut maxima = std::vec![f32::NEG_INFINITY; row.len()];
    (scan(row, &mut maxima), maxima)
}

/// Whether `scan` may be suspicious without a NaN: a zero beside an infinity, or beside logits whose product overflows, looks like one.
fn may_be_suspected(row: &[Block]) -> bool {
    let logits = row.as_flattened();
    logits.contains(&0.0) && logits.iter().any(|x| x.abs() > 1e9)
}

fn largest(row: &[f32]) -> f32 {
    row.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

/// Scales and floors that a row is weighed with: floors of no effect, among the logits, and above them all.
fn laws(row: &[Block]) -> Vec<(f32, f32)> {
    let max = largest(row.as_flattened());
    let middle = row[row.len() / 2].iter().copied().find(|x| x.is_finite()).unwrap_or(max);
    let mut laws = Vec::new();
    for scale in [1.0, 1.25, 0.01, 7e4, f32::MAX] {
        laws.extend([f32::MIN, middle, max, max.next_up()].map(|floor| (scale, floor)));
    }
    laws
}

/// The logits' weights in double. The exponents are the kernels' own, whose two roundings are part of the law.
fn weights(block: &Block, max: f32, scale: f32, keeps: impl Fn(usize, f32) -> bool) -> [f64; BLOCK] {
    std::array::from_fn(|lane| {
        let y = (block[lane] - max) * scale;
        if keeps(lane, block[lane]) && y >= EXP_LOWEST { f64::from(y).exp() } else { 0.0 }
    })
}

/// Asserts that `got` has at most the error of the terms and of nine additions.
fn assert_sum(got: f64, model: f64, error_of_a_term: f64, what: &str) {
    let allowed = model.abs() * (error_of_a_term + 9.0 * ROUNDING) * 1.001 + 1e-43;
    assert!((got - model).abs() <= allowed, "{what}: {got:e}, not {model:e}");
}

#[test]
fn exp_is_within_its_stated_error() {
    let check = |bits: u32| {
        let y = f32::from_bits(bits);
        let (got, model) = (f64::from(exp(y)), f64::from(y).exp());
        // A unit in the last place of a float32 near the model, which is always a normal number.
        let ulp = f64::from_bits((model.to_bits() >> 52) << 52) / f64::from(1 << 23);
        assert!((got - model).abs() <= 1.6 * ulp, "exp({y:e}) = {got:e}, not {model:e}");
    };
    let lowest = EXP_LOWEST.to_bits();
    (0x8000_0000..lowest).step_by(997).for_each(check);
    // Every float around the points where rounding to a power of two changes sides, and at both ends.
    for n in 0..125 {
        let border = (-(f64::from(n) + 0.5) * std::f64::consts::LN_2) as f32;
        (border.to_bits() - 50..border.to_bits() + 50).for_each(check);
    }
    (0x8000_0000..0x8000_0100).chain(lowest - 0x100..=lowest).for_each(check);
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(-0.0), 1.0);
    for y in [EXP_LOWEST.next_down(), -88.0, -104.0, -1e9, f32::MIN, -INF] {
        assert_eq!(exp(y).to_bits(), 0, "exp({y})");
    }
}

#[test]
fn scan_finds_each_blocks_maximum() {
    each_row(|name, row| {
        let (scan, maxima) = scanned(row);
        for (block, max) in row.iter().zip(&maxima) {
            assert_eq!(*max, largest(block), "{name}");
            assert_eq!(block_max(block), *max, "{name}");
        }
        let mut lanes = std::vec![[7.0; 4]; row.len()];
        let (least, best) = lanes_max(row, &mut lanes);
        assert!(lanes.iter().zip(&maxima).all(|(lanes, max)| largest(lanes) == *max), "{name}");
        assert_eq!(least, lanes.as_flattened().iter().copied().fold(INF, f32::min), "{name}");
        assert_eq!((scan.max, best), (largest(row.as_flattened()), scan.max), "{name}");
        assert!(!scan.suspicious || may_be_suspected(row), "{name}");
    });
}

#[test]
fn scans_detect_nan_and_infinity_at_any_index() {
    for len in 1..=200 {
        for (name, row) in rows(len, 1000 + len as u64) {
            for bad in [f32::NAN, -f32::NAN, INF] {
                let index = Random(len as u64).below(len);
                // Every place in short rows, one place in each longer row.
                for index in if len <= 70 { 0..len } else { index..index + 1 } {
                    let mut logits = Logits::new(len);
                    logits.set(&row).unwrap();
                    logits.values_mut()[index] = bad;
                    let blocks = logits.row().blocks;
                    let (scan, mut maxima) = scanned(blocks);
                    assert!(scan.suspicious || scan.max == INF, "{bad} at {index} of {name}, {len} tokens");
                    let block = index / BLOCK;
                    assert_eq!(
                        blocks.iter().position(has_nan),
                        bad.is_nan().then_some(block),
                        "{bad} at {index} of {name}"
                    );
                    let before = blocks.to_vec();
                    let (clean, _) = scan_masked(blocks, &[0; 7], &mut maxima);
                    assert!(clean <= block, "{bad} at {index} of {name}, {len} tokens");
                    assert_eq!(bits(&blocks[clean]), bits(&before[clean]), "a bad block is unchanged");
                }
            }
        }
    }
}

fn bits(row: &[f32]) -> Vec<u32> {
    row.iter().map(|x| x.to_bits()).collect()
}

/// A mask of at most `most` words; words of all zeros or all ones take paths of their own.
fn mask(random: &mut Random, most: usize) -> Vec<u32> {
    let words = random.below(most + 1);
    let mut word = || {
        let some = random.bits() as u32;
        random.one_of(&[some, some, 0, u32::MAX])
    };
    (0..words).map(|_| word()).collect()
}

#[test]
fn scan_masked_keeps_only_allowed_logits() {
    let mut random = Random(5);
    each_row(|name, row| {
        if name.starts_with("huge") {
            return; // `scan_masked` stops where sums overflow: tested above
        }
        let mask = mask(&mut random, row.len());
        let before = row.to_vec();
        let allowed = |id: usize| mask.get(id / BLOCK).is_some_and(|word| word >> (id % BLOCK) & 1 == 1);
        let mut maxima = std::vec![7.0; row.len()];
        let (clean, max) = scan_masked(row, &mask, &mut maxima);
        assert_eq!(clean, row.len(), "{name}");
        for (id, (after, before)) in row.as_flattened().iter().zip(before.as_flattened()).enumerate() {
            assert_eq!(after.to_bits(), if allowed(id) { *before } else { -INF }.to_bits(), "{name}, token {id}");
        }
        assert_eq!(max, largest(row.as_flattened()), "{name}");
        assert!(row.iter().zip(&maxima).all(|(block, max)| *max == largest(block)), "{name}");
    });
}

#[test]
fn masses_and_sums_match_the_double_model() {
    each_row(|name, row| {
        let (_, maxima) = scanned(row);
        let max = largest(row.as_flattened());
        for (scale, floor) in laws(row) {
            let name = std::format!("{name}, scale {scale}, floor {floor}");
            let mut model = Sums::default();
            for block in &*row {
                let weights = weights(block, max, scale, |_, x| x >= floor);
                let own: f64 = weights.iter().sum();
                assert_sum(f64::from(block_mass(block, max, scale, floor)), own, EXP_ERROR, &name);
                assert_sum(f64::from(block_sum(&terms(block, max, scale, floor))), own, EXP_ERROR, &name);
                for (lane, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
                    model.mass += weight;
                    model.energy += weight * f64::from((block[lane] - max) * scale);
                    model.squares += weight * weight;
                }
            }
            assert_sum(mass(row, &maxima, max, scale, floor), model.mass, EXP_ERROR, &name);
            let sums = sums(row, &maxima, max, scale, floor);
            assert_sum(sums.mass, model.mass, EXP_ERROR, &name);
            assert_sum(sums.energy, model.energy, EXP_ERROR + ROUNDING, &name);
            // Squares below the smallest normal number lose precision.
            assert_sum(sums.squares, model.squares, 2.0 * EXP_ERROR + 2.0 * ROUNDING, &name);
            for block in &*row {
                for (term, x) in terms(block, max, scale, floor).iter().zip(block) {
                    assert_eq!(*term, if *x >= floor { exp((x - max) * scale) } else { 0.0 }, "{name}");
                }
            }
        }
    });
}

#[test]
fn block_masses_count_larger_logits_and_earlier_equal_ones() {
    let mut random = Random(6);
    each_row(|name, row| {
        let max = largest(row.as_flattened());
        let block = row[random.below(row.len())];
        let scale = random.one_of(&[1.0, 1.25, 0.01]);
        for lane in 0..=BLOCK {
            let x = block[random.below(BLOCK)];
            let (got, whole) = block_masses(&block, max, scale, f32::MIN, x, lane as u32);
            assert_eq!(whole.to_bits(), block_mass(&block, max, scale, f32::MIN).to_bits(), "{name}");
            let model = weights(&block, max, scale, |other, value| value > x || (value == x && other < lane));
            assert_sum(f64::from(got), model.iter().sum(), EXP_ERROR, &std::format!("{name}, lane {lane}, {x}"));
            // A draw's membership relies on this: a token further down never has less mass before it.
            let all = block_mass(&block, max, scale, x);
            assert!(got <= all, "{name}: {got} before lane {lane}, {all} at or above {x}");
        }
    });
}

#[test]
fn rough_masses_are_within_their_stated_error() {
    let mut random = Random(8);
    each_row(|name, row| {
        let max = largest(row.as_flattened());
        let all: Vec<f32> = row.as_flattened().iter().copied().filter(|x| x.is_finite()).collect();
        for scale in [1.0, 1.25, 0.01, 7e4, 1e-30, 9e29] {
            assert!(is_rough_scale(scale));
            let (x, low) = (random.one_of(&all), random.one_of(&all));
            let floor = random.one_of(&[f32::MIN, f32::MIN, low]);
            let (mut sums, mut model) = ((0.5, 0.25), [0.5, 0.25]);
            for blocks in row.chunks(BLOCK) {
                let bits = random.bits() as u32 & u32::MAX >> (BLOCK - blocks.len());
                sums = add_rough_masses(blocks, bits, max, scale, floor, x, sums);
                for (_, block) in blocks.iter().enumerate().filter(|(index, _)| bits >> index & 1 == 1) {
                    model[0] += weights(block, max, scale, |_, value| value >= floor && value >= x).iter().sum::<f64>();
                    model[1] += weights(block, max, scale, |_, value| value >= floor && value < x).iter().sum::<f64>();
                }
            }
            for (got, model) in [sums.0, sums.1].into_iter().zip(model) {
                let tiny = 2_f64.powi(-126) * row.as_flattened().len() as f64;
                assert!(got >= model * ROUGH_UNDER, "{name}, scale {scale}, {x}: {got} for {model}");
                assert!(got <= model * ROUGH_OVER + tiny, "{name}, scale {scale}, {x}: {got} for {model}");
            }
        }
    });
    // Each straight line errs most in its middle, and nowhere more than allowed.
    let mut worst = [1.0_f64; 2];
    for bits in (0x8000_0000..(-87.0_f32).to_bits()).step_by(997) {
        let y = f32::from_bits(bits);
        let mut block = [f32::NEG_INFINITY; BLOCK];
        block[random.below(BLOCK)] = y;
        let (got, none) = add_rough_masses(&[block], 1, 0.0, 1.0, f32::MIN, y, (0.0, 0.0));
        let ratio = got / f64::from(y).exp();
        worst = [worst[0].min(ratio), worst[1].max(ratio)];
        assert_eq!(none, 0.0);
    }
    assert!(worst[0] > ROUGH_UNDER && worst[0] < 1.0, "{worst:?}");
    assert!(worst[1] < ROUGH_OVER && worst[1] > 1.061, "{worst:?}");
    for scale in [0.0, 1e-31, 1e31, f32::MAX, f32::INFINITY] {
        assert!(!is_rough_scale(scale));
    }
}

/// The envelope relies on this: no bound is below what it bounds, at any scale, whatever is rounded on either side.
#[test]
fn bounds_are_at_least_the_terms_and_within_their_error() {
    let tiny = 2_f64.powi(-125);
    each_row(|name, row| {
        let max = largest(row.as_flattened());
        let mut laws = laws(row);
        laws.extend([9e29, 1.1e30, 1e-30, 9e-31, 1e-38, 1e-45, 0.0].map(|scale| (scale, f32::MIN)));
        for (scale, floor) in laws {
            let name = std::format!("{name}, scale {scale}, floor {floor}");
            let (mut bounds, mut sums) = (std::vec![[7.0; BLOCK]; row.len()], std::vec![7.0; row.len()]);
            bound(row, max, scale, floor, &mut bounds, &mut sums);
            for ((block, bounds), sum) in row.iter().zip(&bounds).zip(sums) {
                let terms = terms(block, max, scale, floor);
                let weights = weights(block, max, scale, |_, x| x >= floor);
                for lane in 0..BLOCK {
                    let (got, x) = (bounds[lane], block[lane]);
                    let most = if is_rough_scale(scale) { weights[lane] * ROUGH_OVER + tiny } else { ROUGH_OVER };
                    assert!(got >= terms[lane] && f64::from(got) <= most, "{name}, {x}: {got} for {}", terms[lane]);
                    assert!(x >= floor || got.to_bits() == 0, "{name}, {x}: {got} below the floor");
                }
                assert_eq!(sum, block_sum(bounds), "{name}");
                assert_eq!(lanes_sum(bounds).map(f32::to_bits), lanes(bounds).map(f32::to_bits), "{name}");
                let most = most_mass(block, max, scale, floor);
                assert_eq!(most, sum, "{name}");
                assert!(most >= block_sum(&terms), "{name}: {most} for {}", block_sum(&terms));
            }
        }
    });
    // Each straight line errs most in its middle. Even at its ends, a bound exceeds the term by more than additions can round away.
    let mut worst = [2.0_f64, 0.0];
    for bits in (0x8000_0000..(-87.0_f32).to_bits()).step_by(997) {
        let y = f32::from_bits(bits);
        let ratio = f64::from(most_mass(&[y; BLOCK], 0.0, 1.0, f32::MIN)) / (32.0 * f64::from(y).exp());
        worst = [worst[0].min(ratio), worst[1].max(ratio)];
    }
    assert!(worst[0] > 1.0005 && worst[0] < 1.001, "{worst:?}");
    assert!(worst[1] > 1.0615 && worst[1] < ROUGH_OVER, "{worst:?}");
}

/// The lanes' sums, each first to last.
fn lanes(terms: &Block) -> [f32; 4] {
    std::array::from_fn(|lane| terms[lane..].iter().step_by(4).fold(0.0, |sum, term| sum + term))
}

#[test]
fn at_least_marks_the_logits_that_reach_a_threshold() {
    let specials = [0.0, -0.0, 1e-45, -1e-45, f32::MAX, f32::MIN, INF, -INF, f32::NAN, 1.0];
    let mut random = Random(7);
    for _ in 0..5000 {
        let block: Block = std::array::from_fn(|_| random.one_of(&specials));
        let x = random.one_of(&specials);
        let bits = at_least(&block, x);
        for (lane, value) in block.iter().enumerate() {
            assert_eq!(bits >> lane & 1 == 1, *value >= x, "{value} at least {x}");
        }
    }
}

#[test]
fn every_f16_and_bf16_converts_exactly() {
    let all: Vec<u16> = (0..=u16::MAX).collect();
    let model = |bits: u16, exponent_bits: i32| {
        let fraction_bits = 15 - exponent_bits;
        let bias = (1 << (exponent_bits - 1)) - 1;
        let exponent = i32::from(bits & 0x7fff) >> fraction_bits;
        let fraction = f64::from(bits & ((1 << fraction_bits) - 1)) / f64::from(1 << fraction_bits);
        let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
        sign * match exponent {
            e if e == (1 << exponent_bits) - 1 => {
                if fraction == 0.0 {
                    f64::INFINITY
                } else {
                    f64::NAN
                }
            }
            0 => fraction * 2_f64.powi(1 - bias),
            e => (1.0 + fraction) * 2_f64.powi(e - bias),
        }
    };
    for (exponent_bits, widen) in [(5, widen_f16 as fn(&mut [Block])), (8, widen_bf16)] {
        let mut row = row_of_bits(&all);
        widen(&mut row);
        for (bits, got) in all.iter().zip(row.as_flattened()) {
            let expected = model(*bits, exponent_bits);
            assert_eq!(got.is_nan(), expected.is_nan(), "{bits:#x}");
            assert!(expected.is_nan() || f64::from(*got).to_bits() == expected.to_bits(), "{bits:#x} is {got}");
        }
    }
}

/// `numbers` behind a `first` one, so that they start where no vector is aligned.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn unaligned<T: Copy>(first: T, numbers: &[T]) -> Vec<T> {
    [&[first], numbers].concat()
}

/// A row of blocks whose second half holds these bits.
fn row_of_bits(bits: &[u16]) -> Vec<Block> {
    let mut row = std::vec![[7.0; BLOCK]; bits.len() / BLOCK];
    for (pair, out) in bits.chunks(2).zip(&mut row.as_flattened_mut()[bits.len() / 2..]) {
        *out = f32::from_bits(u32::from(pair[1]) << 16 | u32::from(pair[0]));
    }
    row
}

#[test]
fn in_place_conversions_leave_neighbouring_blocks_alone() {
    let bits: Vec<u16> = (0..20 * BLOCK as u16).map(|i| 0x3c00 + i).collect();
    for widen in [widen_f16 as fn(&mut [Block]), widen_bf16] {
        let mut whole = row_of_bits(&bits);
        widen(&mut whole);
        for blocks in 0..20 {
            let mut row = std::vec![[7.0; BLOCK]; blocks + 2];
            row[1..=blocks].copy_from_slice(&row_of_bits(&bits[..blocks * BLOCK]));
            widen(&mut row[1..=blocks]);
            assert_eq!(row[1..=blocks], whole[..blocks]);
            assert_eq!([row[0], row[blocks + 1]], [[7.0; BLOCK]; 2]);
        }
    }
}
