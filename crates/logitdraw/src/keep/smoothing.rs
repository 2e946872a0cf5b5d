//! Quadratic smoothing (kalomaze 2024; text-generation-webui): logits fall with the square of their distance from the best.

use crate::kernels::lowered;
use crate::stage::Stage;
use crate::survivors::{Parameters, Waiting};

/// `x' = m - k f d^2 + s f d^3` with d the distance from the largest logit m after the temperature, k = (3 - c) / 2, s = (c - 1) / 2.
/// It preserves the order, so the new block maxima follow from the old ones. m is left out: that changes no probability, and x' is
/// more exact.
pub(crate) static STAGE: Stage = Stage {
    overwrites: |_| true,
    ..Stage::keep(
        "smoothing",
        |options| options.smoothing.as_ref().is_some_and(|smoothing| smoothing.factor != Some(0.0)),
        |alive, step| {
            let Some(smoothing) = &step.options.smoothing else { return Ok(()) };
            let (factor, curve) = (smoothing.factor.unwrap_or(0.0), smoothing.curve.unwrap_or(1.0));
            let (square, cube) = ((3.0 - curve) / 2.0 * factor, (curve - 1.0) / 2.0 * factor);
            // Kept finite, so that 0 times it is 0 and not NaN.
            let scale = (1.0 / alive.temperature()).min(f64::MAX);
            let parameters = [f64::from(alive.max()), scale, square, cube];
            alive.edit_all(Waiting::of_all(smooth, parameters));
            alive.set_temperature(1.0);
            // Where a later edit depends on how large a logit is, m is added again: at most half the largest float, since a
            // larger m would move all logits to the ends of the float range.
            if step.after.iter().any(|active| active.stage.by_size) {
                let half = f64::from(f32::MAX) / 2.0;
                let m = (parameters[0] * scale).clamp(-half, half);
                alive.edit_all(Waiting::of_all(|x, _, [m, ..]| lowered(x, -m), [m, 0.0, 0.0, 0.0]));
            }
            Ok(())
        },
    )
};

fn smooth(x: f32, _: u32, [max, scale, square, cube]: &Parameters) -> f32 {
    let d = (f64::from(x) - max) * scale;
    let smoothed = d * d * (cube * d - square);
    // The lowest float is still alive.
    smoothed.max(f64::from(f32::MIN)) as f32
}
