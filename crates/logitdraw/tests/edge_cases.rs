//! Ties and the ends of every range of greedy, temperature, top-k, top-p and min-p; extreme logits and temperatures.

mod common;

use common::drawer::Drawer;
use common::fit::assert_fits;
use common::rows::rows;
use common::scratch::{Scratch, sampler};
use logitdraw::{
    Algorithm, Logits, Logprobs, Mirostat, Options, Order, Request, Smoothing, Source, Ties, Workspace, Xtc,
};

const INF: f32 = f32::INFINITY;

/// Returns the tokens with a probability above 0. Asserts that no others are drawn in many draws, and that each of these is, unless
/// it is improbable.
fn survivors(row: &[f32], set: fn(&mut Options)) -> Vec<usize> {
    let mut scratch = Scratch::new(row.len());
    let mut sampler = sampler(row.len(), set);
    let p = scratch.law(&sampler, row, &Request::default()).unwrap();
    let counts = scratch.counts(&mut sampler, row, 300);
    for (id, (p, count)) in p.iter().zip(&counts).enumerate() {
        assert!(*count == 0 || *p > 0.0, "token {id} has probability {p} and was drawn {count} times");
        assert!(*count > 0 || *p < 0.04, "token {id} has probability {p} and was never drawn");
    }
    (0..row.len()).filter(|id| p[*id] > 0.0).collect()
}

#[test]
fn greedy_takes_the_lowest_id_of_tied_tokens() {
    let mut row = vec![-1.0; 200];
    for id in [31, 77, 150] {
        row[id] = 2.0;
    }
    assert_eq!(survivors(&row, |o| o.temperature = 0.0), [31]);
    // The two zeros are equal.
    assert_eq!(survivors(&[-0.0, 0.0], |o| o.temperature = 0.0), [0]);
    assert_eq!(survivors(&[0.0, -0.0], |o| o.temperature = 0.0), [0]);
    assert_eq!(survivors(&[-INF, f32::MIN, -INF], |o| o.temperature = 0.0), [1]);
    // Truncations change nothing, and nothing is drawn at random.
    let all =
        |o: &mut Options| (o.temperature, o.top_k, o.top_p, o.min_p, o.min_tokens_to_keep) = (0.0, 9, 0.5, 0.9, 5);
    assert_eq!(survivors(&row, all), [31]);
}

#[test]
fn top_k_keeps_or_cuts_ties_as_configured() {
    let row = [3.0, 1.0, 2.0, 2.0, -INF, 2.0];
    assert_eq!(survivors(&row, |o| o.top_k = 0), [0, 1, 2, 3, 5], "off");
    assert_eq!(survivors(&row, |o| o.top_k = 2), [0, 2, 3, 5], "ties are kept");
    assert_eq!(survivors(&row, |o| (o.top_k, o.top_k_ties) = (2, Some(Ties::Exact))), [0, 2], "the lower id");
    assert_eq!(survivors(&row, |o| (o.top_k, o.order) = (2, Order::LlamaCpp)), [0, 2], "llama.cpp's default");
    assert_eq!(survivors(&row, |o| (o.top_k, o.order) = (2, Order::Vllm)), [0, 2, 3, 5], "vLLM's default");
    let keep = |o: &mut Options| (o.top_k, o.order, o.top_k_ties) = (2, Order::LlamaCpp, Some(Ties::Keep));
    assert_eq!(survivors(&row, keep), [0, 2, 3, 5], "llama.cpp's order with ties kept");
    for all in [5, 6, 7, 1_000_000, usize::MAX] {
        let mut sampler = sampler(6, |o| (o.top_k, o.top_k_ties) = (all, Some(Ties::Exact)));
        let counts = Scratch::new(6).counts(&mut sampler, &row, 400);
        assert!(counts.iter().enumerate().all(|(id, n)| (*n > 0) == (id != 4)));
    }
    // A top-k of the whole vocabulary changes nothing: the same tokens are drawn without it.
    for (name, row) in rows(300, 3) {
        let mut without = sampler(300, |o| o.top_p = 0.9);
        let mut all = sampler(300, |o| (o.top_k, o.top_p) = (300, 0.9));
        let counts = |sampler| Scratch::new(300).counts(sampler, &row, 50);
        assert_eq!(counts(&mut all), counts(&mut without), "{name}");
    }
    // All logits are equal: the lower ids stay, across blocks too.
    let exact: Vec<usize> = (0..50).collect();
    assert_eq!(survivors(&[0.5; 200], |o| (o.top_k, o.top_k_ties) = (50, Some(Ties::Exact))), exact);
}

