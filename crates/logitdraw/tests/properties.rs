//! Properties that hold for any row and any options in range.

mod common;

use common::cases::same_cases;
use common::scratch::Scratch;
use logitdraw::{Algorithm, Options, Order, Request, Sampler, Seed, Source, Ties, Workspace};
use logitdraw::{Logits, Row};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Logits of every magnitude, some of them masked, and at least one finite.
fn row() -> impl Strategy<Value = Vec<f32>> {
    let logit = prop_oneof![
        6 => -30.0_f32..30.0,
        1 => Just(f32::NEG_INFINITY),
        1 => select(vec![0.0, -0.0, 1.0, 2.0, 2.0]),
        1 => -3.4e38_f32..3.4e38,
        1 => -1e-38_f32..1e-38,
    ];
    (vec(logit, 0..300), -5.0_f32..5.0, any::<prop::sample::Index>()).prop_map(|(mut row, finite, place)| {
        row.insert(place.index(row.len() + 1), finite);
        row
    })
}

fn temperature() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.05..5.0, 1 => Just(0.0), 1 => Just(1.0), 1 => Just(1e-300), 1 => Just(1e-40), 1 => 1e3..1e30]
}

/// Options in range for a vocabulary. Those that depend on its size are stored as shares of it.
#[derive(Clone, Debug)]
struct Asked {
    options: Options,
    least: f64,
}

impl Asked {
    fn of(&self, vocab_size: usize) -> Options {
        let least = 1 + (self.least * (vocab_size - 1) as f64) as usize;
        Options { vocab_size, min_tokens_to_keep: least, ..self.options.clone() }
    }
}

fn asked(algorithms: Vec<Algorithm>) -> impl Strategy<Value = Asked> {
    let top_k = prop_oneof![Just(0), 1..20_usize, 1..400_usize];
    let share = || prop_oneof![Just(0.0), Just(1.0), 0.0..1.0, 0.9..1.0, 0.0..0.1];
    let ties = select(vec![None, Some(Ties::Keep), Some(Ties::Exact)]);
    let own = ["minP", "topP", "temperature", "topK"].map(String::from);
    let order = select(vec![Order::Transformers, Order::LlamaCpp, Order::Vllm, Order::of(&own)]);
    let least = prop_oneof![3 => Just(0.0), 1 => 0.0..1.0];
    let draws = (select(algorithms), 0..u64::from(u32::MAX), any::<u64>());
    (temperature(), top_k, ties, (share(), share(), least), order, draws).prop_map(
        |(temperature, top_k, top_k_ties, (top_p, min_p, least), order, (algorithm, seed, sequence))| {
            let mut options = Options::new(1);
            (options.temperature, options.top_k, options.top_k_ties) = (temperature, top_k, top_k_ties);
            (options.top_p, options.min_p, options.order) = (top_p, min_p, order);
            options.generator = Source::Algorithm(algorithm);
            options.seed = Seed::from(seed);
            options.sequence = if algorithm == Algorithm::Philox { sequence } else { 0 };
            Asked { options, least }
        },
    )
}

fn any_generator() -> Vec<Algorithm> {
    Algorithm::ALL.into()
}

