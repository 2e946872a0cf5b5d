//! A sampler with the scratch it needs.

use logitdraw::{Error, Logits, Logprobs, Of, Options, Request, Sampler, TokenLogprob, Workspace};

pub struct Rig {
    pub sampler: Sampler,
    pub workspace: Workspace,
    pub row: Logits,
}

impl Rig {
    pub fn new(options: Options) -> Self {
        Self::of(Sampler::new(options).unwrap())
    }

    pub fn of(sampler: Sampler) -> Self {
        let vocab = sampler.vocab_size();
        Self { sampler, workspace: Workspace::new(vocab), row: Logits::new(vocab) }
    }

    pub fn sample(&mut self, logits: &[f32]) -> Result<u32, Error> {
        self.sample_with(logits, &Request::default())
    }

    pub fn sample_with(&mut self, logits: &[f32], request: &Request<'_>) -> Result<u32, Error> {
        self.row.set(logits).unwrap();
        self.sampler.sample(self.row.row(), &mut self.workspace, request)
    }

    pub fn law(&mut self, logits: &[f32]) -> Result<Vec<f32>, Error> {
        self.law_with(logits, &Request::default())
    }

    pub fn law_with(&mut self, logits: &[f32], request: &Request<'_>) -> Result<Vec<f32>, Error> {
        self.row.set(logits).unwrap();
        let mut out = vec![0.0; logits.len()];
        self.sampler.distribution(self.row.row(), &mut self.workspace, request, &mut out)?;
        Ok(out)
    }

    pub fn logprobs(&mut self, logits: &[f32], wanted: &Logprobs<'_>) -> Result<Vec<TokenLogprob>, Error> {
        self.row.set(logits).unwrap();
        self.sampler.logprobs(self.row.row(), &mut self.workspace, &Request::default(), wanted)
    }

    /// The log-probability of every token, from which the next one would be drawn.
    pub fn processed(&mut self, logits: &[f32], request: &Request<'_>) -> Result<Vec<f64>, Error> {
        self.row.set(logits).unwrap();
        let tokens: Vec<u32> = (0..logits.len() as u32).collect();
        let wanted = Logprobs { of: Of::Processed, tokens: &tokens, top: 0 };
        let found = self.sampler.logprobs(self.row.row(), &mut self.workspace, request, &wanted)?;
        Ok(found.iter().map(|token| token.logprob).collect())
    }
}
