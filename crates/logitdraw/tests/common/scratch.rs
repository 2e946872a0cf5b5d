//! Draws and laws of any samplers that share one vocabulary size.

use logitdraw::{Error, Logits, Logprobs, Options, Request, Row, Sampler, TokenLogprob, Workspace};

/// What samplers of one vocabulary size work in: the row that they edit, and their workspace.
pub struct Scratch {
    logits: Logits,
    workspace: Workspace,
}

impl Scratch {
    pub fn new(vocab_size: usize) -> Self {
        Self { logits: Logits::new(vocab_size), workspace: Workspace::new(vocab_size) }
    }

    fn with(&mut self, logits: &[f32]) -> (Row<'_>, &mut Workspace) {
        self.logits.set(logits).unwrap();
        (self.logits.row(), &mut self.workspace)
    }

    /// Draws the next token.
    pub fn sample(&mut self, sampler: &mut Sampler, logits: &[f32], request: &Request<'_>) -> Result<u32, Error> {
        let (row, workspace) = self.with(logits);
        sampler.sample(row, workspace, request)
    }

    /// Returns how often each token is drawn in `draws` draws.
    pub fn counts(&mut self, sampler: &mut Sampler, logits: &[f32], draws: u32) -> Vec<u32> {
        let mut counts = vec![0; logits.len()];
        for _ in 0..draws {
            counts[self.sample(sampler, logits, &Request::default()).unwrap() as usize] += 1;
        }
        counts
    }

    /// Draws the next token without committing it.
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

    /// Returns the probabilities from which the sampler would draw.
    pub fn law(&mut self, sampler: &Sampler, logits: &[f32], request: &Request<'_>) -> Result<Vec<f32>, Error> {
        // NaN shows any element that is not overwritten.
        let mut out = vec![f32::NAN; logits.len()];
        let (row, workspace) = self.with(logits);
        sampler.distribution(row, workspace, request, &mut out)?;
        Ok(out)
    }

    /// Returns log-probabilities without a draw.
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

/// Returns a sampler with the options that `set` sets.
pub fn sampler(vocab_size: usize, set: impl FnOnce(&mut Options)) -> Sampler {
    let mut options = Options::new(vocab_size);
    set(&mut options);
    Sampler::new(options).unwrap()
}

/// Returns the ids whose probability is above 0.
pub fn kept(law: &[f32]) -> Vec<u32> {
    (0..).zip(law).filter(|(_, p)| **p > 0.0).map(|(id, _)| id).collect()
}
