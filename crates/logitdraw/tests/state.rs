//! A sampler that was saved and restored, rolled back, cloned or updated draws what the original would have drawn.

mod common;

use common::cases::same_cases;
use common::drawer::Drawer;
use common::reseal::reseal;
use common::rows::Random;
use common::script::{Operation, assert_continue_alike, perform, random_options, script, vary};
use logitdraw::{Algorithm, ErrorCode, Mirostat, Options, Sampler, Seed, Source};
use proptest::prelude::*;
use std::panic::{RefUnwindSafe, UnwindSafe};

const VOCAB: usize = 40;

/// Returns a sampler with a history, and the random numbers for what follows.
fn drawer_with_history(seed: u64) -> (Drawer, Random) {
    drawer_with(seed, |_| {})
}

/// The same, with the random options adjusted.
fn drawer_with(seed: u64, adjust: impl Fn(&mut Options)) -> (Drawer, Random) {
    let mut random = Random(seed);
    let mut options = random_options(&mut random, VOCAB);
    adjust(&mut options);
    let mut drawer = Drawer::new(options);
    let len = random.below(40);
    for operation in script(&mut random, VOCAB, len) {
        perform(&mut drawer, &operation);
    }
    (drawer, random)
}

fn context(drawer: &Drawer) -> String {
    format!("{:?} {:?}", drawer.sampler.options(), drawer.sampler.history())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..same_cases() })]

    #[test]
    fn a_restored_sampler_continues_like_the_original(seed: u64) {
        let (mut drawer, mut random) = drawer_with_history(seed);
        let bytes = drawer.sampler.save().unwrap();
        let mut restored = Drawer::of(Sampler::restore(&bytes).unwrap());
        prop_assert_eq!(restored.sampler.save().unwrap(), bytes);
        prop_assert_eq!(restored.sampler.options(), drawer.sampler.options());
        let context = context(&drawer);
        drawer.sampler.discard();
        assert_continue_alike(&mut drawer, &mut restored, &mut random, &context);
    }

    #[test]
    fn a_clone_continues_like_the_original(seed: u64) {
        let (mut drawer, mut random) = drawer_with_history(seed);
        let mut twin = Drawer::of(drawer.sampler.clone_with(None, None).unwrap());
        let context = context(&drawer);
        drawer.sampler.discard();
        assert_continue_alike(&mut drawer, &mut twin, &mut random, &context);
    }

    /// What is rolled back leaves no trace.
    #[test]
    fn a_rollback_leaves_no_trace(seed: u64) {
        let (mut drawer, mut random) = drawer_with_history(seed);
        drawer.sampler.discard();
        let mut twin = Drawer::of(drawer.sampler.clone());
        let before = drawer.sampler.history().len();
        let operations = script(&mut random, VOCAB, 15);
        let adds = |operation: &&Operation| !matches!(operation, Operation::Rollback(_) | Operation::Reset);
        for operation in operations.iter().filter(adds) {
            perform(&mut drawer, operation);
        }
        let after = drawer.sampler.history().len();
        drawer.sampler.rollback(after - before).unwrap();
        prop_assert_eq!(drawer.sampler.save().unwrap(), twin.sampler.save().unwrap());
        let context = context(&drawer);
        assert_continue_alike(&mut drawer, &mut twin, &mut random, &context);
    }

    /// An updated sampler behaves as if it had had the new settings all along, like one restored with them.
    #[test]
    fn an_updated_sampler_continues_like_a_restored_one(seed: u64) {
        let (mut drawer, mut random) = drawer_with_history(seed);
        let mut settings = drawer.sampler.options().clone();
        vary(&mut random, &mut settings);
        drawer.sampler.update(settings.clone()).unwrap();
        prop_assert_eq!(drawer.sampler.options(), &settings);
        let mut twin = Drawer::of(Sampler::restore(&drawer.sampler.save().unwrap()).unwrap());
        let context = context(&drawer);
        assert_continue_alike(&mut drawer, &mut twin, &mut random, &context);
    }

    /// Changing the settings and changing them back leaves no trace.
    #[test]
    fn updating_settings_and_back_leaves_no_trace(seed: u64) {
        let (mut drawer, mut random) = drawer_with_history(seed);
        drawer.sampler.discard();
        let mut twin = Drawer::of(drawer.sampler.clone());
        let first = drawer.sampler.options().clone();
        let mut second = first.clone();
        vary(&mut random, &mut second);
        second.mirostat = first.mirostat.clone();
        second.adaptive_p = first.adaptive_p.clone();
        if second.order == logitdraw::Order::LlamaCpp && second.mirostat.is_some() {
            second.order = logitdraw::Order::Transformers;
        }
        drawer.sampler.update(second).unwrap();
        drawer.sampler.update(first).unwrap();
        prop_assert_eq!(drawer.sampler.save().unwrap(), twin.sampler.save().unwrap());
        let context = context(&drawer);
        assert_continue_alike(&mut drawer, &mut twin, &mut random, &context);
    }

    #[test]
    fn reset_returns_to_the_initial_state(seed: u64) {
        let (mut drawer, mut random) = drawer_with_history(seed);
        drawer.sampler.reset();
        let mut fresh = Drawer::new(drawer.sampler.options().clone());
        let context = context(&drawer);
        assert_continue_alike(&mut drawer, &mut fresh, &mut random, &context);
    }

    /// A script with detours leads to the same draws as the straight way.
    #[test]
    fn draws_do_not_depend_on_how_the_history_was_recorded(seed: u64) {
        // Only for options to which the tokens and the step matter, not how the tokens were drawn.
        let (mut drawer, mut random) = drawer_with(seed, |o| {
            o.generator = Source::Algorithm(Algorithm::Philox);
            o.seed = Seed::from(seed);
            (o.mirostat, o.adaptive_p) = (None, None);
            (o.presence_penalty, o.frequency_penalty) = (0.0, 0.0);
            o.penalty_scope.repetition = None;
        });
        drawer.sampler.discard();
        let mut straight = Drawer::new(drawer.sampler.options().clone());
        let steps = drawer.sampler.step() as usize;
        let history = drawer.sampler.history().to_vec();
        let prompted = history.len() - steps;
        straight.sampler.prompt(&history[..prompted]).unwrap();
        for token in &history[prompted..] {
            straight.sampler.accept(*token).unwrap();
        }
        let context = context(&drawer);
        for _ in 0..5 {
            let operation = Operation::Sample(random.bits());
            assert_eq!(perform(&mut drawer, &operation), perform(&mut straight, &operation), "{context}");
        }
    }

    /// Bytes that are not a state are INVALID_STATE, whatever they are.
    #[test]
    fn restore_refuses_random_bytes(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), tagged: bool) {
        if tagged {
            bytes.splice(0..0, *b"LGS\x01");
        }
        prop_assert_eq!(Sampler::restore(&bytes).err().unwrap().code, ErrorCode::InvalidState);
    }

    /// A state altered by somebody who fixes its checksum is either refused or valid: it neither panics nor hangs.
    #[test]
    fn a_forged_state_is_refused_or_usable(seed: u64, place: prop::sample::Index, value: u8) {
        let (drawer, _) = drawer_with_history(seed);
        let mut bytes = drawer.sampler.save().unwrap();
        let body = bytes.len() - 8;
        let place = 4 + place.index(body - 4);
        bytes[place] ^= value;
        reseal(&mut bytes);
        match Sampler::restore(&bytes) {
            Err(error) => prop_assert_eq!(error.code, ErrorCode::InvalidState),
            Ok(sampler) if sampler.vocab_size() > 1 << 20 => (),
            Ok(sampler) => {
                let row = vec![0.0; sampler.vocab_size()];
                let mut drawer = Drawer::of(sampler);
                let _ = drawer.sample(&row);
                let len = drawer.sampler.history().len();
                drawer.sampler.rollback(len).unwrap();
            }
        }
    }
}