proptest! {
    #![proptest_config(same_cases())]

    #[test]
    fn a_drawn_token_has_a_probability_above_0(row in row(), asked in asked(any_generator())) {
        let mut scratch = Scratch::new(row.len());
        let mut sampler = Sampler::new(asked.of(row.len())).unwrap();
        for _ in 0..5 {
            let p = scratch.law(&sampler, &row, &Request::default()).unwrap();
            let sum: f64 = p.iter().map(|p| f64::from(*p)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-6, "probabilities sum to {sum}");
            prop_assert!(p.iter().zip(&row).all(|(p, x)| *p >= 0.0 && (*p == 0.0 || *x > f32::NEG_INFINITY)));
            let kept = p.iter().filter(|p| **p > 0.0).count();
            let alive = row.iter().filter(|x| **x > f32::NEG_INFINITY).count();
            let options = sampler.options();
            if options.top_k_ties == Some(Ties::Exact) && options.top_k > 0 {
                prop_assert!(kept <= options.top_k.max(options.min_tokens_to_keep).min(alive));
            }
            let token = scratch.sample(&mut sampler, &row, &Request::default()).unwrap() as usize;
            prop_assert!(p[token] > 0.0, "token {token} with logit {} has probability 0", row[token]);
        }
    }

    #[test]
    fn a_discarded_draw_leaves_no_trace(row in row(), asked in asked(any_generator()), discards in vec(0..3_usize, 1..6)) {
        let mut scratch = Scratch::new(row.len());
        let mut sampler = Sampler::new(asked.of(row.len())).unwrap();
        let mut twin = sampler.clone();
        for discards in discards {
            let token = scratch.sample(&mut twin, &row, &Request::default()).unwrap();
            for _ in 0..discards {
                prop_assert_eq!(scratch.choose(&mut sampler, &row, &Request::default()).unwrap(), token);
                prop_assert!(sampler.waits());
                sampler.discard();
                prop_assert!(!sampler.waits());
                sampler.commit(); // there is nothing to commit
            }
            prop_assert_eq!(scratch.choose(&mut sampler, &row, &Request::default()).unwrap(), token);
            prop_assert_eq!(sampler.step() + 1, twin.step());
            sampler.commit();
            prop_assert!(!sampler.waits());
            sampler.discard(); // there is nothing to discard
            prop_assert_eq!(sampler.history(), twin.history());
            prop_assert_eq!(sampler.save().unwrap(), twin.save().unwrap());
        }
    }

    #[test]
    fn restored_cloned_and_rolled_back_samplers_draw_alike(row in row(), asked in asked(any_generator()), steps in 0..6_usize) {
        let mut scratch = Scratch::new(row.len());
        let mut sampler = Sampler::new(asked.of(row.len())).unwrap();
        for _ in 0..steps {
            scratch.sample(&mut sampler, &row, &Request::default()).unwrap();
        }
        let mut others = [Sampler::restore(&sampler.save().unwrap()).unwrap(), sampler.clone_with(None, None).unwrap()];
        let mut tokens = |sampler: &mut Sampler| -> Vec<u32> {
            (0..4).map(|_| scratch.sample(sampler, &row, &Request::default()).unwrap()).collect()
        };
        let drawn = tokens(&mut sampler);
        for other in &mut others {
            prop_assert_eq!(&tokens(other), &drawn);
        }
        sampler.rollback(4).unwrap();
        prop_assert_eq!(sampler.step() as usize, steps);
        prop_assert_eq!(&tokens(&mut sampler), &drawn);
        sampler.reset();
        let fresh = tokens(&mut Sampler::new(asked.of(row.len())).unwrap());
        prop_assert_eq!(tokens(&mut sampler), fresh);
    }

    /// For Philox, whatever was drawn or accepted before.
    #[test]
    fn philox_tokens_depend_only_on_logits_seed_sequence_and_step(
        row in row(), asked in asked(vec![Algorithm::Philox]), step in 0..9_usize, prompt in 0..5_usize,
    ) {
        let mut scratch = Scratch::new(row.len());
        let fresh = Sampler::new(asked.of(row.len())).unwrap();
        let (mut drew, mut accepted) = (fresh.clone(), fresh);
        for at in 0..step {
            scratch.sample(&mut drew, &row, &Request::default()).unwrap();
            accepted.accept(((at * 7 + 1) % row.len()) as u32).unwrap();
        }
        accepted.prompt(&vec![0; prompt]).unwrap();
        let token = scratch.sample(&mut drew, &row, &Request::default()).unwrap();
        prop_assert_eq!(scratch.sample(&mut accepted, &row, &Request::default()).unwrap(), token);
    }

    /// Samplers that share one scratch, in any order and any interleaving, draw what each draws alone.
    #[test]
    fn samplers_sharing_a_workspace_do_not_affect_each_other(
        (logits, all) in (1..120_usize).prop_flat_map(|size| (
            vec(vec(-9.0_f32..9.0, size), 4), vec(asked(any_generator()), 4),
        )),
        turns in vec(0..4_usize, 1..24),
    ) {
        let size = logits[0].len();
        let samplers: Vec<Sampler> = all.iter().map(|asked| Sampler::new(asked.of(size)).unwrap()).collect();
        let mut together = samplers.clone();
        let mut shared = Workspace::new(size);
        for turn in &turns {
            let mut row = Logits::new(size);
            row.set(&logits[*turn]).unwrap();
            together[*turn].sample(row.row(), &mut shared, &Request::default()).unwrap();
        }
        for (index, mut alone) in samplers.into_iter().enumerate() {
            let mut scratch = Scratch::new(size);
            for _ in turns.iter().filter(|turn| **turn == index) {
                scratch.sample(&mut alone, &logits[index], &Request::default()).unwrap();
            }
            prop_assert_eq!(together[index].history(), alone.history());
        }
    }

    /// A row padded by the caller draws the same token.
    #[test]
    fn a_padded_row_draws_the_same_token(row in row(), asked in asked(any_generator())) {
        let mut sampler = Sampler::new(asked.of(row.len())).unwrap();
        let mut twin = sampler.clone();
        let mut padded = row.clone();
        padded.resize(logitdraw::padded_len(row.len()), f32::NEG_INFINITY);
        let padded = Row::from_padded(&mut padded, row.len()).unwrap();
        let token = sampler.sample(padded, &mut Workspace::new(row.len()), &Request::default()).unwrap();
        prop_assert_eq!(Scratch::new(row.len()).sample(&mut twin, &row, &Request::default()).unwrap(), token);
    }
}
