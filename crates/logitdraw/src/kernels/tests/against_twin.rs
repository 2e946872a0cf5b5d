//! SIMD128 against the scalar twin: the same bits, at every length and alignment.

use super::*;
use crate::kernels::{scalar, simd128};
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Rows of up to 200 tokens, clean and with invalid values, at starts where no vector is aligned.
fn each_unaligned_row(mut check: impl FnMut(&str, &[Block])) {
    each_unaligned_row_mut(|name, row| check(name, row));
}

/// The same, for kernels that change rows in place.
fn each_unaligned_row_mut(mut check: impl FnMut(&str, &mut [Block])) {
    for len in 0..=200 {
        let mut all = if len == 0 { Vec::new() } else { rows(len, 7000 + len as u64) };
        let mut random = Random(len as u64);
        let anything = [f32::NAN, -f32::NAN, INF, -INF, 0.0, -0.0, 1e-45, 3.4e38, -3.4e38, 2.0, -2.0, 2.0];
        // Varies which block is the first to hold a zero, and that zero's sign.
        let below = random.bits();
        let zero = |id: usize| if below >> (id / BLOCK) & 1 == 1 { -1.0 } else { random.one_of(&[0.0, -0.0]) };
        all.push(("zeros", (0..len).map(zero).collect()));
        all.push(("anything", (0..len).map(|_| random.one_of(&anything)).collect()));
        all.push(("any bits", (0..len).map(|_| f32::from_bits(random.bits() as u32)).collect()));
        for (index, (name, row)) in all.iter().enumerate() {
            let offset = (len + index) % 4;
            let padded = len.next_multiple_of(BLOCK);
            let mut storage = std::vec![-INF; padded + 4];
            storage[offset..offset + len].copy_from_slice(row);
            let (blocks, _) = storage[offset..offset + padded].as_chunks_mut();
            check(&std::format!("{name}, {len} tokens"), blocks);
        }
    }
}

fn assert_same(got: &[f32], twin: &[f32], what: &str) {
    assert_eq!(bits(got), bits(twin), "{what}");
}

/// Equal bits, or two NaNs: WebAssembly leaves open which NaN arithmetic produces.
fn assert_same_number(got: f32, twin: f32, what: &str) {
    assert!(got.to_bits() == twin.to_bits() || (got.is_nan() && twin.is_nan()), "{what}: {got}, the twin's {twin}");
}

fn has_nan(row: &[Block]) -> bool {
    row.as_flattened().iter().any(|x| x.is_nan())
}

#[test]
fn scans_and_maxima_match_the_twin() {
    each_unaligned_row(|name, row| {
        let (mut maxima, mut twins) = (std::vec![7.0; row.len()], std::vec![7.0; row.len()]);
        let (scan, twin) = (simd128::scan(row, &mut maxima), scalar::scan(row, &mut twins));
        assert_eq!(scan.suspicious, twin.suspicious, "{name}");
        // Beside a NaN, the largest depends on the order, and means nothing.
        if !has_nan(row) {
            assert_same(&maxima, &twins, name);
            assert_same(&[scan.max], &[twin.max], name);
            let (mut lanes, mut twins) = (std::vec![[7.0; 4]; row.len()], std::vec![[7.0; 4]; row.len()]);
            // Compared as numbers: either of two zeros may be the least or the largest.
            assert_eq!(simd128::lanes_max(row, &mut lanes), scalar::lanes_max(row, &mut twins), "{name}");
            assert_same(lanes.as_flattened(), twins.as_flattened(), name);
        }
        for block in row {
            assert_same(&[simd128::block_max(block)], &[scalar::block_max(block)], name);
            assert_eq!(simd128::has_nan(block), scalar::has_nan(block), "{name}");
        }
    });
}

#[test]
fn block_and_lane_sums_match_the_twin() {
    each_unaligned_row(|name, row| {
        for block in row {
            assert_same_number(simd128::block_sum(block), scalar::block_sum(block), name);
            for (sum, twin) in simd128::lanes_sum(block).into_iter().zip(scalar::lanes_sum(block)) {
                assert_same_number(sum, twin, name);
            }
        }
    });
}

