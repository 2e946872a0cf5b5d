//! Mirostat (Basu et al. 2021, arXiv 2007.14966): keeps the surprise of the drawn tokens near a target.

use crate::history::{Memory, Track};
use crate::key;
use crate::math::{exp, floor, ln, powf};
use crate::options::{Mirostat, Options};
use crate::stage::Stage;
use crate::survivors::{Arrangement, Survivors};
use alloc::boxed::Box;

const LN_2: f64 = core::f64::consts::LN_2;

pub(crate) static STAGE: Stage = Stage {
    remember: Some(remember),
    observe: Some(surprise),
    short: |options| version(options) == Some(1),
    ..Stage::keep(
        "mirostat",
        |options| options.mirostat.is_some(),
        |alive, step| {
            let mu = step.memory.map_or(0.0, |memory| memory.downcast::<Track>().value());
            match &step.options.mirostat {
                Some(mirostat @ Mirostat { version: Some(1), .. }) => {
                    let k = estimate(alive, mirostat.m.unwrap_or(100), mu);
                    super::top_k::keep(alive, k, true);
                }
                _ => {
                    // Keep -log2 p <= mu.
                    let mass = alive.mass();
                    if ln(mass) > mu * LN_2 * (1.0 + 1e-12) {
                        // Not even the best token passes: keep it alone.
                        let best = alive.nth(1);
                        alive.cut_after(best);
                    } else {
                        alive.raise_floor_to_probability(-mu * LN_2, mass);
                    }
                }
            }
            alive.arrange(Arrangement::Descending, 1);
            Ok(())
        },
    )
};

fn version(options: &Options) -> Option<usize> {
    options.mirostat.as_ref().and_then(|mirostat| mirostat.version)
}

/// Creates mu, which starts at twice tau; each token lowers it by eta * (surprise - tau).
fn remember(options: &Options) -> Box<dyn Memory> {
    let mirostat = options.mirostat.clone().unwrap_or_default();
    let (tau, eta) = (mirostat.tau.unwrap_or(5.0), mirostat.eta.unwrap_or(0.1));
    Box::new(Track::new(2.0 * tau, [tau, eta], |mu, surprise, [tau, eta]| mu - eta * (surprise - tau)))
}

/// Returns the surprise of a token in bits, under the probabilities from which it was drawn.
fn surprise(alive: &mut Survivors<'_>, place: u32) -> Option<f64> {
    let mass = alive.mass();
    let x = alive.logit(place);
    Some((ln(mass) - f64::from(alive.exponent(x))) / LN_2)
}

/// Returns how many tokens version 1 keeps: estimates Zipf's exponent from the best `m`, then the k at which the surprise would be mu.
fn estimate(alive: &mut Survivors<'_>, m: usize, mu: f64) -> usize {
    let n = alive.vocab_size() as f64;
    let temperature = alive.temperature();
    let mut sum_tb = 0.0;
    let mut sum_tt = 0.0;
    let mut former: Option<f64> = None;
    for (i, key) in alive.best(m).iter().enumerate() {
        let (x, _) = key::unpack(*key);
        let y = f64::from(x) / temperature;
        if let Some(former) = former {
            // llama.cpp's ln((i + 2) / (i + 1)), which counts pairs from 0; here token i is the second of its pair.
            let t = ln((i + 1) as f64 / i as f64);
            sum_tb += t * (former - y);
            sum_tt += t * t;
        }
        former = Some(y);
    }
    let s = sum_tb / sum_tt;
    if s.is_nan() || s <= 0.0 {
        return alive.vocab_size();
    }
    let epsilon = s - 1.0;
    let k = if epsilon.abs() < 1e-9 {
        exp(mu * LN_2) / ln(n)
    } else {
        powf(epsilon * exp(mu * LN_2) / (1.0 - powf(n, -epsilon)), 1.0 / s)
    };
    if k >= n || k.is_nan() { alive.vocab_size() } else { floor(k).max(1.0) as usize }
}
