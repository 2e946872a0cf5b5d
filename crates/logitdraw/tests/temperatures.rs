//! Edge cases of what makes a distribution flatter or steeper: dynamic temperatures, smoothing, mirostat.

mod common;

use common::drawer::Drawer;
use logitdraw::{AdaptiveP, DynamicTemperature, ErrorCode, Mirostat, Options, Order, Smoothing, Xtc};

/// Returns how many tokens have a probability above 0.
fn alive(row: &[f32], set: impl Fn(&mut Options)) -> usize {
    let mut options = Options::new(row.len());
    set(&mut options);
    Drawer::new(options).law(row).unwrap().iter().filter(|p| **p > 0.0).count()
}

/// The estimate of Zipf's exponent is exactly 1: with m = 2 it is the best token's lead, divided by ln 2.
#[test]
fn mirostat_1_keeps_its_limit_if_the_exponent_is_1() {
    let row: Vec<f32> = (0..100).map(|i| 1.0 - i as f32).collect();
    for (tau, kept) in [(2.5, 6), (3.0, 13), (4.0, 55)] {
        // k = 2^mu / ln n, with mu = 2 tau: 32, 64 and 256, each divided by 4.605.
        let set = |o: &mut Options| {
            o.temperature = 1.0 / std::f64::consts::LN_2;
            o.mirostat = Some(Mirostat { version: Some(1), tau: Some(tau), m: Some(2), ..Default::default() });
        };
        assert_eq!(alive(&row, set), kept, "tau {tau}");
    }
}

/// Where the model is sure, a dynamic temperature may be 0: then only the best token is left for what comes next, of equal ones the
/// lowest id.
#[test]
fn a_dynamic_temperature_of_0_leaves_only_the_best_token() {
    let zero = DynamicTemperature { low: Some(0.0), high: Some(0.0), ..Default::default() };
    let law = |row: &[f32; 4], set: fn(&mut Options)| {
        let mut options = Options { dynamic_temperature: Some(zero.clone()), ..Options::new(4) };
        set(&mut options);
        Drawer::new(options).law(row)
    };
    assert_eq!(law(&[0.0, 3.0, 3.0, 1.0], |_| ()).unwrap(), [0.0, 1.0, 0.0, 0.0]);
    let sure = [800.0, 1.0, 0.0, 2.0];
    let by_range = |o: &mut Options| {
        (o.temperature, o.order) = (0.7, Order::LlamaCpp);
        o.dynamic_temperature = Some(DynamicTemperature { range: Some(2.0), ..Default::default() });
        o.adaptive_p = Some(AdaptiveP { target: Some(0.1), ..Default::default() });
    };
    assert_eq!(law(&sure, by_range).unwrap(), [1.0, 0.0, 0.0, 0.0]);
    let banned = |o: &mut Options| {
        o.suppress_tokens = vec![0];
        o.order = Order::Custom(vec!["dynamicTemperature".into(), "suppressTokens".into()]);
    };
    assert_eq!(law(&sure, banned).unwrap_err().code, ErrorCode::NoTokenLeft);
    let coin = |o: &mut Options| {
        o.xtc = Some(Xtc { probability: Some(1.0), threshold: Some(0.0), ..Default::default() });
        o.order = Order::Custom(vec!["dynamicTemperature".into(), "xtc".into()]);
    };
    assert_eq!(law(&sure, coin).unwrap(), [1.0, 0.0, 0.0, 0.0]);
    // As with a temperature of 0, whatever truncations have to leave.
    assert_eq!(law(&[3.0, 3.0, 1.0, 3.0], |o| o.min_tokens_to_keep = 2).unwrap(), [1.0, 0.0, 0.0, 0.0]);
    let revived = |o: &mut Options| {
        o.min_tokens_to_keep = 2;
        o.adaptive_p = Some(AdaptiveP { target: Some(0.1), ..Default::default() });
    };
    assert_eq!(law(&[800.0, 1.0, 0.0, 799.0], revived).unwrap(), [1.0, 0.0, 0.0, 0.0]);
}

/// Bans do not depend on how large logits are, so behind smoothing they leave its exact differences alone.
#[test]
fn a_ban_behind_smoothing_moves_no_other_token() {
    let row = [1.9556, 1.9590, -1.0];
    for (suppress_tokens, order) in
        [(vec![], vec!["smoothing", "topK"]), (vec![2], vec!["smoothing", "topK", "suppressTokens"])]
    {
        let order = Order::Custom(order.into_iter().map(String::from).collect());
        let smoothing = Some(Smoothing { factor: Some(1.0), curve: Some(3.0) });
        let mut drawer = Drawer::new(Options { smoothing, top_k: 1, suppress_tokens, order, ..Options::new(3) });
        assert_eq!(drawer.law(&row).unwrap(), [0.0, 1.0, 0.0]);
    }
}

/// A dynamic temperature takes precedence over a temperature of 0, as in llama.cpp: it goes from 0 to its range.
#[test]
fn a_dynamic_temperature_with_a_range_is_not_greedy_at_temperature_0() {
    let range = |range| DynamicTemperature { range: Some(range), ..Default::default() };
    let kept = |x| alive(&[1.0, 0.5, 0.0], |o| (o.temperature, o.dynamic_temperature) = (0.0, Some(range(x))));
    assert_eq!((kept(2.0), kept(0.0)), (3, 1));
}