#[test]
fn masking_matches_the_twin() {
    let mut random = Random(11);
    each_unaligned_row_mut(|name, row| {
        let mask = mask(&mut random, row.len() + 1);
        let before = row.to_vec();
        let mut other = before.clone();
        let (mut maxima, mut twins) = (std::vec![7.0; row.len()], std::vec![7.0; row.len()]);
        let (clean, max) = simd128::scan_masked(row, &mask, &mut maxima);
        let twin = scalar::scan_masked(&mut other, &mask, &mut twins);
        assert_eq!((clean, max.to_bits()), (twin.0, twin.1.to_bits()), "{name}");
        assert_same(row.as_flattened(), other.as_flattened(), name);
        assert_same(&maxima, &twins, name);
        row.copy_from_slice(&before);
        for (block, mut other) in row.iter_mut().zip(before) {
            let word = random.bits() as u32;
            let maxima = [simd128::mask_block(block, word), scalar::mask_block(&mut other, word)];
            // Beside a NaN, the maximum means nothing, as for `scan`.
            if !has_nan(&[other]) {
                assert_same(&maxima[..1], &maxima[1..], name);
                assert_same(&maxima[..1], &[scalar::block_max(block)], name);
            }
            assert_same(block, &other, name);
        }
    });
}

#[test]
fn penalties_match_the_twin() {
    let mut random = Random(12);
    each_unaligned_row_mut(|name, row| {
        for block in row {
            let (mut other, word) = (*block, random.bits() as u32);
            let counts = core::array::from_fn(|_| random.bits() as u32 >> (random.bits() % 32));
            for penalty in [0.3, -0.3, 1e37, -1e37, 1e-30] {
                simd128::subtract(block, word, &counts, penalty);
                scalar::subtract(&mut other, word, &counts, penalty);
                assert_same(block, &other, name);
                simd128::repeat(block, word, penalty.abs() as f32);
                scalar::repeat(&mut other, word, penalty.abs() as f32);
                assert_same(block, &other, name);
            }
        }
    });
}

#[test]
fn terms_masses_and_bounds_match_the_twin() {
    each_unaligned_row(|name, row| {
        if has_nan(row) || row.is_empty() || row.as_flattened().contains(&INF) {
            return; // never weighed, because `scan` refuses it
        }
        let mut maxima = std::vec![7.0; row.len()];
        scalar::scan(row, &mut maxima);
        let max = largest(&maxima);
        if max == -INF {
            return;
        }
        for (scale, floor) in laws(row) {
            let name = &std::format!("{name}, scale {scale}, floor {floor}");
            let mass = simd128::mass(row, &maxima, max, scale, floor);
            assert_eq!(mass.to_bits(), scalar::mass(row, &maxima, max, scale, floor).to_bits(), "{name}");
            let (sums, twin) =
                (simd128::sums(row, &maxima, max, scale, floor), scalar::sums(row, &maxima, max, scale, floor));
            for (sum, twin) in [(sums.mass, twin.mass), (sums.energy, twin.energy), (sums.squares, twin.squares)] {
                assert_eq!(sum.to_bits(), twin.to_bits(), "{name}");
            }
            for scale in [scale, 0.0, 1e-38] {
                let (mut bounds, mut sums) = (std::vec![[7.0; BLOCK]; row.len()], std::vec![7.0; row.len()]);
                let (mut twins, mut twin_sums) = (bounds.clone(), sums.clone());
                simd128::bound(row, max, scale, floor, &mut bounds, &mut sums);
                scalar::bound(row, max, scale, floor, &mut twins, &mut twin_sums);
                for block in row {
                    let most = simd128::most_mass(block, max, scale, floor);
                    assert_same(&[most], &[scalar::most_mass(block, max, scale, floor)], name);
                }
                assert_same(bounds.as_flattened(), twins.as_flattened(), name);
                assert_same(&sums, &twin_sums, name);
            }
            let bits = 0x5b6d_b6db;
            for x in [row[0][0], 0.0, floor] {
                for blocks in row.chunks(BLOCK) {
                    let bits = bits & u32::MAX >> (BLOCK - blocks.len());
                    let (above, all) = simd128::add_masses(blocks, bits, max, scale, floor, x, (0.5, 0.25));
                    let twin = scalar::add_masses(blocks, bits, max, scale, floor, x, (0.5, 0.25));
                    assert_eq!((above.to_bits(), all.to_bits()), (twin.0.to_bits(), twin.1.to_bits()), "{name}, {x}");
                    let (above, below) = simd128::add_rough_masses(blocks, bits, max, scale, floor, x, (0.5, 0.25));
                    let twin = scalar::add_rough_masses(blocks, bits, max, scale, floor, x, (0.5, 0.25));
                    let all = simd128::add_rough_mass(blocks, bits, max, scale, 0.5);
                    assert_eq!(
                        all.to_bits(),
                        scalar::add_rough_mass(blocks, bits, max, scale, 0.5).to_bits(),
                        "{name}"
                    );
                    assert_eq!((above.to_bits(), below.to_bits()), (twin.0.to_bits(), twin.1.to_bits()), "{name}, {x}");
                }
            }
            for block in row {
                let twin = scalar::terms(block, max, scale, floor);
                assert_same(&simd128::terms(block, max, scale, floor), &twin, name);
                let twin = scalar::block_mass(block, max, scale, floor);
                assert_same(&[simd128::block_mass(block, max, scale, floor)], &[twin], name);
                assert_eq!(simd128::at_least(block, floor), scalar::at_least(block, floor), "{name}");
                for lane in [0, 1, 3, 4, 17, 31, 32] {
                    let x = block[lane % BLOCK];
                    let (before, all) = simd128::block_masses(block, max, scale, floor, x, lane as u32);
                    let twins = scalar::block_masses(block, max, scale, floor, x, lane as u32);
                    assert_same(&[before, all], &[twins.0, twins.1], name);
                }
            }
        }
    });
}

