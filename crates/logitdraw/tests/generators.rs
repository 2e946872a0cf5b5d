//! The generators against the libraries whose numbers they reproduce (`test/vectors`), and against Random123's known answers.

mod common;

use common::{bits32, bits64, json, vectors};
use logitdraw::generator::philox::{block, philox4x32_10, uniforms};
use logitdraw::generator::{mt19937::Mt19937, pcg64::Pcg64};
use logitdraw::{Algorithm, ErrorCode, Generator, Seed};

/// Random123 1.14, tests/kat_vectors, the three lines of philox4x32 with 10 rounds.
#[test]
fn philox_gives_random123s_known_answers() {
    assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
    assert_eq!(philox4x32_10([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    let digits_of_pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
    let words = philox4x32_10(digits_of_pi, [0xa409_3822, 0x299f_31d0]);
    assert_eq!(words, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    // The same line, with our own names for its words.
    assert_eq!(block(0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e, 0x85a3_08d3, 0x243f_6a88), words);
}

#[test]
fn generators_report_their_seed_and_sequence() {
    let seed = Seed::from(7_u64);
    for sequence in [0, 3, u64::MAX] {
        let generator = Generator::new(Algorithm::Philox, &seed, sequence).unwrap();
        assert_eq!((generator.sequence(), generator.seed()), (sequence, &seed));
    }
}

#[test]
fn philox_random_is_a_function_of_seed_sequence_and_call() {
    let mut generator = Generator::new(Algorithm::Philox, &Seed::from(7_u64), 3).unwrap();
    for step in 0..100 {
        assert_eq!(generator.random(), uniforms(block(7, 3, step, 0))[0]);
    }
    // After 2^32 calls, when the step's low half wraps around, the draw word is incremented.
    generator.seek(1 << 32);
    assert_eq!(generator.random(), uniforms(block(7, 3, 0, 1))[0]);
    let mut negative = Generator::new(Algorithm::Philox, &Seed::from(-1_i64), 0).unwrap();
    assert_eq!(negative.random(), uniforms(block(u64::MAX, 0, 0, 0))[0]);
}

#[test]
fn mt19937_equals_torch() {
    for case in vectors("mt19937")["cases"].as_array().unwrap() {
        let seed = json::seed(&case["seed"]);
        let fresh = || Generator::new(Algorithm::Torch, &seed, 0).unwrap();
        let word = match seed.is_negative() {
            true => 0u32.wrapping_sub(seed.words()[0]),
            false => seed.words().first().copied().unwrap_or(0),
        };
        let mut mt = Mt19937::new(word);
        for expected in case["u64"].as_array().unwrap() {
            assert_eq!(mt.next_u64().to_string(), expected.as_str().unwrap());
        }
        let mut words = vec![0; 640];
        Mt19937::new(word).fill(&mut words);
        for (i, expected) in case["u32"].as_array().unwrap().iter().enumerate() {
            assert_eq!(u64::from(words[i]), expected.as_u64().unwrap());
        }
        for (i, expected) in case["u32_mod_2p31_at_620_to_639"].as_array().unwrap().iter().enumerate() {
            assert_eq!(u64::from(words[620 + i] & 0x7fff_ffff), expected.as_u64().unwrap());
        }
        let mut generator = fresh();
        for expected in case["rand_f64_bits"].as_array().unwrap() {
            assert_eq!(generator.random(), bits64(expected));
        }
    }
}

#[test]
fn exponentials_equal_torchs() {
    for case in vectors("exponential")["cases"].as_array().unwrap() {
        let seed = case["seed"].as_u64().unwrap() as u32;
        let mut mt = Mt19937::new(seed);
        let drawn: Vec<f64> = (0..4000).map(|_| mt.torch_exponential()).collect();
        let expected = case["f64_bits"].as_array().unwrap().iter().zip(case["f32_bits"].as_array().unwrap());
        assert_eq!(expected.len(), 20);
        for (ours, (double, single)) in drawn.iter().zip(expected) {
            // A double's last bit differs between versions of torch, which compute either log(1 - u) or log1p(-u).
            assert!(ours.to_bits().abs_diff(bits64(double).to_bits()) <= 1, "seed {seed}: {ours}");
            assert_eq!(*ours as f32, bits32(single), "seed {seed}");
        }
        let (sum, expected) = (drawn.iter().sum::<f64>(), case["f64_sum_4000"].as_f64().unwrap());
        assert!((sum - expected).abs() < 1e-9, "seed {seed}: {sum}, torch's {expected}");
    }
}

#[test]
fn numpy_generators_equal_numpy() {
    for (list, algorithm, key) in
        [("default_rng", Algorithm::Numpy, "random"), ("RandomState", Algorithm::NumpyLegacy, "random_sample")]
    {
        for case in vectors("numpy")[list].as_array().unwrap() {
            let seed = json::seed(&case["seed"]);
            if let Some(words) = case["pcg64_u64"].as_array() {
                let mut pcg = Pcg64::new(seed.words());
                assert!(words.iter().all(|word| word.as_str().unwrap() == pcg.next_u64().to_string()));
            }
            let mut generator = Generator::new(algorithm, &seed, 0).unwrap();
            for expected in case[key].as_array().unwrap() {
                assert_eq!(generator.random(), expected.as_f64().unwrap());
            }
        }
    }
}

#[test]
fn llama_cpp_generator_equals_libstdcxx() {
    let mut generator = Generator::new(Algorithm::LlamaCpp, &Seed::from(123_u64), 0).unwrap();
    for expected in vectors("llama_cpp")["uniform6"].as_array().unwrap() {
        assert_eq!(generator.random(), expected.as_f64().unwrap());
    }
}

#[test]
fn seek_reaches_any_position_in_either_direction() {
    for algorithm in Algorithm::ALL {
        let fresh = Generator::new(algorithm, &Seed::from(99_u64), 0).unwrap();
        let mut walked = fresh.clone();
        let mut states = vec![walked.clone()];
        for _ in 0..1500 {
            walked.random();
            states.push(walked.clone());
        }
        for (from, to) in [(1500, 0), (1500, 1499), (700, 311), (312, 311), (624, 312), (0, 1500), (1500, 625), (5, 5)]
        {
            let mut generator: Generator = states[from].clone();
            generator.seek(states[to].position());
            assert_eq!(generator.position(), states[to].position());
            for state in &states[to..1500] {
                assert_eq!(generator.random(), state.clone().random(), "{algorithm:?} {from} -> {to}");
            }
        }
    }
}

#[test]
fn mt19937_rewinds_by_any_distance() {
    let mut mt = Mt19937::new(5);
    let mut words = vec![0; 10_000];
    mt.fill(&mut words);
    let mut position = words.len();
    for step in [1, 3, 623, 624, 625, 1248, 2000, 0, 4000, 1] {
        mt.rewind(step);
        position -= step as usize;
        assert_eq!(mt.position(), position as u64);
        assert_eq!(mt.clone().next_u32(), words[position]);
        let mut again = vec![0; words.len() - position];
        mt.clone().fill(&mut again);
        assert_eq!(again, words[position..]);
    }
    mt.rewind(u64::MAX);
    assert_eq!(mt.next_u32(), words[0]);
}

#[test]
fn seeds_outside_the_range_are_refused() {
    let seed = |text: &str| text.parse::<Seed>().unwrap();
    let cases = [
        (Algorithm::Philox, "18446744073709551615", "18446744073709551616"),
        (Algorithm::Philox, "-9223372036854775808", "-9223372036854775809"),
        (Algorithm::Torch, "18446744073709551615", "18446744073709551616"),
        (Algorithm::Torch, "-9223372036854775808", "-9223372036854775809"),
        (Algorithm::TorchMkl, "-9223372036854775808", "-9223372036854775809"),
        (Algorithm::Numpy, "123456789012345678901234567890123456789012345678901234567890", "-1"),
        (Algorithm::NumpyLegacy, "4294967295", "4294967296"),
        (Algorithm::NumpyLegacy, "0", "-1"),
        (Algorithm::LlamaCpp, "4294967294", "4294967295"),
        (Algorithm::LlamaCpp, "0", "-1"),
    ];
    for (algorithm, good, bad) in cases {
        let mut generator = Generator::new(algorithm, &seed(good), 0).unwrap();
        let before = generator.clone();
        for error in
            [Generator::new(algorithm, &seed(bad), 0).unwrap_err(), generator.manual_seed(&seed(bad)).unwrap_err()]
        {
            assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some("seed")));
        }
        assert_eq!(generator, before);
    }
    let error = Generator::new(Algorithm::Torch, &Seed::default(), 1).unwrap_err();
    assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some("sequence")));
}

