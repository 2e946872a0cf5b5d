//! Draws from a row again and again.

use logitdraw::{Error, Logits, Options, Request, Sampler, Workspace};

/// A row, and the scratch for it.
pub struct Table {
    row: Vec<f32>,
    logits: Logits,
    workspace: Workspace,
}

impl Table {
    pub fn new(row: &[f32]) -> Self {
        Self { row: row.to_vec(), logits: Logits::new(row.len()), workspace: Workspace::new(row.len()) }
    }

    pub fn row(&self) -> &[f32] {
        &self.row
    }

    pub fn row_mut(&mut self) -> &mut [f32] {
        &mut self.row
    }

    pub fn sample(&mut self, sampler: &mut Sampler, request: &Request<'_>) -> Result<u32, Error> {
        self.logits.set(&self.row).unwrap();
        sampler.sample(self.logits.row(), &mut self.workspace, request)
    }

    pub fn choose(&mut self, sampler: &mut Sampler, request: &Request<'_>) -> Result<u32, Error> {
        self.logits.set(&self.row).unwrap();
        sampler.choose(self.logits.row(), &mut self.workspace, request)
    }

    pub fn distribution(&mut self, sampler: &Sampler, request: &Request<'_>) -> Result<Vec<f32>, Error> {
        self.logits.set(&self.row).unwrap();
        let mut out = vec![7.0; self.row.len()];
        sampler.distribution(self.logits.row(), &mut self.workspace, request, &mut out)?;
        Ok(out)
    }

    /// How often each token comes in so many draws.
    pub fn counts(&mut self, sampler: &mut Sampler, draws: u32) -> Vec<u32> {
        let mut counts = vec![0; self.row.len()];
        for _ in 0..draws {
            counts[self.sample(sampler, &Request::default()).unwrap() as usize] += 1;
        }
        counts
    }
}

/// A sampler of the settings that `set` makes.
pub fn sampler(vocab_size: usize, set: impl FnOnce(&mut Options)) -> Sampler {
    let mut options = Options::new(vocab_size);
    set(&mut options);
    Sampler::new(options).unwrap()
}
