//! Which input is refused, with which error code and which name or index; and that a refused call changes nothing.

mod common;

use common::drawer::Drawer;
use common::reseal::reseal;
use common::rows::Random;
use common::scratch::{Scratch, sampler};
use logitdraw::{
    Algorithm, Error, ErrorCode, Logits, Mirostat, Options, Order, Request, Row, Sampler, Seed, Source, Workspace,
    padded_len,
};

const INF: f32 = f32::INFINITY;

/// Returns samplers for each generator, and for each path through the chain.
fn samplers(vocab_size: usize) -> Vec<Sampler> {
    let mut all: Vec<Sampler> = Algorithm::ALL
        .map(|algorithm| {
            sampler(vocab_size, |o| (o.generator, o.seed) = (Source::Algorithm(algorithm), Seed::from(5u64)))
        })
        .into();
    let sets: [fn(&mut Options); 4] = [
        |o| o.temperature = 0.0,
        |o| o.top_k = 3,
        |o| (o.top_p, o.temperature) = (0.8, 2.0),
        |o| (o.min_p, o.order) = (0.1, Order::LlamaCpp),
    ];
    all.extend(sets.map(|set| sampler(vocab_size, set)));
    all
}

/// Calls `refused` on a sampler that has drawn from a valid row, and asserts that it then behaves like a twin that did not get the call.
fn error_without_effect(
    scratch: &mut Scratch,
    sampler: &mut Sampler,
    row: &[f32],
    refused: impl FnOnce(&mut Scratch, &mut Sampler) -> Error,
) -> Error {
    sampler.prompt(&[0]).unwrap();
    scratch.sample(sampler, row, &Request::default()).unwrap();
    let mut twin = sampler.clone();
    let error = refused(scratch, sampler);
    assert_eq!((sampler.history(), sampler.step()), (twin.history(), twin.step()));
    for _ in 0..3 {
        let token = scratch.sample(sampler, row, &Request::default()).unwrap();
        assert_eq!(token, scratch.sample(&mut twin, row, &Request::default()).unwrap());
    }
    assert_eq!(sampler.save().unwrap(), twin.save().unwrap());
    error
}

#[test]
fn an_invalid_logit_is_reported_by_its_index() {
    let mut random = Random(1);
    for vocab_size in 1..=70 {
        let row: Vec<f32> = (0..vocab_size).map(|_| random.normal()).collect();
        let mut scratch = Scratch::new(vocab_size);
        let mut samplers = samplers(vocab_size);
        for index in 0..vocab_size {
            let sampler = &mut samplers[index % 10];
            for bad in [f32::NAN, -f32::NAN, INF] {
                // A -Infinity before it, and another bad logit after it.
                let mut invalid = row.clone();
                invalid[random.below(index + 1)] = -INF;
                (invalid[index], invalid[vocab_size - 1]) = (bad, bad);
                let error = error_without_effect(&mut scratch, sampler, &row, |scratch, sampler| {
                    let none = [0; 3];
                    let masked = Request { mask: Some(&none[..vocab_size.div_ceil(32)]), ..Request::default() };
                    let errors = [
                        scratch.sample(sampler, &invalid, &Request::default()).unwrap_err(),
                        scratch.choose(sampler, &invalid, &Request::default()).unwrap_err(),
                        scratch.law(sampler, &invalid, &Request::default()).unwrap_err(),
                        scratch.sample(sampler, &invalid, &masked).unwrap_err(),
                    ];
                    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
                    errors[0].clone()
                });
                assert_eq!((error.code, error.index), (ErrorCode::InvalidLogits, Some(index as u64)), "{error}");
                assert!(error.message.contains(&format!("logit {index} ")), "{error}");
            }
        }
    }
}