#[test]
fn top_p_keeps_the_crossing_token_and_at_least_one() {
    // Probabilities 1/2, 1/4, 1/8, 1/8.
    let row = [4.0, 3.0, 2.0, 2.0].map(|x: f32| x * std::f32::consts::LN_2);
    assert_eq!(survivors(&row, |o| o.top_p = 1.0), [0, 1, 2, 3], "off");
    assert_eq!(survivors(&row, |o| o.top_p = 0.0), [0], "one is kept");
    assert_eq!(survivors(&row, |o| o.top_p = 1e-300), [0]);
    assert_eq!(survivors(&row, |o| o.top_p = 0.49), [0], "the token that crosses is kept");
    assert_eq!(survivors(&row, |o| o.top_p = 0.51), [0, 1]);
    assert_eq!(survivors(&row, |o| o.top_p = 0.76), [0, 1, 2], "the lower of tied ids");
    assert_eq!(survivors(&row, |o| o.top_p = 0.88), [0, 1, 2, 3]);
    // After top-k, probabilities are those among the rest: the first token has 2/3 of the kept 3/4.
    assert_eq!(survivors(&row, |o| (o.top_k, o.top_p) = (2, 0.6)), [0]);
    assert_eq!(survivors(&row, |o| (o.top_k, o.top_p) = (2, 0.7)), [0, 1]);
    assert_eq!(survivors(&[1.25; 100], |o| o.top_p = 0.105), (0..11).collect::<Vec<_>>());
    assert_eq!(survivors(&[-INF, 1.0, -INF], |o| o.top_p = 0.9), [1]);
}

#[test]
fn min_p_keeps_all_at_0_and_only_the_best_at_1() {
    let row = [4.0, 3.0, 2.0, 4.0].map(|x: f32| x * std::f32::consts::LN_2);
    assert_eq!(survivors(&row, |o| o.min_p = 0.0), [0, 1, 2, 3], "off");
    assert_eq!(survivors(&row, |o| o.min_p = 0.24), [0, 1, 2, 3]);
    assert_eq!(survivors(&row, |o| o.min_p = 0.26), [0, 1, 3]);
    assert_eq!(survivors(&row, |o| o.min_p = 1.0), [0, 3], "ties with the best are kept");
    assert_eq!(survivors(&row, |o| (o.min_p, o.min_tokens_to_keep) = (1.0, 3)), [0, 1, 3]);
    // Min-p sees other probabilities before the temperature than after it.
    assert_eq!(survivors(&row, |o| (o.min_p, o.temperature) = (0.26, 3.0)), [0, 1, 2, 3]);
    let last = |o: &mut Options| (o.min_p, o.temperature, o.order) = (0.26, 3.0, Order::LlamaCpp);
    assert_eq!(survivors(&row, last), [0, 1, 3]);
    assert_eq!(survivors(&[-INF, f32::MIN, -INF], |o| o.min_p = 1e-300), [1]);
}

#[test]
fn the_only_token_of_a_vocabulary_is_always_drawn() {
    for algorithm in Algorithm::ALL {
        for x in [0.0, -0.0, f32::MAX, f32::MIN, 1e-45] {
            for set in [
                (|_| ()) as fn(&mut Options),
                |o| o.temperature = 0.0,
                |o| (o.top_k, o.top_p, o.min_p) = (1, 0.0, 1.0),
                |o| (o.top_p, o.temperature) = (0.5, 1e-300),
                |o| o.temperature = f64::from(f32::MAX),
            ] {
                let mut sampler = sampler(1, |o| {
                    set(o);
                    o.generator = Source::Algorithm(algorithm);
                });
                let mut scratch = Scratch::new(1);
                assert_eq!(scratch.law(&sampler, &[x], &Request::default()).unwrap(), [1.0]);
                assert_eq!(scratch.counts(&mut sampler, &[x], 10), [10]);
            }
        }
    }
}

