//! Adaptive-p (llama.cpp 2026): favours tokens whose probability is near a target, and steers their average towards it.

use crate::history::{Memory, Track};
use crate::kernels;
use crate::options::Options;
use crate::stage::Stage;
use crate::survivors::{Parameters, Survivors, Waiting};
use alloc::boxed::Box;

/// Width, height and steepness of the hill that maps probabilities to new logits.
const WIDTH: f64 = 0.3;
const PEAK: f64 = 5.0;
const SHARPNESS: f64 = 10.0;

/// `x' = 5 - 10 d^2 / (1 + d)` with d = |p - a| / 0.3 and a = clamp(2 target - average, 0, 1).
pub(crate) static STAGE: Stage = Stage {
    remember: Some(remember),
    observe: Some(probability),
    overwrites: |_| true,
    ..Stage::keep(
        "adaptiveP",
        |options| options.adaptive_p.is_some(),
        |alive, step| {
            let (target, _) = parameters(step.options);
            if target < 0.0 {
                return Ok(());
            }
            let average = step.memory.map_or(target, |memory| memory.downcast::<Track>().value());
            let aim = (2.0 * target - average).clamp(0.0, 1.0);
            let mass = alive.mass();
            let parameters = [f64::from(alive.max()), f64::from(alive.scale()), mass, aim];
            alive.edit_all(Waiting { bound: Some(bound), remember: true, ..Waiting::of_all(hill, parameters) });
            alive.set_temperature(1.0);
            Ok(())
        },
    )
};

/// Target and decay, clamped as llama.cpp clamps them.
fn parameters(options: &Options) -> (f64, f64) {
    let adaptive = options.adaptive_p.clone().unwrap_or_default();
    (adaptive.target.unwrap_or(-1.0).min(1.0), adaptive.decay.unwrap_or(0.9).clamp(0.0, 0.99))
}

/// Creates the running average of past probabilities, which starts at the target.
fn remember(options: &Options) -> Box<dyn Memory> {
    let (target, decay) = parameters(options);
    Box::new(Track::new(target, [decay, 0.0], |average, p, [decay, _]| decay * average + (1.0 - decay) * p))
}

fn probability_of(x: f32, [max, scale, mass, _]: &Parameters) -> f64 {
    f64::from(kernels::exp((x - *max as f32) * *scale as f32)) / mass
}

fn height(distance: f64) -> f32 {
    let d = distance.abs() / WIDTH;
    (PEAK - SHARPNESS * d * d / (1.0 + d)) as f32
}

fn hill(x: f32, _: u32, parameters: &Parameters) -> f32 {
    height(probability_of(x, parameters) - parameters[3])
}

/// Upper bound of `hill` for all logits up to `x`: below the aim, x is the nearest to it; otherwise some logit may lie exactly on it.
fn bound(x: f32, _: u32, parameters: &Parameters) -> f32 {
    // A margin in case exp is not exactly monotone.
    let missing = parameters[3] - probability_of(x, parameters) * (1.0 + 1e-6);
    height(missing.max(0.0))
}

/// Returns the probability of the token drawn, after truncation and temperature but before the hill; `None` after a plain draw.
fn probability(alive: &mut Survivors<'_>, place: u32) -> Option<f64> {
    alive.remembered(place).map(|(x, parameters)| probability_of(x, &parameters))
}
