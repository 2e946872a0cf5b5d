//! Conversions and the short ways of the public types.

mod common;

use common::json::options;
use logitdraw::{
    Algorithm, ErrorCode, Logits, Logprobs, LogprobsOf, Options, Order, Request, Sampler, Seed, Source, Value,
    Workspace,
};
use serde_json::json;

#[test]
fn options_can_be_set_from_plain_values() {
    let mut set = Options::new(9);
    for (name, value) in [
        ("topK", 5.into()),
        ("topP", 0.5.into()),
        ("minP", 0.25_f32.into()),
        ("penaltyWindow", 7_u32.into()),
        ("removeInvalidValues", true.into()),
        ("seed", Seed::from(3_u32).into()),
        ("generator", "numpy".into()),
        ("order", vec!["minP".to_string(), "topP".into(), "topK".into()].into()),
        ("suppressTokens", vec![1_u32, 2].into()),
        ("eosTokenId", (&[3_u32][..]).into()),
        ("badWords", vec![vec![1_u32, 2]].into()),
        ("logitBias", vec![(4_u32, 0.5)].into()),
        ("sequenceBias", vec![(vec![1_u32, 2], -1.0)].into()),
    ] {
        let value: Value = value;
        set.set(name, value).unwrap();
    }
    let parts = json!({
        "topK": 5, "topP": 0.5, "minP": 0.25, "penaltyWindow": 7, "removeInvalidValues": true, "generator": "numpy",
        "order": ["minP", "topP", "topK"], "suppressTokens": [1, 2], "eosTokenId": [3], "badWords": [[1, 2]],
        "logitBias": [[4, 0.5]], "sequenceBias": [[[1, 2], -1.0]],
    });
    assert_eq!(set, Options { seed: Seed::from(3_u32), ..options(9, &parts) });
}

#[test]
fn names_are_read_and_written() {
    for algorithm in Algorithm::ALL {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        assert_eq!(Source::from(algorithm), Source::Algorithm(algorithm));
    }
    assert_eq!("mt".parse::<Algorithm>().unwrap_err().option.as_deref(), Some("generator"));
    assert_eq!("vllm".parse(), Ok(Order::Vllm));
    assert_eq!("hf".parse::<Order>().unwrap_err().option.as_deref(), Some("order"));
    assert_eq!(format!("{:>15}", ErrorCode::NoTokenLeft), "  NO_TOKEN_LEFT");
    let Options { order, generator, .. } = Options::new(1);
    assert_eq!((Order::default(), Source::default()), (order, generator));
}

#[test]
fn seeds_are_made_of_integers_of_any_size() {
    assert_eq!(Seed::from(u128::MAX).to_string(), u128::MAX.to_string());
    assert_eq!(Seed::from(1_u128 << 64).to_string(), "18446744073709551616");
    assert_eq!((Seed::from(5_u128), Seed::from(5_usize)), (Seed::from(5_u64), Seed::from(5_u32)));
}

#[test]
fn rows_are_copied_and_borrowed_again() {
    let mut row = Logits::from(&[1.0, 2.0, 3.0][..]);
    let mut copy = row.clone();
    row.values_mut()[0] = 9.0;
    assert_eq!((row.values(), copy.values()), (&[9.0, 2.0, 3.0][..], &[1.0, 2.0, 3.0][..]));
    let mut workspace = Workspace::new(3);
    let mut sampler = Sampler::new(Options { temperature: 0.0, ..Options::new(3) }).unwrap();
    let mut borrowed = copy.row();
    let wanted = Logprobs { of: LogprobsOf::Raw, tokens: &[2], top: 0 };
    let found = sampler.logprobs(borrowed.reborrow(), &mut workspace, &Request::default(), &wanted).unwrap();
    assert_eq!(borrowed.values(), [1.0, 2.0, 3.0]);
    let (token, also) =
        sampler.sample_with_logprobs(borrowed.reborrow(), &mut workspace, &Request::default(), &wanted).unwrap();
    assert_eq!((token.token, also), (2, found));
    assert_eq!(sampler.step(), 1);
    assert_eq!(sampler.sample(borrowed, &mut workspace, &Request::default()), Ok(2));
}