#[test]
fn tiny_temperatures_are_greedy_and_huge_ones_uniform() {
    let sources = Algorithm::ALL.map(Source::Algorithm);
    for (shape, row) in rows(70, 9) {
        let best = row.iter().copied().fold(-INF, f32::max);
        let finite = row.iter().filter(|x| **x > -INF).count() as f32;
        for source in sources {
            for temperature in [f64::from_bits(1), 1e-310, 1e-300, 1e-60, 1e-45, 1e-40] {
                let mut sampler = sampler(70, |o| (o.temperature, o.generator) = (temperature, source));
                let mut scratch = Scratch::new(row.len());
                // The scale is a float32, which cannot spread the denormals of the tiny row far enough apart.
                let bests: Vec<bool> = row.iter().map(|x| *x == best || shape == "tiny").collect();
                let p = scratch.law(&sampler, &row, &Request::default()).unwrap();
                assert!(p.iter().zip(&bests).all(|(p, best)| *p == 0.0 || *best), "{shape} at {temperature}: {p:?}");
                for _ in 0..20 {
                    let token = scratch.sample(&mut sampler, &row, &Request::default()).unwrap();
                    assert!(bests[token as usize], "{shape} at {temperature}, {source:?}: {token}");
                }
            }
            // If logits differ by far less than the temperature, all are equally likely.
            if shape != "huge" {
                for temperature in [1e20, 3.4e38, f64::from(f32::MAX)] {
                    let sampler = sampler(70, |o| (o.temperature, o.generator) = (temperature, source));
                    let p = Drawer::of(sampler).law(&row).unwrap();
                    for (p, x) in p.iter().zip(&row) {
                        let expected = if *x > -INF { 1.0 / finite } else { 0.0 };
                        assert!((p - expected).abs() < 1e-6, "{shape} at {temperature}: {p}, not {expected}");
                    }
                }
            }
        }
    }
}

/// The distance between these logits overflows a float32, and yet both have a weight.
#[test]
fn logits_whose_distance_overflows_float32_keep_their_weight() {
    let row = [3e38, -3e38, f32::MIN, f32::MAX, -INF, 0.0];
    for temperature in [1e36, 1e37, 1e38, 3e38, f64::from(f32::MAX)] {
        let weights = row.map(|x| ((f64::from(x) - f64::from(f32::MAX)) / temperature).exp());
        let whole: f64 = weights.iter().sum();
        for source in Algorithm::ALL.map(Source::Algorithm) {
            let mut sampler = sampler(row.len(), |o| (o.temperature, o.generator) = (temperature, source));
            let mut scratch = Scratch::new(row.len());
            let law = scratch.law(&sampler, &row, &Request::default()).unwrap();
            for (p, weight) in law.iter().zip(weights) {
                assert!((f64::from(*p) - weight / whole).abs() < 1e-6, "T {temperature:e}: {law:?}");
            }
            assert_fits(&scratch.counts(&mut sampler, &row, 2000), &weights.map(|weight| weight / whole), "far apart");
        }
    }
}

/// Returns how many tokens have a probability above 0.
fn alive(row: &[f32], set: impl Fn(&mut Options)) -> usize {
    let p = Drawer::of(sampler(row.len(), set)).law(row).unwrap();
    p.iter().filter(|p| **p > 0.0).count()
}

