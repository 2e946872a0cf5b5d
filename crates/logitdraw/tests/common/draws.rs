//! Repeated draws from one row.

use super::desk::Desk;
use logitdraw::{Error, Options, Request, Sampler};

/// A row and the desk that draws from it.
pub struct Table {
    row: Vec<f32>,
    desk: Desk,
}

impl Table {
    pub fn new(row: &[f32]) -> Self {
        Self { row: row.to_vec(), desk: Desk::new(row.len()) }
    }

    pub fn row(&self) -> &[f32] {
        &self.row
    }

    pub fn row_mut(&mut self) -> &mut [f32] {
        &mut self.row
    }

    pub fn sample(&mut self, sampler: &mut Sampler, request: &Request<'_>) -> Result<u32, Error> {
        self.desk.sample(sampler, &self.row, request)
    }

    pub fn choose(&mut self, sampler: &mut Sampler, request: &Request<'_>) -> Result<u32, Error> {
        self.desk.choose(sampler, &self.row, request)
    }

    pub fn distribution(&mut self, sampler: &Sampler, request: &Request<'_>) -> Result<Vec<f32>, Error> {
        self.desk.law(sampler, &self.row, request)
    }

    /// Returns how often each token is drawn in `draws` draws.
    pub fn counts(&mut self, sampler: &mut Sampler, draws: u32) -> Vec<u32> {
        let mut counts = vec![0; self.row.len()];
        for _ in 0..draws {
            counts[self.sample(sampler, &Request::default()).unwrap() as usize] += 1;
        }
        counts
    }
}

/// Returns a sampler with the options that `set` sets.
pub fn sampler(vocab_size: usize, set: impl FnOnce(&mut Options)) -> Sampler {
    let mut options = Options::new(vocab_size);
    set(&mut options);
    Sampler::new(options).unwrap()
}