#[test]
fn restore_refuses_truncated_and_altered_states() {
    for seed in 0..12 {
        let (drawer, _) = drawer_with_history(seed);
        let bytes = drawer.sampler.save().unwrap();
        for len in 0..bytes.len() {
            assert_eq!(Sampler::restore(&bytes[..len]).err().unwrap().code, ErrorCode::InvalidState);
        }
        for place in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[place] ^= 1 << (place % 8);
            assert_eq!(Sampler::restore(&altered).err().unwrap().code, ErrorCode::InvalidState, "byte {place}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Sampler::restore(&longer).err().unwrap().code, ErrorCode::InvalidState);
    }
}

#[test]
fn save_refuses_a_callers_generator() {
    let sampler = Sampler::new(Options { generator: Source::Caller, ..Options::new(4) }).unwrap();
    assert_eq!(sampler.save().unwrap_err().code, ErrorCode::InvalidState);
}

#[test]
fn sync_records_all_new_tokens_or_none() {
    let mut sampler = Sampler::new(Options::new(10)).unwrap();
    sampler.sync(&[1, 2, 3]).unwrap();
    assert_eq!((sampler.history(), sampler.step()), (&[1, 2, 3][..], 0));
    sampler.sync(&[1, 2, 3, 4, 5]).unwrap();
    assert_eq!((sampler.history().len(), sampler.step()), (5, 2));
    sampler.sync(&[1, 2, 3, 4, 5]).unwrap();
    for (tokens, index) in [(&[1, 2, 9, 4, 5, 6][..], 2), (&[1, 2], 2), (&[], 0), (&[1, 2, 3, 4, 5, 6, 10, 11], 6)] {
        let error = sampler.sync(tokens).unwrap_err();
        assert_eq!((error.code, error.index), (ErrorCode::InvalidToken, Some(index)));
        assert_eq!((sampler.history().len(), sampler.step()), (5, 2));
    }
}

#[test]
fn accept_all_records_all_tokens_or_none() {
    let mut together = Sampler::new(Options::new(10)).unwrap();
    let mut apart = together.clone();
    together.accept_all(&[4, 0, 9]).unwrap();
    for token in [4, 0, 9] {
        apart.accept(token).unwrap();
    }
    assert_eq!((together.history(), together.step()), (apart.history(), 3));
    let error = together.accept_all(&[1, 10, 11]).unwrap_err();
    assert_eq!((error.code, error.index), (ErrorCode::InvalidToken, Some(1)));
    assert!(error.message.contains("token 10 is outside the vocabulary, whose last is 9"), "{error}");
    assert_eq!((together.history(), together.step()), (&[4, 0, 9][..], 3));
}

#[test]
fn refused_calls_change_nothing() {
    let (mut drawer, mut random) = drawer_with_history(3);
    let saved = drawer.sampler.save().unwrap();
    let len = drawer.sampler.history().len();
    let error = drawer.sampler.rollback(len + 1).unwrap_err();
    assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some("count")));
    let error = drawer.sampler.prompt(&[1, 2, VOCAB as u32]).unwrap_err();
    assert_eq!((error.code, error.index), (ErrorCode::InvalidToken, Some(2)));
    assert_eq!(drawer.sampler.accept(u32::MAX).unwrap_err().code, ErrorCode::InvalidToken);
    let settings = drawer.sampler.options().clone();
    for (option, other) in [
        ("vocabSize", Options { vocab_size: VOCAB + 1, ..settings.clone() }),
        ("seed", Options { seed: Seed::from(u64::MAX), ..settings.clone() }),
        ("sequence", Options { sequence: settings.sequence ^ 1, ..settings.clone() }),
        ("generator", Options { generator: Source::Caller, ..settings.clone() }),
        ("topP", Options { top_p: 2.0, ..settings.clone() }),
    ] {
        let error = drawer.sampler.update(other).unwrap_err();
        assert_eq!((error.code, error.option.as_deref()), (ErrorCode::InvalidOption, Some(option)));
    }
    let mut row = random.row(VOCAB);
    row[7] = f32::NAN;
    assert_eq!(drawer.sample(&row).unwrap_err().index, Some(7));
    assert_eq!(drawer.sampler.save().unwrap(), saved);
}

