//! Log-probabilities of the raw logits, or of the distribution that tokens are drawn from, as vLLM defines them.

use crate::draw;
use crate::error::Error;
use crate::keep::top_p;
use crate::key;
use crate::logits::{Logits, Row};
use crate::math::ln;
use crate::randomness::{Coin, PhiloxCoin, Randomness};
use crate::request::Request;
use crate::sampler::{Sampler, check_row, run};
use crate::survivors::Survivors;
use crate::workspace::Workspace;
use alloc::vec::Vec;

/// Which probabilities to report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogprobsOf {
    /// The softmax of the logits as given: no mask, no edit, no temperature.
    #[default]
    Raw,
    /// The probabilities from which the token is drawn.
    Processed,
}

/// A token's log-probability and rank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenLogprob {
    /// The token.
    pub token: u32,
    /// The natural logarithm of its probability; -infinity if it has none.
    pub logprob: f64,
    /// How many tokens are at least as probable; 1 is the best.
    pub rank: u32,
}

/// Which log-probabilities to return.
#[derive(Clone, Copy, Debug, Default)]
pub struct Logprobs<'a> {
    /// Which probabilities to report.
    pub of: LogprobsOf,
    /// The tokens to report, in this order.
    pub tokens: &'a [u32],
    /// How many of the best tokens to report, best first, equal ones by ascending id.
    pub top: usize,
}

impl Sampler {
    /// Draws the same token as [`choose`](Self::choose), and returns its log-probability and then the others asked for. Pays for
    /// the sum over the vocabulary, even where [`choose`](Self::choose) does not.
    ///
    /// ```
    /// # use logitdraw::{Logits, Logprobs, LogprobsOf, Options, Request, Sampler, Workspace};
    /// # fn main() -> Result<(), logitdraw::Error> {
    /// # let (mut logits, mut workspace) = (Logits::new(3), Workspace::new(3));
    /// # let mut sampler = Sampler::new(Options::new(3))?;
    /// logits.set(&[1.0, 2.0, 3.0])?;
    /// let wanted = Logprobs { of: LogprobsOf::Raw, tokens: &[], top: 2 };
    /// let (drawn, best) = sampler.choose_with_logprobs(logits.row(), &mut workspace, &Request::default(), &wanted)?;
    /// sampler.commit();
    /// assert_eq!(sampler.history(), [drawn.token]);
    /// assert_eq!((best[0].token, best[0].rank, best[1].token), (2, 1, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`sample`](Self::sample), and INVALID_TOKEN, which names the first of `wanted.tokens` outside the vocabulary.
    pub fn choose_with_logprobs(
        &mut self,
        mut row: Row<'_>,
        workspace: &mut Workspace,
        request: &Request<'_>,
        wanted: &Logprobs<'_>,
    ) -> Result<(TokenLogprob, Vec<TokenLogprob>), Error> {
        self.check_tokens(wanted.tokens)?;
        match wanted.of {
            LogprobsOf::Processed => {
                let greedy = self.chain.greedy;
                let mut found = Vec::new();
                self.choose_and(row, workspace, request, &mut |alive, place| {
                    let token = alive.id(place);
                    if greedy {
                        alive.keep_only(place);
                    }
                    top_p::cut_deferred(alive);
                    found = report(alive, &[token], wanted);
                })?;
                Ok(drawn_first(&found))
            }
            LogprobsOf::Raw => {
                let overwrites = self.chain.overwrites || request.mask.is_some() || request.guidance.is_some();
                let mut raw = overwrites.then(|| self.raw(&row, workspace));
                let result = self.choose(row.reborrow(), workspace, request).and_then(|token| {
                    let row = raw.as_mut().map_or(row, Logits::row);
                    let mut alive = Survivors::scan(row, workspace, None, 1)?;
                    Ok(drawn_first(&report(&mut alive, &[token], wanted)))
                });
                if overwrites {
                    workspace.spare_row = raw;
                }
                if result.is_err() {
                    self.discard();
                }
                result
            }
        }
    }

    /// As [`choose_with_logprobs`](Self::choose_with_logprobs), and takes the step.
    ///
    /// # Errors
    /// As [`choose_with_logprobs`](Self::choose_with_logprobs).
    pub fn sample_with_logprobs(
        &mut self,
        row: Row<'_>,
        workspace: &mut Workspace,
        request: &Request<'_>,
        wanted: &Logprobs<'_>,
    ) -> Result<(TokenLogprob, Vec<TokenLogprob>), Error> {
        let found = self.choose_with_logprobs(row, workspace, request, wanted)?;
        self.commit();
        Ok(found)
    }

