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
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Allowed tokens, one bit each: bit `id % 32` of word `id / 32`. Ids past its end are not allowed.
    pub mask: Option<&'a [u32]>,
    /// The uniform in [0, 1) for this draw, if the caller is the generator ([`Source::Caller`](crate::Source)).
    pub uniform: Option<f64>,
    /// Classifier-free guidance.
    pub guidance: Option<Guidance<'a>>,
}
