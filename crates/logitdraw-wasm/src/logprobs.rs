//! Log-probabilities: three numbers per token, in one list.

use crate::error::to_option;
use crate::sampler::{Format, Sampler, with_row};
use alloc::vec::Vec;
use logitdraw::{Logprobs, LogprobsOf, Request, Row, TokenLogprob, Workspace};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(js_class = CoreSampler)]
impl Sampler {
    /// Returns token, log-probability and rank of each of `tokens` and of the `top` best. If `draws` is true, draws a token as
    /// `choose` does and puts its numbers first.
    #[allow(clippy::too_many_arguments)] // passing an object across the boundary would cost more
    pub fn logprobs(
        &mut self,
        format: Format,
        mask_words: i32,
        uniform: f64,
        scale: f64,
        draws: bool,
        processed: bool,
        tokens: &[u32],
        top: usize,
    ) -> Option<Vec<f64>> {
        let room = self.check_room_for_next();
        let core = &mut self.core;
        let of = if processed { LogprobsOf::Processed } else { LogprobsOf::Raw };
        let wanted = Logprobs { of, tokens, top: top.min(core.vocab_size()) };
        let mut numbers = Vec::new();
        let mut add = |of: &TokenLogprob| {
            numbers.extend_from_slice(&[f64::from(of.token), of.logprob, f64::from(of.rank)]);
        };
        let mut look = |row: Row<'_>, workspace: &mut Workspace, request: &Request<'_>| {
            let others = if draws {
                let (drawn, others) = core.choose_with_logprobs(row, workspace, request, &wanted)?;
                add(&drawn);
                others
            } else {
                core.logprobs(row, workspace, request, &wanted)?
            };
            others.iter().for_each(&mut add);
            Ok(())
        };
        let result = with_row(&self.scratch, room, format, mask_words, uniform, scale, &mut look);
        to_option(result.map(|()| numbers))
    }
}