    /// Returns the log-probabilities of given tokens, of the best ones, or both, without a draw. If XTC tosses a coin, it is this
    /// step's.
    ///
    /// # Errors
    /// As [`choose_with_logprobs`](Self::choose_with_logprobs).
    pub fn logprobs(
        &self,
        row: Row<'_>,
        workspace: &mut Workspace,
        request: &Request<'_>,
        wanted: &Logprobs<'_>,
    ) -> Result<Vec<TokenLogprob>, Error> {
        self.check_tokens(wanted.tokens)?;
        if wanted.of == LogprobsOf::Raw {
            check_row(&self.options, &row, workspace)?;
            let row = if self.options.remove_invalid_values { row.without_invalid_values() } else { row };
            let mut alive = Survivors::scan(row, workspace, None, 1)?;
            return Ok(report(&mut alive, &[], wanted));
        }
        let mut philox = PhiloxCoin::of(&self.randomness, &self.options, self.history.steps());
        let mut llama = match &self.randomness {
            Randomness::Stream(stream) => stream.coins.clone(),
            _ => None,
        };
        if let (Some(coins), Some(chosen)) = (&mut llama, &self.chosen) {
            // A draw that waits for `commit` has tossed it already.
            coins.seek(chosen.before.coins);
        }
        let coin: &mut dyn Coin = match &mut llama {
            Some(coins) => &mut **coins,
            None => &mut philox,
        };
        let mut slot = None;
        let alive = run(&self.options, &self.chain, None, &self.history, row, workspace, request, coin, &mut slot)?;
        if self.chain.greedy {
            let place = draw::argmax::draw(alive);
            alive.keep_only(place);
        }
        Ok(report(alive, &[], wanted))
    }

    /// A copy of the row before any edit.
    fn raw(&self, row: &Row<'_>, workspace: &mut Workspace) -> Logits {
        let mut raw = workspace.take_spare_row(row.vocab_size());
        raw.values_mut().copy_from_slice(row.values());
        if self.options.remove_invalid_values {
            raw.row().without_invalid_values();
        }
        raw
    }
}

/// Separates the drawn token from the others that were asked for.
fn drawn_first(found: &[TokenLogprob]) -> (TokenLogprob, Vec<TokenLogprob>) {
    (found[0], found[1..].to_vec())
}

/// Reports the `drawn` tokens, and then what is wanted of the survivors.
fn report(alive: &mut Survivors<'_>, drawn: &[u32], wanted: &Logprobs<'_>) -> Vec<TokenLogprob> {
    let whole = ln(alive.mass());
    let (max, temperature) = (f64::from(alive.max()), alive.temperature());
    let logprob = |x: f32| (f64::from(x) - max) / temperature - whole;
    let top = wanted.top.min(alive.vocab_size());
    let mut found = Vec::with_capacity(1 + wanted.tokens.len() + top);
    for tokens in [drawn, wanted.tokens] {
        for &token in tokens {
            found.push(match alive.logit_of(token) {
                Some(x) => TokenLogprob { token, logprob: logprob(x), rank: alive.count_from(x) as u32 },
                // It has probability 0, so every token is at least as probable.
                None => TokenLogprob { token, logprob: f64::NEG_INFINITY, rank: alive.vocab_size() as u32 },
            });
        }
    }
    if top > 0 {
        let first = found.len();
        // Places for now, from which ranks are computed; then they become ids.
        for key in alive.best(top) {
            let (x, place) = key::unpack(*key);
            found.push(TokenLogprob { token: place, logprob: logprob(x), rank: 0 });
        }
        for i in (first..found.len()).rev() {
            // Equal ones share a rank; only the last one can have equals beyond the list.
            let x = alive.logit(found[i].token);
            found[i].rank = match found.get(i + 1) {
                Some(next) if alive.logit(next.token) == x => next.rank,
                Some(_) => (i + 1 - first) as u32,
                None => alive.count_from(x) as u32,
            };
        }
        for best in &mut found[first..] {
            best.token = alive.id(best.token);
        }
    }
    found
}
