//! Draws and laws of any sampler of one vocabulary size.

use logitdraw::{Logits, Request, Sampler, Workspace};

/// Rows and scratch of one vocabulary size.
pub struct Desk {
    logits: Logits,
    workspace: Workspace,
}

impl Desk {
    pub fn new(vocab_size: usize) -> Self {
        Self { logits: Logits::new(vocab_size), workspace: Workspace::new(vocab_size) }
    }

    /// The probabilities from which the sampler would draw.
    pub fn law(&mut self, sampler: &Sampler, logits: &[f32], request: &Request<'_>) -> Vec<f32> {
        self.logits.set(logits).unwrap();
        let mut out = vec![f32::NAN; logits.len()];
        sampler.distribution(self.logits.row(), &mut self.workspace, request, &mut out).unwrap();
        out
    }

    /// The next token.
    pub fn sample(&mut self, sampler: &mut Sampler, logits: &[f32], request: &Request<'_>) -> u32 {
        self.logits.set(logits).unwrap();
        sampler.sample(self.logits.row(), &mut self.workspace, request).unwrap()
    }
}

/// The ids that have a probability.
pub fn kept(law: &[f32]) -> Vec<u32> {
    (0..).zip(law).filter(|(_, p)| **p > 0.0).map(|(id, _)| id).collect()
}