#[test]
fn torch_seeds_wrap_at_32_bits() {
    let stream = |seed: &str| {
        let mut generator = Generator::new(Algorithm::Torch, &seed.parse().unwrap(), 0).unwrap();
        [generator.random(), generator.random()]
    };
    assert_eq!(stream("4294967419"), stream("123"));
    assert_eq!(stream("-1"), stream("4294967295"));
}

#[test]
fn seeds_parse_and_format_as_decimals() {
    for text in ["0", "7", "-7", "4294967296", "1000000000", "18446744073709551616", "-100000000000000000000000000001"]
    {
        assert_eq!(text.parse::<Seed>().unwrap().to_string(), text);
    }
    assert_eq!("-0".parse::<Seed>().unwrap(), Seed::from(0_u64));
    assert_eq!("007".parse::<Seed>().unwrap(), Seed::from(7_i64));
    assert_eq!(Seed::from(i64::MIN).to_string(), i64::MIN.to_string());
    for text in ["", "-", "1.5", "+1", " 1", "0x1"] {
        assert!(text.parse::<Seed>().is_err());
    }
}

#[test]
fn a_restored_generator_continues_its_stream() {
    for algorithm in Algorithm::ALL {
        let seed = Seed::from(12_345_u64);
        let mut generator = Generator::new(algorithm, &seed, 0).unwrap();
        for draws in [0, 1, 310, 1, 1, 400] {
            for _ in 0..draws {
                generator.random();
            }
            let saved = generator.save();
            let mut restored = Generator::restore(&saved).unwrap();
            assert_eq!(restored, generator);
            assert_eq!((restored.algorithm(), restored.seed()), (algorithm, &seed));
            let mut copy = generator.clone();
            assert!((0..700).all(|_| restored.random() == copy.random()));
        }
    }
}

#[test]
fn altered_or_truncated_states_are_refused() {
    for algorithm in Algorithm::ALL {
        let saved = Generator::new(algorithm, &Seed::from(1_u64), 0).unwrap().save();
        for end in 0..saved.len() {
            assert_eq!(Generator::restore(&saved[..end]).unwrap_err().code, ErrorCode::InvalidState);
        }
        for i in 0..saved.len() {
            let mut altered = saved.clone();
            altered[i] ^= 1 << (i % 8);
            assert_eq!(Generator::restore(&altered).unwrap_err().code, ErrorCode::InvalidState);
        }
        let mut longer = saved.clone();
        longer.push(0);
        assert_eq!(Generator::restore(&longer).unwrap_err().code, ErrorCode::InvalidState);
    }
}