#[test]
fn at_least_matches_the_twin_for_any_value() {
    each_unaligned_row(|name, row| {
        for block in row {
            for x in [0.0, -0.0, 2.0, INF, -INF, f32::NAN, block[9]] {
                assert_eq!(simd128::at_least(block, x), scalar::at_least(block, x), "{name}, {x}");
                let fours = block.as_chunks().0;
                assert_eq!(simd128::count_at_least(fours, x), scalar::at_least(block, x).count_ones(), "{name}, {x}");
                assert_eq!(scalar::count_at_least(fours, x), scalar::at_least(block, x).count_ones(), "{name}, {x}");
            }
        }
    });
}

#[test]
fn exp_matches_the_twin_over_its_whole_range() {
    let lowest = EXP_LOWEST.to_bits();
    let places = (0x8000_0000..lowest).step_by(1009).chain(lowest - 99..lowest + 99);
    let mut ys: Vec<f32> = places.map(f32::from_bits).collect();
    ys.resize(ys.len().next_multiple_of(BLOCK), -0.0);
    for block in ys.as_chunks().0 {
        assert_same(&simd128::terms(block, 0.0, 1.0, -INF), &scalar::terms(block, 0.0, 1.0, -INF), "exp");
    }
}

#[test]
fn reading_float16_matches_the_twin_at_every_length() {
    let mut random = Random(14);
    for len in 0..=200 {
        let bits: Vec<u16> = (0..len).map(|_| random.below(1 << 16) as u16).collect();
        let (mut row, mut twin) = (std::vec![[7.0; BLOCK]; 8], std::vec![[7.0; BLOCK]; 8]);
        simd128::read_f16(&mut row, &bits);
        scalar::read_f16(&mut twin, &bits);
        assert_same(&row.as_flattened()[..len], &twin.as_flattened()[..len], &std::format!("{len} logits"));
    }
}

#[test]
fn conversions_match_the_twin_at_every_length() {
    let all: Vec<u16> = (0..=u16::MAX).collect();
    let mut random = Random(13);
    for (widen, twin) in [
        (simd128::widen_f16 as fn(&mut [Block]), scalar::widen_f16 as fn(&mut [Block])),
        (simd128::widen_bf16, scalar::widen_bf16),
    ] {
        let same = |bits: &[u16], what: &str| {
            let mut other = row_of_bits(bits);
            let mut storage = unaligned(7.0, other.as_flattened());
            let (row, _) = storage[1..].as_chunks_mut();
            widen(row);
            twin(&mut other);
            assert_same(row.as_flattened(), other.as_flattened(), what);
        };
        same(&all, "all");
        for blocks in 0..=20 {
            let from = random.below(60_000);
            same(&all[from..from + blocks * BLOCK], &std::format!("{blocks} blocks from {from}"));
        }
        // One infinity or NaN in a block of finite numbers: such a block takes another path.
        for special in [0x7c00, 0xfc00, 0x7c01, 0xfc01, 0x7fff, 0xffff] {
            for place in 0..3 * BLOCK {
                let mut bits = [0, 0x8000, 1, 0x83ff, 0x3c00, 0xc4d2, 0x7bff, 0xfbff].repeat(3 * BLOCK / 8);
                bits[place] = special;
                same(&bits, &std::format!("{special:#x} at {place}"));
            }
        }
    }
}

