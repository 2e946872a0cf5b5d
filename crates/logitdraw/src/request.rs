//! What a caller may say of one draw.

/// Classifier-free guidance: the logits without the prompt, and the scale.
#[derive(Clone, Copy, Debug)]
pub struct Guidance<'a> {
    /// One logit a token.
    pub unconditional: &'a [f32],
    /// 1 changes nothing, more follows the prompt more.
    pub scale: f64,
}

/// What a caller may say of one draw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Allowed tokens, one bit each: bit `id % 32` of word `id / 32`. Ids past its end are not allowed.
    pub mask: Option<&'a [u32]>,
    /// The uniform in [0, 1) of this draw, where the caller is the generator ([`Source::Caller`](crate::Source)).
    pub uniform: Option<f64>,
    /// Classifier-free guidance.
    pub guidance: Option<Guidance<'a>>,
}