#[test]
fn an_invalid_logit_is_found_anywhere_in_a_long_row() {
    const VOCAB: usize = 128_256;
    let mut random = Random(2);
    let mut row: Vec<f32> = (0..VOCAB).map(|_| 3.0 * random.normal()).collect();
    let mut scratch = Scratch::new(VOCAB);
    let mut sampler = sampler(VOCAB, |_| ());
    let mut places: Vec<usize> = (0..20).map(|_| random.below(VOCAB)).collect();
    places.extend([0, 31, 32, 127, 128, VOCAB - 1]);
    for index in places {
        for bad in [f32::NAN, INF] {
            let before = std::mem::replace(&mut row[index], bad);
            let error = scratch.sample(&mut sampler, &row, &Request::default()).unwrap_err();
            assert_eq!((error.code, error.index), (ErrorCode::InvalidLogits, Some(index as u64)));
            row[index] = before;
        }
    }
    // Huge logits overflow any sum meant to detect a NaN, but must not hide one.
    row.fill(3.4e38);
    assert!(scratch.sample(&mut sampler, &row, &Request::default()).is_ok());
    row[100_000] = f32::NAN;
    assert_eq!(scratch.sample(&mut sampler, &row, &Request::default()).unwrap_err().index, Some(100_000));
    assert_eq!(sampler.step(), 1);
}

#[test]
fn refuses_a_row_with_every_token_masked() {
    for vocab_size in [1, 31, 32, 33, 100] {
        let (row, masked) = (vec![0.5; vocab_size], vec![-INF; vocab_size]);
        let mut scratch = Scratch::new(vocab_size);
        for mut sampler in samplers(vocab_size) {
            let error = error_without_effect(&mut scratch, &mut sampler, &row, |scratch, sampler| {
                scratch.sample(sampler, &masked, &Request::default()).unwrap_err()
            });
            assert_eq!(error.code, ErrorCode::NoTokenLeft);
            let none = vec![0; vocab_size.div_ceil(32)];
            for mask in [&none[..], &[]] {
                let request = Request { mask: Some(mask), ..Request::default() };
                let error = error_without_effect(&mut scratch, &mut sampler, &row, |scratch, sampler| {
                    scratch.sample(sampler, &row, &request).unwrap_err()
                });
                assert_eq!(error.code, ErrorCode::NoTokenLeft);
            }
        }
    }
}

/// Edits may ban every token before a truncation looks for the best.
#[test]
fn refuses_a_row_with_every_token_banned_by_edits() {
    let sets: [fn(&mut Options); 14] = [
        |_| (),
        |o| o.temperature = 0.0,
        |o| o.top_k = 2,
        |o| o.top_p = 0.5,
        |o| (o.top_p, o.order) = (0.5, Order::LlamaCpp),
        |o| o.min_p = 0.5,
        |o| (o.min_p, o.min_tokens_to_keep) = (0.5, 3),
        |o| o.typical_p = 0.5,
        |o| (o.epsilon_cutoff, o.eta_cutoff) = (0.1, 0.1),
        |o| o.top_n_sigma = Some(1.0),
        |o| (o.top_a, o.tail_free) = (0.5, 0.5),
        |o| (o.top_h, o.min_k) = (Some(0.5), Some(1.0)),
        |o| o.generator = Source::Algorithm(Algorithm::LlamaCpp),
        |o| o.generator = Source::Algorithm(Algorithm::Torch),
    ];
    for (index, set) in sets.into_iter().enumerate() {
        let ban = |options: &mut Options| {
            set(options);
            options.suppress_tokens = (0..9).collect();
        };
        let error = Drawer::of(sampler(9, ban)).sample(&[1.0; 9]).unwrap_err();
        assert_eq!(error.code, ErrorCode::NoTokenLeft, "settings {index}");
    }
}