#[test]
fn exponents_match_the_twin() {
    each_unaligned_row(|name, row| {
        let divisions = [
            Division::Single { divisor: 0.8, max: 3.75 },
            Division::Double { divisor: 0.8, max: 3.0 },
            Division::Double { divisor: 1e-300, max: -3.4e38 },
        ];
        for (division, floor) in divisions.into_iter().zip([f32::MIN, 0.0, -1.0]) {
            let places = row.as_flattened().len();
            let maxima: Vec<f32> = row.iter().map(|block| largest(block)).collect();
            let (mut out, mut twin) = (std::vec![7.0; places + 1], std::vec![7.0; places]);
            let out = &mut out[1..];
            simd128::exponents(row, &maxima, floor, division, out);
            scalar::exponents(row, &maxima, floor, division, &mut twin);
            // Rows with invalid values never come here.
            if !has_nan(row) && !row.as_flattened().contains(&INF) {
                assert_eq!(doubles(out), doubles(&twin), "{name}");
            }
        }
    });
}

/// The exponentials, quotients and words of other libraries' rules, at every length.
#[test]
fn exps_quotients_and_words_match_the_twin() {
    let mut random = Random(14);
    for len in (0..=200).chain([5000]) {
        let mut exponent = || {
            let x = random.uniform();
            // The whole range, the values that torch and numpy meet, subnormal results, and the ends of all of these.
            random.one_of(&[-760.0 * x, -20.0 * x, -x * x * x, -700.0 - 46.0 * x, 0.0, -0.0, -700.0, f64::NEG_INFINITY])
        };
        let mut twin: Vec<f64> = (0..len).map(|_| exponent()).collect();
        let mut storage = unaligned(0.0, &twin);
        let out = &mut storage[1..];
        simd128::exps(out);
        scalar::exps(&mut twin);
        assert_eq!(doubles(out), doubles(&twin), "{len} exponentials");
        let divisor = 0.1 + 100.0 * random.uniform();
        let (mut quotients, mut quotient_twins) = (unaligned(0.0, &twin), twin.clone());
        simd128::quotients(&mut quotients[1..], divisor);
        scalar::quotients(&mut quotient_twins, divisor);
        assert_eq!(doubles(&quotients[1..]), doubles(&quotient_twins), "{len} quotients");
        simd128::singles(out, divisor);
        scalar::singles(&mut twin, divisor);
        assert_eq!(doubles(out), doubles(&twin), "{len} quotients rounded");
        let words: Vec<u32> = (0..len).map(|_| random.bits() as u32).collect();
        let (mut out, mut twin) = (std::vec![7; len + 1], std::vec![7; len]);
        simd128::temper(&unaligned(0, &words)[1..], &mut out[1..]);
        scalar::temper(&words, &mut twin);
        assert_eq!(out[1..], twin, "{len} words");
    }
}

fn doubles(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn weighing_returns_the_lowest_logit_with_a_positive_term() {
    let mut random = Random(8);
    let mut maxima = std::vec![0.0, -0.0, 1e-40, 87.0, 88.0, -5.0, 1e8, f32::MAX, f32::MIN, EXP_LOWEST, -EXP_LOWEST];
    maxima.extend((0..200).map(|_| 30.0 * random.normal()));
    for max in maxima {
        for scale in [f32::MIN_POSITIVE, 1e-30, 1e-3, 0.5, 1.0, 1.25, 1e3, 1e30, f32::MAX] {
            for floor in [f32::MIN, max - 1e30, max - 100.0, max - 87.0, max - 1.0, max] {
                let floor = floor.max(f32::MIN);
                let term = |x: f32| scalar::terms(&[x; BLOCK], max, scale, floor)[0];
                let x = simd128::weighing(max, scale, floor);
                assert!(term(x) > 0.0, "{max} {scale} {floor}: {x}");
                assert!(x == f32::MIN || term(x.next_down()) == 0.0, "{max} {scale} {floor}: {x}");
            }
        }
    }
}
