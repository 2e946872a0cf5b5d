//! Moments, the least logit and the spread, against plain arithmetic, and against the scalar twin where there is SIMD.

use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Shifts and floors: of no effect, among the logits, above them all.
fn each_case(mut check: impl FnMut(&str, &[Block], &[f32], f32, f32)) {
    each_row(|name, row| {
        let (_, maxima) = scanned(row);
        let max = largest(row.as_flattened());
        let middle = row[row.len() / 2].iter().copied().find(|x| x.is_finite()).unwrap_or(max);
        for shift in [0.0, middle, max] {
            for floor in [f32::MIN, middle, max, max.next_up()] {
                check(name, row, &maxima, shift, floor);
            }
        }
    });
}

#[test]
fn moments_match_double_arithmetic() {
    each_case(|name, row, maxima, shift, floor| {
        let kept = || row.as_flattened().iter().filter(|x| **x >= floor).map(|x| f64::from(*x) - f64::from(shift));
        let got = moments(row, maxima, shift, floor);
        assert_eq!(got.count as usize, kept().count(), "{name}");
        let (sum, squares) = (kept().sum::<f64>(), kept().map(|d| d * d).sum::<f64>());
        let size: f64 = kept().map(f64::abs).sum();
        // Sums that float32 cannot hold are not finite.
        if size < 1e15 {
            assert!((got.sum - sum).abs() <= size * 12.0 * ROUNDING + 1e-43, "{name}: {} not {sum}", got.sum);
            assert!(
                (got.squares - squares).abs() <= squares * 14.0 * ROUNDING + 1e-43,
                "{name}: {} not {squares}",
                got.squares
            );
        } else {
            assert!(!got.squares.is_finite(), "{name}: {}", got.squares);
        }
    });
}

#[test]
fn least_finds_the_lowest_logit_at_or_above_the_floor() {
    each_case(|name, row, maxima, _, floor| {
        let kept = row.as_flattened().iter().copied().filter(|x| *x >= floor);
        assert_eq!(least(row, maxima, floor), kept.fold(f32::INFINITY, f32::min), "{name}");
    });
}

#[test]
fn spread_sums_the_mass_of_each_bin() {
    each_case(|name, row, maxima, _, floor| {
        let max = largest(row.as_flattened());
        for (scale, bins_a_logit) in [(1.0, 100.0), (0.5, 1e-3), (1.0, f32::MAX)] {
            let mut masses = [0.0; BINS];
            let whole = spread(row, maxima, (max, scale, floor), bins_a_logit, &mut masses);
            let same = sums(row, maxima, max, scale, floor);
            assert_eq!(whole, (same.mass, same.energy), "{name}");
            let mut model = [0.0; BINS];
            for block in row {
                for (x, term) in block.iter().zip(terms(block, max, scale, floor)) {
                    model[bin(*x, max, bins_a_logit)] += f64::from(term);
                }
            }
            assert_eq!(masses, model, "{name}");
        }
    });
}

#[test]
fn bins_never_decrease_as_logits_fall() {
    for bins_a_logit in [1e-30, 0.3, 140.0, 1e30, f32::MAX] {
        let mut random = Random(5);
        let mut logits: Vec<f32> = (0..500).map(|_| 9.0 * random.normal()).chain([f32::MIN, -INF, 0.0]).collect();
        logits.sort_by(|a, b| b.total_cmp(a));
        let bins: Vec<usize> = logits.iter().map(|x| bin(*x, logits[0], bins_a_logit)).collect();
        assert!(bins.is_sorted() && bins[0] == 0 && bins[502] == BINS - 1, "{bins_a_logit}: {bins:?}");
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[test]
fn moments_least_and_spread_match_the_scalar_twin() {
    each_case(|name, row, maxima, shift, floor| {
        let storage = unaligned(7.0, row.as_flattened());
        let (row, _) = storage[1..].as_chunks();
        let (got, twin) = (simd128::moments(row, maxima, shift, floor), scalar::moments(row, maxima, shift, floor));
        assert_eq!(got.count, twin.count, "{name}");
        for (got, twin) in [(got.sum, twin.sum), (got.squares, twin.squares)] {
            assert!(got.to_bits() == twin.to_bits() || (got.is_nan() && twin.is_nan()), "{name}: {got}, not {twin}");
        }
        let (got, twin) = (simd128::least(row, maxima, floor), scalar::least(row, maxima, floor));
        assert_eq!(got.to_bits(), twin.to_bits(), "{name}");
        let max = largest(row.as_flattened());
        for bins_a_logit in [1e-30, 90.0, f32::MAX] {
            let (mut got, mut twin) = ([0.0; BINS], [0.0; BINS]);
            let law = (max, 0.7, floor);
            let whole = simd128::spread(row, maxima, law, bins_a_logit, &mut got);
            assert_eq!(whole, scalar::spread(row, maxima, law, bins_a_logit, &mut twin), "{name}");
            assert!(got.iter().zip(&twin).all(|(got, twin)| got.to_bits() == twin.to_bits()), "{name}");
        }
    });
}
