//! Log-probabilities against float64; and that a draw which reports them is the same as one that does not.

mod common;

use common::drawer::Drawer;
use common::rows::Random;
use common::script::{perform, random_options, script};
use logitdraw::{DynamicTemperature, ErrorCode, Guidance, Logprobs, LogprobsOf, Options, Request, TokenLogprob, Xtc};

const VOCAB: usize = 100;

fn near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 2e-5 + 1e-6 * a.abs()
}

/// Returns how many elements of a row are at least `x`.
fn rank<T: PartialOrd>(row: &[T], x: &T) -> u32 {
    row.iter().filter(|other| *other >= x).count() as u32
}

/// Returns the ids of the `n` largest elements above `dead`, found by sorting everything.
fn best<T: PartialOrd + Copy>(row: &[T], dead: T, n: usize) -> Vec<u32> {
    let mut ids: Vec<u32> = (0..row.len() as u32).filter(|id| row[*id as usize] > dead).collect();
    ids.sort_by(|a, b| row[*b as usize].partial_cmp(&row[*a as usize]).unwrap());
    ids.truncate(n);
    ids
}

#[test]
fn raw_logprobs_are_the_softmax_of_the_given_logits() {
    for seed in 0..300 {
        let mut random = Random(seed);
        let made = random_options(&mut random, VOCAB);
        let mut drawer = Drawer::new(made);
        for operation in script(&mut random, VOCAB, 10) {
            perform(&mut drawer, &operation);
        }
        let row = random.row(VOCAB);
        let max = row.iter().copied().fold(f32::MIN, f32::max);
        let mass: f64 = row.iter().map(|x| (f64::from(*x) - f64::from(max)).exp()).sum();
        let logprob = |id: u32| f64::from(row[id as usize]) - f64::from(max) - mass.ln();
        let (tokens, top) = (random.ids(VOCAB, 10), random.one_of(&[0, 1, 5, 99, 100, 500]));
        let found = drawer.logprobs(&row, &Logprobs { of: LogprobsOf::Raw, tokens: &tokens, top }).unwrap();
        let expected = [&tokens[..], &best(&row, f32::NEG_INFINITY, top)].concat();
        assert_eq!(found.iter().map(|found| found.token).collect::<Vec<_>>(), expected);
        for found in found {
            assert!(near(found.logprob, logprob(found.token)), "{found:?}");
            assert_eq!(found.rank, rank(&row, &row[found.token as usize]));
        }
    }
}

#[test]
fn processed_logprobs_match_the_distribution() {
    for seed in 0..800 {
        let mut random = Random(seed);
        let mut made = random_options(&mut random, VOCAB);
        made.xtc = None;
        let mut drawer = Drawer::new(made);
        for operation in script(&mut random, VOCAB, 10) {
            perform(&mut drawer, &operation);
        }
        let row = random.row(VOCAB);
        let Ok(law) = drawer.law(&row) else { continue };
        let all = drawer.processed(&row, &Request::default()).unwrap();
        for (id, (p, logprob)) in law.iter().zip(&all).enumerate() {
            // The logarithm is representable even if the probability is far too small for a float32.
            let fits = if *p > 1e-30 { near(f64::from(*p).ln(), *logprob) } else { *logprob < -69.0 };
            assert!(fits, "seed {seed} token {id}: {p} {logprob}");
        }
        let (tokens, top) = (random.ids(VOCAB, 10), random.one_of(&[0, 1, 5, 100]));
        let found = drawer.logprobs(&row, &Logprobs { of: LogprobsOf::Processed, tokens: &tokens, top }).unwrap();
        let expected = [&tokens[..], &best(&all, f64::NEG_INFINITY, top)].concat();
        assert_eq!(found.iter().map(|found| found.token).collect::<Vec<_>>(), expected, "seed {seed}");
        for found in found {
            assert_eq!(found.logprob, all[found.token as usize]);
            assert_eq!(found.rank, rank(&all, &found.logprob), "seed {seed} {found:?}");
        }
    }
}

/// A draw gives the same token and leaves the same state, whatever log-probabilities are requested with it.
#[test]
fn requesting_logprobs_does_not_change_the_draw() {
    for seed in 0..1500 {
        let mut random = Random(seed);
        let made = random_options(&mut random, VOCAB);
        let (mut plain, mut asked) = (Drawer::new(made.clone()), Drawer::new(made));
        for step in 0..6 {
            let row = random.row(VOCAB);
            let mask: Option<Vec<u32>> = random.chance(0.3).then(|| (0..3).map(|_| random.bits() as u32 | 1).collect());
            let other = random.row(VOCAB);
            let guidance = random.chance(0.2).then_some(Guidance { unconditional: &other, scale: 1.5 });
            let request = Request { mask: mask.as_deref(), guidance, ..Request::default() };
            let wanted = Logprobs {
                of: random.one_of(&[LogprobsOf::Raw, LogprobsOf::Processed]),
                tokens: &random.ids(VOCAB, 3),
                top: random.below(4),
            };
            let token = plain.sample_with(&row, &request);
            let drawn = asked.choose_with_logprobs(&row, &request, &wanted);
            let Ok((own, rest)) = drawn else {
                assert_eq!(token.unwrap_err(), drawn.unwrap_err());
                continue;
            };
            asked.sampler.commit();
            assert_eq!(token.unwrap(), own.token, "seed {seed} step {step}");
            assert_eq!(plain.sampler.save().unwrap(), asked.sampler.save().unwrap());
            assert!(own.logprob > f64::NEG_INFINITY && own.logprob < 1e-9, "{own:?}");
            assert!(rest.iter().take(wanted.tokens.len()).map(|found| &found.token).eq(wanted.tokens));
            // Whatever the draw did to the row, raw log-probabilities are the same as without a draw.
            if wanted.of == LogprobsOf::Raw {
                let tokens = [&[own.token], wanted.tokens].concat();
                let told = plain.logprobs(&row, &Logprobs { tokens: &tokens, ..wanted }).unwrap();
                assert_eq!(told, [&[own], &rest[..]].concat(), "seed {seed} step {step}");
            }
            // The drawn token gets the same entry if it is also among the others.
            let again = rest.iter().find(|found| found.token == own.token);
            assert!(again.is_none_or(|again| *again == own));
        }
    }
}

