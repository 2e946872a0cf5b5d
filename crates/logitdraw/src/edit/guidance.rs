//! Classifier-free guidance (Sanchez et al. 2023, arXiv 2306.17806): `g * (lp_c - lp_u) + lp_u` on log-softmaxes.

use crate::error::Error;
use crate::kernels::{self, BLOCK};
use crate::logits::{checked_max, wrong_length};
use crate::math::ln;
use crate::request::Guidance;
use crate::survivors::Survivors;

/// Mixes in the unconditional logits. Masked tokens stay masked; where only the unconditional logit is -Infinity, the conditional
/// log-probability is kept.
pub(crate) fn apply(alive: &mut Survivors<'_>, guidance: &Guidance<'_>) -> Result<(), Error> {
    let Guidance { unconditional, scale } = *guidance;
    if !scale.is_finite() {
        return Err(Error::option("guidance.scale", "guidance.scale must be a finite number"));
    }
    let max = checked(unconditional, alive.vocab_size()).map_err(|error| error.of("guidance.unconditional"))?;
    let (whole, own) = (ln(mass(unconditional, max)), ln(alive.mass()));
    // The maximum is subtracted first: next to a large logit, the logarithm of the sum would be lost to rounding.
    let below = |x: f32, max: f32| f64::from(x) - f64::from(max);
    let own_max = alive.max();
    alive.rewrite(|id, x| {
        let conditional = below(x, own_max) - own;
        let other = unconditional[id as usize];
        let mixed = if other == f32::NEG_INFINITY {
            conditional
        } else {
            let other = below(other, max) - whole;
            scale * (conditional - other) + other
        };
        mixed.clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32
    });
    Ok(())
}

/// Returns the largest of the unconditional logits, which must be as many as there are tokens.
fn checked(unconditional: &[f32], vocab_size: usize) -> Result<f32, Error> {
    if unconditional.len() == vocab_size {
        checked_max("unconditional logit", unconditional)
    } else {
        Err(wrong_length(vocab_size, unconditional.len()))
    }
}

/// Sum of e^(x - max), block by block.
fn mass(logits: &[f32], max: f32) -> f64 {
    if max == f32::NEG_INFINITY {
        return 1.0;
    }
    let (blocks, rest) = logits.as_chunks::<BLOCK>();
    let mut last = [f32::NEG_INFINITY; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let of = |block| f64::from(kernels::block_mass(block, max, 1.0, f32::MIN));
    blocks.iter().map(of).sum::<f64>() + of(&last)
}