#[test]
fn refuses_wrong_lengths_and_unmasked_padding() {
    let (mut sampler, request) = (sampler(40, |_| ()), Request::default());
    let (mut logits, mut workspace) = (Logits::new(40), Workspace::new(40));
    let is_wrong = |error: Error| assert_eq!(error.code, ErrorCode::WrongLength);
    for len in [0, 39, 41] {
        assert_eq!(logits.set(&vec![0.0; len]).unwrap_err().index, Some(len.min(40) as u64));
        is_wrong(logits.set(&vec![0.0; len]).unwrap_err());
        is_wrong(logits.set_f16(&vec![0; len]).unwrap_err());
        is_wrong(logits.set_bf16(&vec![0; len]).unwrap_err());
        is_wrong(sampler.sample(Logits::new(len).row(), &mut workspace, &request).unwrap_err());
        is_wrong(sampler.sample(logits.row(), &mut Workspace::new(len), &request).unwrap_err());
        let mut out = vec![0.0; len];
        is_wrong(sampler.distribution(logits.row(), &mut workspace, &request, &mut out).unwrap_err());
        is_wrong(Row::from_padded(&mut vec![0.0; len], 40).err().unwrap());
    }
    is_wrong(Row::from_padded(&mut [], usize::MAX).err().unwrap());
    let mut padded = vec![-INF; padded_len(40)];
    padded[..40].fill(1.0);
    assert!(sampler.sample(Row::from_padded(&mut padded, 40).unwrap(), &mut workspace, &request).is_ok());
    for place in 40..64 {
        let before = std::mem::replace(&mut padded[place], 0.0);
        assert_eq!(Row::from_padded(&mut padded, 40).err().unwrap().code, ErrorCode::InvalidLogits);
        padded[place] = before;
    }
}

#[test]
fn a_row_too_large_for_memory_panics() {
    for size in [usize::MAX, usize::MAX - 40] {
        assert!(std::panic::catch_unwind(|| Logits::new(size)).is_err(), "{size}");
    }
}

#[test]
fn refuses_a_uniform_that_is_missing_or_not_in_0_to_1() {
    let mut sampler = sampler(4, |o| o.generator = Source::Caller);
    let (row, mut scratch) = ([1.0; 4], Scratch::new(4));
    for uniform in [None, Some(1.0), Some(-1e-300), Some(f64::NAN), Some(f64::INFINITY)] {
        let error = scratch.sample(&mut sampler, &row, &Request { uniform, ..Request::default() }).unwrap_err();
        assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some("generator")));
        assert_eq!(sampler.step(), 0);
    }
    for (uniform, token) in [(0.0, 0), (0.2499, 0), (0.25, 1), (0.5, 2), (1.0 - f64::EPSILON / 2.0, 3)] {
        let request = Request { uniform: Some(uniform), ..Request::default() };
        assert_eq!(scratch.sample(&mut sampler, &row, &request).unwrap(), token);
    }
}

#[test]
fn refuses_tokens_outside_the_vocabulary() {
    let (row, mut scratch) = ([0.5; 10], Scratch::new(10));
    for mut sampler in samplers(10) {
        for bad in [10, 11, u32::MAX] {
            let accept = |_: &mut Scratch, sampler: &mut Sampler| sampler.accept(bad).unwrap_err();
            let error = error_without_effect(&mut scratch, &mut sampler, &row, accept);
            assert_eq!(error.code, ErrorCode::InvalidToken);
            let error = error_without_effect(&mut scratch, &mut sampler, &row, |_, sampler| {
                sampler.prompt(&[1, 9, bad, bad]).unwrap_err()
            });
            assert_eq!((error.code, error.index), (ErrorCode::InvalidToken, Some(2)));
        }
    }
}

#[test]
fn refuses_seeds_and_sequences_outside_a_generators_range() {
    let refused = |algorithm, seed: &str, sequence| {
        let mut options = Options::new(9);
        (options.generator, options.seed, options.sequence) =
            (Source::Algorithm(algorithm), seed.parse().unwrap(), sequence);
        Sampler::new(options).err().map(|error| (error.code, error.option.clone().unwrap()))
    };
    let seed = Some((ErrorCode::InvalidOption, "seed".to_string()));
    for algorithm in [Algorithm::Philox, Algorithm::Torch, Algorithm::TorchMkl] {
        assert_eq!(refused(algorithm, "18446744073709551616", 0), seed);
        assert_eq!(refused(algorithm, "-9223372036854775809", 0), seed);
        assert_eq!(refused(algorithm, "-9223372036854775808", 0), None);
    }
    assert_eq!(refused(Algorithm::Numpy, "-1", 0), seed);
    assert_eq!(refused(Algorithm::Numpy, "340282366920938463463374607431768211456000", 0), None);
    assert_eq!(refused(Algorithm::NumpyLegacy, "4294967296", 0), seed);
    assert_eq!(refused(Algorithm::LlamaCpp, "4294967295", 0), seed);
    for algorithm in Algorithm::ALL {
        let sequence = Some((ErrorCode::InvalidOption, "sequence".to_string()));
        assert_eq!(refused(algorithm, "1", 1), if algorithm == Algorithm::Philox { None } else { sequence });
    }
}