/// Seeds that are equal to a generator are equal to the coin too.
#[test]
fn equivalent_seeds_toss_the_same_xtc_coins() {
    let row = [1.0, 0.9, 0.8, 0.0];
    for algorithm in [Algorithm::Philox, Algorithm::Torch, Algorithm::TorchMkl] {
        let tokens = ["-1", "18446744073709551615", "1"].map(|seed| {
            let mut sampler = sampler(4, |o| {
                o.xtc = Some(Xtc { probability: Some(0.5), threshold: Some(0.1), protect: Vec::new() });
                (o.generator, o.seed) = (Source::Algorithm(algorithm), seed.parse().unwrap());
            });
            let mut scratch = Scratch::new(row.len());
            (0..64).map(|_| scratch.sample(&mut sampler, &row, &Request::default()).unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(tokens[0], tokens[1], "{algorithm:?}");
        assert_ne!(tokens[0], tokens[2], "{algorithm:?}");
    }
}

/// For numpy's longer seeds, the lowest 64 bits seed the coin.
#[test]
fn numpy_seeds_beyond_64_bits_toss_different_xtc_coins() {
    // Whether the best token is dropped, which the coin alone decides: the processed probabilities show it.
    let dropped = |high: u128, low: u128| {
        let sampler = sampler(2, |o| {
            o.xtc = Some(Xtc { probability: Some(0.5), threshold: Some(0.01), protect: Vec::new() });
            o.generator = Source::Algorithm(Algorithm::Numpy);
            o.seed = ((high << 64) + low).to_string().parse().unwrap();
        });
        let law = Drawer::of(sampler).processed(&[4.0, 0.0], &Request::default()).unwrap();
        law[0] == f64::NEG_INFINITY
    };
    assert!((16..=48).contains(&(0..64).filter(|low| dropped(1, *low)).count()));
    assert!((0..64).all(|low| dropped(1, low) == dropped(2, low) && dropped(1, low) == dropped(0, low)));
}

/// The best logit divided by the temperature overflows a float, but a later edit needs it.
#[test]
fn edits_after_smoothing_work_at_the_smallest_temperatures() {
    let order = ["temperature", "smoothing", "suppressTokens", "repetitionPenalty"].map(String::from);
    for row in [[5.0, 4.0, 3.0, 0.0], [-3.0, -4.0, -5.0, -9.0], [3.4e38, 1.0, -3.4e38, 0.0], [88.0, -INF, 0.0, 1.0]] {
        for temperature in [1e-45, 1e-39, 1e-30] {
            let set = |o: &mut Options| {
                o.order = Order::Custom(order.to_vec());
                (o.temperature, o.repetition_penalty) = (temperature, 1.5);
                o.smoothing = Some(Smoothing { factor: Some(0.3), curve: None });
                o.suppress_tokens = vec![3];
            };
            let law = Drawer::of(sampler(4, set)).law(&row).unwrap();
            assert_eq!(law, [1.0, 0.0, 0.0, 0.0], "{row:?} at {temperature}");
        }
    }
}

/// 1 / T overflows a double, and so does every distance divided by T.
#[test]
fn smoothing_keeps_the_best_at_the_smallest_temperatures() {
    for temperature in [f64::from_bits(1), 1e-310, 1e-300] {
        for curve in [1.0, 2.0, 3.0] {
            let smoothing = Smoothing { factor: Some(1.0), curve: Some(curve) };
            let set = |o: &mut Options| (o.temperature, o.smoothing) = (temperature, Some(smoothing.clone()));
            let p = Drawer::of(sampler(3, set)).law(&[1.0, 2.0, 0.0]).unwrap();
            assert_eq!(p, [0.0, 1.0, 0.0], "T {temperature:e}, curve {curve}");
        }
    }
}

#[test]
fn top_h_keeps_its_share_of_equal_tokens() {
    for (share, kept) in [(0.1, 10), (0.2, 20), (0.29, 29), (0.5, 50), (0.57, 57), (0.8, 80), (1.0, 100)] {
        assert_eq!(alive(&[1.0; 100], |o| o.top_h = Some(share)), kept, "{share}");
    }
}

/// The steepest fall may come far after the best tokens, and after a fall that is nearly as steep.
#[test]
fn min_k_finds_a_cliff_at_any_rank() {
    let before = |i: usize| if i == 0 { 10.1 } else { 10.0 - 1e-4 * i as f32 };
    for cliff in [5, 63, 64, 65, 100, 255, 256, 257, 900] {
        for depth in [0.11, 0.15, 3.0] {
            let depth = depth * cliff as f32;
            let row: Vec<f32> = (0..1500).map(|i| before(i) - if i < cliff { 0.0 } else { depth }).collect();
            // Hot enough that every kept token has a probability above 0.
            let kept = alive(&row, |o| (o.min_k, o.temperature) = (Some(0.0), f64::from(depth).max(1.0)));
            assert_eq!(kept, cliff, "a fall of {depth} after rank {cliff}");
        }
    }
}

#[test]
fn top_n_sigma_keeps_the_same_tokens_at_every_scale() {
    let row: Vec<f32> = (0..50).map(|i| (3.7 * i as f32).sin()).collect();
    let kept = alive(&row, |o| o.top_n_sigma = Some(1.0));
    assert!((5..45).contains(&kept));
    for scale in [1e-37f32, 1e-30, 1e-24, 1e-20, 1e-10, 1e10, 1e20, 1e37] {
        let row: Vec<f32> = row.iter().map(|x| x * scale).collect();
        // Hot enough that every kept token has a probability above 0.
        let hot = f64::from(scale.max(1.0));
        assert_eq!(alive(&row, |o| (o.top_n_sigma, o.temperature) = (Some(1.0), hot)), kept, "{scale:e}");
    }
    assert_eq!(alive(&[0.25; 50], |o| o.top_n_sigma = Some(1.0)), 50);
}

#[test]
fn mirostat_2_keeps_one_token_if_all_surprise_more_than_mu() {
    let set = |tau| {
        move |o: &mut Options| o.mirostat = Some(Mirostat { version: Some(2), tau: Some(tau), ..Default::default() })
    };
    // Each token has a surprise of ten bits. At first mu is twice tau.
    assert_eq!(alive(&[0.5; 1024], set(4.9)), 1);
    assert_eq!(alive(&[0.5; 1024], set(5.0)), 1024);
    let mut sampler = sampler(1024, set(2.0));
    assert_eq!(Scratch::new(1024).counts(&mut sampler, &[0.5; 1024], 1)[0], 1, "the lowest of tied ids");
}

/// A count larger than any vocabulary means the whole vocabulary.
#[test]
fn counts_above_the_vocab_size_mean_the_whole_vocabulary() {
    let row = [3.0, 1.0, 2.0, 2.0, -INF, 2.0];
    let mut sampler = sampler(6, |o| (o.top_k, o.repetition_penalty, o.min_tokens_to_keep) = (usize::MAX, 1.5, 6));
    sampler.prompt(&[0, 3]).unwrap();
    let counts = Scratch::new(6).counts(&mut sampler, &row, 300);
    assert!(counts.iter().enumerate().all(|(id, n)| (*n > 0) == (id != 4)));
    let (mut logits, mut workspace) = (Logits::new(6), Workspace::new(6));
    logits.set(&row).unwrap();
    let wanted = Logprobs { top: usize::MAX, ..Logprobs::default() };
    let best = sampler.logprobs(logits.row(), &mut workspace, &Request::default(), &wanted).unwrap();
    assert_eq!(best.iter().map(|best| best.token).collect::<Vec<_>>(), [0, 2, 3, 5, 1]);
}

#[test]
fn the_largest_finite_logits_can_be_drawn() {
    let mut row = vec![f32::MIN; 100];
    row[40] = f32::MAX;
    row[41] = f32::MAX;
    row[99] = -INF;
    for set in [
        (|_| ()) as fn(&mut Options),
        |o| o.top_k = 2,
        |o| o.top_p = 0.999,
        |o| o.min_p = 1e-9,
        |o| (o.top_k, o.top_p, o.min_p, o.temperature) = (40, 0.95, 0.05, 0.8),
        |o| (o.top_p, o.order) = (0.9, Order::LlamaCpp),
    ] {
        for algorithm in Algorithm::ALL {
            let mut sampler = sampler(100, |o| {
                set(o);
                o.generator = Source::Algorithm(algorithm);
            });
            let counts = Scratch::new(row.len()).counts(&mut sampler, &row, 100);
            assert_eq!(counts[40] + counts[41], 100, "{algorithm:?}");
            assert!(counts[40] > 20 && counts[41] > 20, "{algorithm:?}: {counts:?}");
        }
    }
}

/// Beside such a logit, the logarithm of a probability is smaller than the logit's last bit.
#[test]
fn xtc_thresholds_hold_for_huge_equal_logits() {
    for x in [1.0, 1e15, 1e16, 1e30, f32::MAX, f32::MIN] {
        for (threshold, alive_then) in [(0.5, 3), (0.3, 1)] {
            let xtc = Xtc { probability: Some(1.0), threshold: Some(threshold), protect: Vec::new() };
            assert_eq!(alive(&[x; 3], |o| o.xtc = Some(xtc.clone())), alive_then, "{x}, threshold {threshold}");
        }
    }
}

/// The lesser of two tokens is two standard deviations from the best, whatever the two are.
#[test]
fn top_n_sigma_2_keeps_both_of_two_tokens() {
    for i in 0..2000_u32 {
        let [x, y] = [i, !i].map(|i| (i.wrapping_mul(0x9e37_79b9) >> 8) as f32 / 1e6 - 8.0);
        assert_eq!(alive(&[x, y], |o| o.top_n_sigma = Some(2.0)), 2, "{x}, {y}");
        assert_eq!(alive(&[x, y], |o| o.top_n_sigma = Some(1.99)), 1, "{x}, {y}");
    }
}

/// A block's sum in float32 may be larger than the sum of its terms. What lies in between is not the last token's.
#[test]
fn a_token_that_is_next_to_impossible_is_not_drawn_at_the_end_of_its_block() {
    for (name, mut row) in rows(32, 5) {
        let best = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        if !best.is_finite() || best.abs() > 1e3 {
            continue;
        }
        row[31] = best - 80.0;
        for top_k in [0, 31] {
            let mut sampler = sampler(32, |o| (o.top_k, o.generator) = (top_k, Source::Caller));
            for bits in 15..54 {
                let uniform = Some(1.0 - 0.5_f64.powi(bits));
                let request = Request { uniform, ..Request::default() };
                let token = Scratch::new(32).sample(&mut sampler, &row, &request).unwrap();
                assert_ne!(token, 31, "{name}, 1 - 2^-{bits}");
            }
        }
    }
}