/// A clone with its own seed begins that seed's stream; with a sequence, it draws what a sampler of that sequence does.
#[test]
fn a_clone_with_another_seed_draws_from_its_stream() {
    for algorithm in Algorithm::ALL {
        let options = |seed: u64| Options {
            generator: Source::Algorithm(algorithm),
            seed: Seed::from(seed),
            repetition_penalty: 1.2,
            ..Options::new(VOCAB)
        };
        let row = Random(1).row(VOCAB);
        let mut drawer = Drawer::new(options(5));
        for _ in 0..4 {
            drawer.sample(&row).unwrap();
        }
        let mut twin = Drawer::of(drawer.sampler.clone_with(Some(Seed::from(6u64)), None).unwrap());
        let mut model = Drawer::new(options(6));
        let history = drawer.sampler.history().to_vec();
        history.iter().for_each(|token| model.sampler.accept(*token).unwrap());
        for _ in 0..3 {
            assert_eq!(twin.sample(&row).unwrap(), model.sample(&row).unwrap(), "{algorithm:?}");
        }
        twin.sampler.rollback(7).unwrap();
        model.sampler.rollback(7).unwrap();
        assert_eq!(twin.sample(&row).unwrap(), model.sample(&row).unwrap(), "{algorithm:?}");
        let other = drawer.sampler.clone_with(None, Some(9));
        assert_eq!(other.is_ok(), algorithm == Algorithm::Philox);
    }
}