/// A temperature so wide that all logits are halved on the way does not change the raw log-probabilities.
#[test]
fn raw_logprobs_of_a_draw_ignore_a_huge_temperature() {
    let wide = 1e37;
    let dynamic = DynamicTemperature { low: Some(wide), high: Some(wide), ..DynamicTemperature::default() };
    let row = [1.0, 2.0, -3.0, 0.5];
    for made in [
        Options { temperature: wide, ..Options::new(4) },
        Options { dynamic_temperature: Some(dynamic), ..Options::new(4) },
    ] {
        let mut drawer = Drawer::new(made);
        let wanted = Logprobs { top: 4, ..Logprobs::default() };
        let told = drawer.logprobs(&row, &wanted).unwrap();
        let drawn = drawer.choose_with_logprobs(&row, &Request::default(), &wanted);
        assert_eq!(drawn.unwrap().1, told);
    }
}

/// Before a draw, `logprobs` reports what the draw will report, including the toss of XTC's coin.
#[test]
fn logprobs_before_a_draw_equal_those_of_the_draw() {
    for seed in 0..600 {
        let mut random = Random(seed);
        let mut made = random_options(&mut random, VOCAB);
        made.xtc = Some(Xtc { probability: Some(0.5), threshold: Some(0.02), protect: Vec::new() });
        let mut drawer = Drawer::new(made);
        for _ in 0..3 {
            let row = random.row(VOCAB);
            let Ok(before) = drawer.processed(&row, &Request::default()) else { continue };
            let wanted = Logprobs { of: LogprobsOf::Processed, ..Logprobs::default() };
            let (own, _) = drawer.choose_with_logprobs(&row, &Request::default(), &wanted).unwrap();
            assert!(
                near(own.logprob, before[own.token as usize]),
                "seed {seed}: {own:?} {}",
                before[own.token as usize]
            );
            // A draw that waits does not change what it reports either.
            assert_eq!(drawer.processed(&row, &Request::default()).unwrap(), before);
            drawer.sampler.commit();
        }
    }
}

#[test]
fn ties_share_a_rank_and_removed_tokens_rank_last() {
    let row = [1.0, 3.0, 3.0, f32::NEG_INFINITY, 2.0, 3.0];
    let mut drawer = Drawer::new(Options { top_k: 4, ..Options::new(6) });
    let tokens = [0, 1, 3, 4, 5];
    let ranks = |found: Vec<TokenLogprob>| found.iter().map(|found| (found.token, found.rank)).collect::<Vec<_>>();
    let raw = drawer.logprobs(&row, &Logprobs { of: LogprobsOf::Raw, tokens: &tokens, top: 2 }).unwrap();
    assert_eq!(ranks(raw), [(0, 5), (1, 3), (3, 6), (4, 4), (5, 3), (1, 3), (2, 3)]);
    let processed = drawer.logprobs(&row, &Logprobs { of: LogprobsOf::Processed, tokens: &tokens, top: 6 }).unwrap();
    assert_eq!(ranks(processed), [(0, 6), (1, 3), (3, 6), (4, 4), (5, 3), (1, 3), (2, 3), (5, 3), (4, 4)]);
    let mut greedy = Drawer::new(Options { temperature: 0.0, ..Options::new(6) });
    let found = greedy.logprobs(&row, &Logprobs { of: LogprobsOf::Processed, tokens: &[1, 2], top: 3 }).unwrap();
    assert_eq!(found[0], TokenLogprob { token: 1, logprob: 0.0, rank: 1 });
    assert_eq!(found[1], TokenLogprob { token: 2, logprob: f64::NEG_INFINITY, rank: 6 });
    assert_eq!(found[2..], found[..1]);
}

#[test]
fn logprobs_refuse_invalid_tokens_and_rows() {
    let mut drawer = Drawer::new(Options::new(4));
    for of in [LogprobsOf::Raw, LogprobsOf::Processed] {
        let wanted = Logprobs { of, tokens: &[1, 4], top: 0 };
        let error = drawer.logprobs(&[0.0; 4], &wanted).unwrap_err();
        assert_eq!((error.code, error.index), (ErrorCode::InvalidToken, Some(1)));
        for row in [[0.0, f32::NAN, 0.0, 0.0], [f32::NEG_INFINITY; 4]] {
            let wanted = Logprobs { of, ..Logprobs::default() };
            let code = drawer.logprobs(&row, &wanted).unwrap_err().code;
            assert_eq!(code, if row[1].is_nan() { ErrorCode::InvalidLogits } else { ErrorCode::NoTokenLeft });
            let drawn = drawer.choose_with_logprobs(&row, &Request::default(), &wanted);
            assert_eq!(drawn.unwrap_err().code, code);
            drawer.sampler.commit();
            assert_eq!(drawer.sampler.step(), 0);
        }
    }
}
