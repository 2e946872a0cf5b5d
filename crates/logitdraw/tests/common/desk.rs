//! Draws and laws of any sampler of one vocabulary size.

use logitdraw::{Error, Logits, Logprobs, Request, Row, Sampler, TokenLogprob, Workspace};

/// The row and the scratch of one vocabulary size.
pub struct Desk {
    logits: Logits,
    workspace: Workspace,
}

impl Desk {
    pub fn new(vocab_size: usize) -> Self {
        Self { logits: Logits::new(vocab_size), workspace: Workspace::new(vocab_size) }
    }

    fn with(&mut self, logits: &[f32]) -> (Row<'_>, &mut Workspace) {
        self.logits.set(logits).unwrap();
        (self.logits.row(), &mut self.workspace)
    }

    /// The next token.
    pub fn sample(&mut self, sampler: &mut Sampler, logits: &[f32], request: &Request<'_>) -> Result<u32, Error> {
        let (row, workspace) = self.with(logits);
        sampler.sample(row, workspace, request)
    }

    /// The next token, which waits.
    pub fn choose(&mut self, sampler: &mut Sampler, logits: &[f32], request: &Request<'_>) -> Result<u32, Error> {
        let (row, workspace) = self.with(logits);
        sampler.choose(row, workspace, request)
    }

    /// The same, with log-probabilities.
    pub fn choose_with_logprobs(
        &mut self,
        sampler: &mut Sampler,
        logits: &[f32],
        request: &Request<'_>,
        wanted: &Logprobs<'_>,
    ) -> Result<(TokenLogprob, Vec<TokenLogprob>), Error> {
        let (row, workspace) = self.with(logits);
        sampler.choose_with_logprobs(row, workspace, request, wanted)
    }

    /// The probabilities from which the sampler would draw.
    pub fn law(&mut self, sampler: &Sampler, logits: &[f32], request: &Request<'_>) -> Result<Vec<f32>, Error> {
        // What is not written over would show.
        let mut out = vec![f32::NAN; logits.len()];
        let (row, workspace) = self.with(logits);
        sampler.distribution(row, workspace, request, &mut out)?;
        Ok(out)
    }

    /// Log-probabilities without a draw.
    pub fn logprobs(
        &mut self,
        sampler: &Sampler,
        logits: &[f32],
        request: &Request<'_>,
        wanted: &Logprobs<'_>,
    ) -> Result<Vec<TokenLogprob>, Error> {
        let (row, workspace) = self.with(logits);
        sampler.logprobs(row, workspace, request, wanted)
    }
}

/// The ids that have a probability.
pub fn kept(law: &[f32]) -> Vec<u32> {
    (0..).zip(law).filter(|(_, p)| **p > 0.0).map(|(id, _)| id).collect()
}
