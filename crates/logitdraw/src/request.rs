//! What a caller may specify for a single draw.

/// Classifier-free guidance: the logits without the prompt, and the scale.
#[derive(Clone, Copy, Debug)]
pub struct Guidance<'a> {
    /// One logit per token.
    pub unconditional: &'a [f32],
    /// 1 changes nothing; a larger scale follows the prompt more.
    pub scale: f64,
}

/// What a caller may specify for a single draw.
///
/// ```
/// # use logitdraw::{Logits, Options, Request, Sampler, Workspace};
/// # fn main() -> Result<(), logitdraw::Error> {
/// # let (mut logits, mut workspace) = (Logits::new(40), Workspace::new(40));
/// # let mut sampler = Sampler::new(Options::new(40))?;
/// logits.set(&[0.0; 40])?;
/// // Only token 35 is allowed: bit 3 of word 1.
/// let request = Request { mask: Some(&[0, 1 << 3]), ..Request::default() };
/// assert_eq!(sampler.sample(logits.row(), &mut workspace, &request)?, 35);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Allowed tokens, one bit each: bit `id % 32` of word `id / 32`. Ids past its end are not allowed.
    pub mask: Option<&'a [u32]>,
    /// The uniform in [0, 1) for this draw, if the caller is the generator ([`Source::Caller`](crate::Source)).
    pub uniform: Option<f64>,
    /// Classifier-free guidance.
    pub guidance: Option<Guidance<'a>>,
}
