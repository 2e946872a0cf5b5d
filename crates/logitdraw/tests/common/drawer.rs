//! A sampler with a scratch of its own.

use super::scratch::Scratch;
use logitdraw::{Error, Logprobs, LogprobsOf, Options, Request, Sampler, TokenLogprob};

pub struct Drawer {
    pub sampler: Sampler,
    scratch: Scratch,
}

impl Drawer {
    pub fn new(options: Options) -> Self {
        Self::of(Sampler::new(options).unwrap())
    }

    pub fn of(sampler: Sampler) -> Self {
        Self { scratch: Scratch::new(sampler.vocab_size()), sampler }
    }

    pub fn sample(&mut self, logits: &[f32]) -> Result<u32, Error> {
        self.sample_with(logits, &Request::default())
    }

    pub fn sample_with(&mut self, logits: &[f32], request: &Request<'_>) -> Result<u32, Error> {
        self.scratch.sample(&mut self.sampler, logits, request)
    }

    pub fn choose(&mut self, logits: &[f32]) -> Result<u32, Error> {
        self.scratch.choose(&mut self.sampler, logits, &Request::default())
    }

    pub fn choose_with_logprobs(
        &mut self,
        logits: &[f32],
        request: &Request<'_>,
        wanted: &Logprobs<'_>,
    ) -> Result<(TokenLogprob, Vec<TokenLogprob>), Error> {
        self.scratch.choose_with_logprobs(&mut self.sampler, logits, request, wanted)
    }

    pub fn law(&mut self, logits: &[f32]) -> Result<Vec<f32>, Error> {
        self.scratch.law(&self.sampler, logits, &Request::default())
    }

    pub fn logprobs(&mut self, logits: &[f32], wanted: &Logprobs<'_>) -> Result<Vec<TokenLogprob>, Error> {
        self.scratch.logprobs(&self.sampler, logits, &Request::default(), wanted)
    }

    /// Returns the log-probabilities of all tokens, from which the next one would be drawn.
    pub fn processed(&mut self, logits: &[f32], request: &Request<'_>) -> Result<Vec<f64>, Error> {
        let tokens: Vec<u32> = (0..logits.len() as u32).collect();
        let wanted = Logprobs { of: LogprobsOf::Processed, tokens: &tokens, top: 0 };
        let found = self.scratch.logprobs(&self.sampler, logits, request, &wanted)?;
        Ok(found.iter().map(|token| token.logprob).collect())
    }
}