#[test]
fn refuses_an_option_whose_stage_the_order_omits() {
    for (left_out, set) in [
        ("temperature", (|o| o.temperature = 0.7) as fn(&mut Options)),
        ("topK", |o| o.top_k = 4),
        ("topP", |o| o.top_p = 0.4),
        ("minP", |o| o.min_p = 0.4),
    ] {
        let others: Vec<String> = ["temperature", "topK", "topP", "minP"].map(String::from).into();
        let others: Vec<String> = others.into_iter().filter(|name| name != left_out).collect();
        let mut options = Options::new(9);
        options.order = Order::of(&others);
        assert!(Sampler::new(options.clone()).is_ok(), "{left_out} is off");
        set(&mut options);
        let error = Sampler::new(options).err().unwrap();
        assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some(left_out)));
    }
}

/// A state with a valid checksum but an impossible position, to which seeking would take forever.
#[test]
fn restore_refuses_an_impossible_position() {
    let sampler = sampler(9, |o| o.generator = Source::Algorithm(Algorithm::Torch));
    let mut state = sampler.save().unwrap();
    assert!(Sampler::restore(&state).is_ok());
    // The position of the coins' generator. The number of marks and the checksum (FNV-1a) follow.
    let place = state.len() - 20;
    for position in [1_000_000_u64, u64::MAX] {
        state[place..place + 8].copy_from_slice(&position.to_le_bytes());
        reseal(&mut state);
        let error = Sampler::restore(&state).err().unwrap();
        assert_eq!(error.code, ErrorCode::InvalidState);
        assert!(error.message.contains("position"), "{error}");
    }
}

/// States with a valid checksum whose parts contradict each other.
#[test]
fn restore_refuses_positions_values_and_generators_that_cannot_be() {
    let state = |seed: u64, set: fn(&mut Options)| {
        let mut drawer = Drawer::of(sampler(9, |o| {
            o.seed = Seed::from(seed);
            set(o);
        }));
        for _ in 0..2 {
            drawer.sample(&[0.0; 9]).unwrap();
        }
        drawer.sampler.save().unwrap()
    };
    let refused = |mut state: Vec<u8>, place: usize, bytes: &[u8]| {
        assert!(Sampler::restore(&state).is_ok());
        state[place..place + bytes.len()].copy_from_slice(bytes);
        reseal(&mut state);
        assert_eq!(Sampler::restore(&state).err().unwrap().code, ErrorCode::InvalidState);
    };
    let torch: fn(&mut Options) = |o| o.generator = Source::Algorithm(Algorithm::Torch);
    let mirostat: fn(&mut Options) = |o| o.mirostat = Some(Mirostat { version: Some(2), ..Mirostat::default() });
    let (first, second) = (state(1, torch), state(2, torch));
    // The last mark, before the checksum: a length of the history, and two positions. It comes after the other, and within the history.
    for len in [0_u32, 2] {
        refused(first.clone(), first.len() - 8 - 20, &len.to_le_bytes());
    }
    // The last value that was learned: a length of the history, and a number.
    let learned = state(1, mirostat);
    refused(learned.clone(), learned.len() - 8 - 12, &1_u32.to_le_bytes());
    // The seed among the options, which is no longer that of the generator.
    let place = first.iter().zip(&second).skip(4).position(|(a, b)| a != b).unwrap() + 4;
    refused(second, place, &first[place..=place]);
}