/// A draw that waits is not part of the saved state.
#[test]
fn a_waiting_draw_is_not_saved() {
    for seed in 0..200 {
        let (mut drawer, mut random) = drawer_with_history(seed);
        drawer.sampler.discard();
        let saved = drawer.sampler.save().unwrap();
        let row = random.row(VOCAB);
        if drawer.choose(&row).is_ok() {
            assert_eq!(drawer.sampler.save().unwrap(), saved, "{}", context(&drawer));
        }
    }
}

#[test]
fn update_takes_effect_but_keeps_mu_and_history() {
    let mirostat = |tau| Some(Mirostat { version: Some(2), tau: Some(tau), eta: Some(0.5), m: None });
    let mut drawer = Drawer::new(Options { mirostat: mirostat(0.5), ..Options::new(VOCAB) });
    let row = vec![0.0; VOCAB];
    for _ in 0..3 {
        drawer.sample(&row).unwrap();
    }
    // mu moves with each token; only one is left, so it is no surprise. A new tau does not reset mu to 2 tau.
    let law = drawer.law(&Random(1).row(VOCAB)).unwrap();
    drawer.sampler.update(Options { mirostat: mirostat(4.0), ..Options::new(VOCAB) }).unwrap();
    assert_eq!(drawer.law(&Random(1).row(VOCAB)).unwrap(), law);
    let fresh =
        Drawer::new(Options { mirostat: mirostat(4.0), ..Options::new(VOCAB) }).law(&Random(1).row(VOCAB)).unwrap();
    assert_ne!(fresh, law);
    // Penalties that are turned on later know the whole history.
    let last = *drawer.sampler.history().last().unwrap();
    let options = Options { presence_penalty: 30.0, ..Options::new(VOCAB) };
    drawer.sampler.update(options).unwrap();
    assert!(drawer.law(&row).unwrap()[last as usize] < 1e-9);
    drawer.sampler.rollback(3).unwrap();
    assert_eq!(drawer.law(&row).unwrap()[last as usize], 1.0 / VOCAB as f32);
}

/// A server moves its samplers between threads.
#[test]
fn all_types_can_cross_threads() {
    fn sent<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    sent::<Sampler>();
    sent::<Options>();
    sent::<logitdraw::Logits>();
    sent::<logitdraw::Workspace>();
    sent::<logitdraw::Generator>();
    sent::<logitdraw::Error>();
}

/// A count beyond 2^53 means the same as 2^53, the largest that a saved state holds.
#[test]
fn counts_beyond_what_a_state_holds_are_restored() {
    let mut options = Options::new(VOCAB);
    options.eos_token_id = vec![1];
    options.exponential_decay_length_penalty = Some((usize::MAX, 1.5));
    (options.min_new_tokens, options.penalty_window) = (usize::MAX, Some(usize::MAX));
    let sampler = Sampler::new(options).unwrap();
    let restored = Sampler::restore(&sampler.save().unwrap()).unwrap();
    let most = usize::try_from(1_u64 << 53).unwrap_or(usize::MAX);
    assert_eq!(restored.options().exponential_decay_length_penalty, Some((most, 1.5)));
}

#[test]
fn debug_output_shows_options_and_step() {
    let sampler = Sampler::new(Options { seed: Seed::from(42), ..Options::new(VOCAB) }).unwrap();
    let text = format!("{sampler:?}");
    assert!(text.contains("vocab_size: 40") && text.contains("step: 0"), "{text}");
    assert_eq!(format!("{:?}", logitdraw::Logits::new(2)), "Logits([-inf, -inf])");
}
