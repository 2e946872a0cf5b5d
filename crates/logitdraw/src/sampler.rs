//! The path of a token: row, edits, survivors, draw, history.

use crate::chain::{Chain, Observed};
use crate::decimal::Decimal;
use crate::draw;
use crate::edit::guidance;
use crate::error::{Error, ErrorCode};
use crate::generator::{Seed, philox};
use crate::history::History;
use crate::logits::{Row, wrong_length};
use crate::options::Options;
use crate::randomness::{Coin, KnownCoin, PhiloxCoin, Position, Randomness, Stream};
use crate::request::Request;
use crate::stage::{Kind, Step};
use crate::survivors::Survivors;
use crate::text;
use crate::workspace::{StreamScratch, Workspace};
use core::fmt;

/// Draws tokens. It holds the options, the history and a generator, but nothing of the vocabulary's size.
#[derive(Clone)]
pub struct Sampler {
    pub(crate) options: Options,
    pub(crate) chain: Chain,
    pub(crate) history: History,
    pub(crate) randomness: Randomness,
    pub(crate) chosen: Option<Chosen>,
}

impl fmt::Debug for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampler").field("options", &self.options).field("step", &self.step()).finish_non_exhaustive()
    }
}

/// A draw that waits for `commit` or `discard`.
#[derive(Clone, Copy)]
pub(crate) struct Chosen {
    token: u32,
    /// The position of the stream before it.
    pub(crate) before: Position,
    observed: Observed,
}

impl Sampler {
    /// Creates a sampler with an empty history at step 0.
    ///
    /// # Errors
    /// INVALID_OPTION names the impossible option: one that [`Options::validate`] finds; a `seed` or `sequence` that the generator
    /// does not take; an `order` that names a stage twice or an unknown one; an option whose stage the order leaves out, or which
    /// mirostat replaces in llama.cpp's order.
    pub fn new(mut options: Options) -> Result<Self, Error> {
        options.validate_and_sort()?;
        let chain = Chain::new(&options)?;
        let randomness = Randomness::new(options.generator, &options.seed, options.sequence)?;
        Ok(Self { options, chain, history: History::default(), randomness, chosen: None })
    }

    /// The settings; the lists of allowed and of forced tokens are ascending, with each token once.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Tokens in the vocabulary.
    pub fn vocab_size(&self) -> usize {
        self.options.vocab_size
    }

    /// The generator's seed.
    pub fn seed(&self) -> &Seed {
        &self.options.seed
    }

    /// Which stream of that seed it uses.
    pub fn sequence(&self) -> u64 {
        self.options.sequence
    }

    /// How many tokens were drawn or accepted.
    pub fn step(&self) -> u64 {
        self.history.steps()
    }

    /// Prompt and drawn tokens.
    pub fn history(&self) -> &[u32] {
        self.history.tokens()
    }

    /// Draws the next token, adds it to the history and moves to the next step.
    ///
    /// # Errors
    /// INVALID_LOGITS names the first NaN or +Infinity; NO_TOKEN_LEFT: everything is masked; WRONG_LENGTH: the row or the workspace is for
    /// another vocabulary; INVALID_OPTION: the request is impossible. No state has changed then; the row may be overwritten either way.
    pub fn sample(&mut self, row: Row<'_>, workspace: &mut Workspace, request: &Request<'_>) -> Result<u32, Error> {
        let token = self.choose(row, workspace, request)?;
        self.commit();
        Ok(token)
    }

    /// Draws the next token without taking the step: `commit` takes it, `discard` forgets the draw. For batches in which
    /// either all rows are drawn or none. A draw that still waits is forgotten, even if this one fails.
    ///
    /// ```
    /// # use logitdraw::{Logits, Options, Request, Sampler, Workspace};
    /// # fn main() -> Result<(), logitdraw::Error> {
    /// # let (mut logits, mut workspace) = (Logits::new(9), Workspace::new(9));
    /// # let mut sampler = Sampler::new(Options::new(9))?;
    /// # logits.set(&[0.0; 9])?;
    /// let token = sampler.choose(logits.row(), &mut workspace, &Request::default())?;
    /// assert_eq!(sampler.step(), 0);
    /// sampler.commit();
    /// assert_eq!(sampler.history(), [token]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`sample`](Self::sample).
    pub fn choose(&mut self, row: Row<'_>, workspace: &mut Workspace, request: &Request<'_>) -> Result<u32, Error> {
        self.choose_and(row, workspace, request, &mut |_, _| ())
    }

    /// As `choose`, and calls `look` with the survivors and the place drawn.
    pub(crate) fn choose_and(
        &mut self,
        row: Row<'_>,
        workspace: &mut Workspace,
        request: &Request<'_>,
        look: &mut dyn FnMut(&mut Survivors<'_>, u32),
    ) -> Result<u32, Error> {
        self.discard();
        let step = self.history.steps();
        let Self { options, chain, history, randomness, .. } = self;
        let mut scratch = core::mem::take(&mut workspace.stream);
        let before = match randomness {
            Randomness::Stream(stream) => stream.position(),
            _ => Position::default(),
        };
        let result = (|| {
            let mut philox_coin = PhiloxCoin::of(randomness, options, step);
            let coin: &mut dyn Coin = match randomness {
                Randomness::Stream(Stream { coins: Some(coins), .. }) => coins.as_mut(),
                _ => &mut philox_coin,
            };
            let mut slot = None;
            let alive = run(options, chain, chain.deferred, history, row, workspace, request, coin, &mut slot)?;
            if chain.learns {
                // Before the draw: a later query would compact the survivors into a list, where the token drawn has another place.
                alive.compact_cut();
            }
            let place = draw_from(alive, chain, randomness, step, request, &mut scratch)?;
            let observed = chain.observe(alive, place);
            let token = alive.id(place);
            look(alive, place);
            Ok(Chosen { token, before, observed })
        })();
        workspace.stream = scratch;
        match result {
            Ok(chosen) => {
                self.chosen = Some(chosen);
                Ok(chosen.token)
            }
            Err(error) => {
                if let Randomness::Stream(stream) = &mut self.randomness {
                    stream.seek(before);
                }
                Err(error)
            }
        }
    }

    /// Takes the step that `choose` prepared, if there is one.
    pub fn commit(&mut self) {
        let Some(Chosen { token, before, observed }) = self.chosen.take() else { return };
        if let Randomness::Stream(stream) = &mut self.randomness {
            stream.marks.push((self.history.len() as u32, before));
        }
        self.history.push(token, true);
        for (index, active) in self.chain.stages.iter_mut().enumerate() {
            if let Some(memory) = &mut active.memory {
                let learned = observed.iter().flatten().find(|(place, _)| *place == index);
                memory.push(&self.history, learned.map(|(_, value)| *value));
            }
        }
    }

    /// Whether a token that `choose` drew waits for `commit` or `discard`. Any other call that changes the state forgets it.
    pub fn waits(&self) -> bool {
        self.chosen.is_some()
    }

    /// Forgets what `choose` drew: the next draw repeats it.
    pub fn discard(&mut self) {
        if let Some(chosen) = self.chosen.take()
            && let Randomness::Stream(stream) = &mut self.randomness
        {
            stream.seek(chosen.before);
        }
    }

    /// Writes the probabilities from which `sample` would draw now to `out`, one per token. Changes no state, but overwrites the row.
    ///
    /// This is the law over all seeds: where XTC tosses a coin, both its sides count.
    ///
    /// # Errors
    /// As [`sample`](Self::sample), and WRONG_LENGTH unless `out` has one element per token. With XTC on, an error may leave anything in
    /// `out`.
    pub fn distribution(
        &self,
        mut row: Row<'_>,
        workspace: &mut Workspace,
        request: &Request<'_>,
        out: &mut [f32],
    ) -> Result<(), Error> {
        if out.len() != self.vocab_size() {
            return Err(wrong_length(self.vocab_size(), out.len()));
        }
        let mut falls = KnownCoin { side: true, tossed: None };
        let coins = !self.chain.greedy && self.options.xtc.is_some();
        // A coin has two sides, and computing the first overwrites the row.
        let copy = coins.then(|| {
            let mut copy = workspace.take_spare_row(row.vocab_size());
            copy.values_mut().copy_from_slice(row.values());
            copy
        });
        let result = self.law(row.reborrow(), workspace, request, &mut falls, 1.0, out);
        let Some(copy) = copy else { return result };
        let result = result.and_then(|()| match falls.tossed {
            Some(probability) if probability < 1.0 => {
                for p in out.iter_mut() {
                    *p = (f64::from(*p) * probability) as f32;
                }
                let row = row.filled(copy.values());
                let mut stays = KnownCoin { side: false, tossed: None };
                self.law(row, workspace, request, &mut stays, 1.0 - probability, out)
            }
            _ => Ok(()),
        });
        workspace.spare_row = Some(copy);
        result
    }

    /// Adds `share` times the probabilities under one side of the coin to `out`. The side that falls comes first and clears `out`, as
    /// soon as nothing can fail any more.
    fn law(
        &self,
        row: Row<'_>,
        workspace: &mut Workspace,
        request: &Request<'_>,
        coin: &mut KnownCoin,
        share: f64,
        out: &mut [f32],
    ) -> Result<(), Error> {
        let mut slot = None;
        let alive = run(&self.options, &self.chain, None, &self.history, row, workspace, request, coin, &mut slot)?;
        if coin.side {
            out.fill(0.0);
        }
        if self.chain.greedy {
            let place = draw::argmax::draw(alive);
            out[alive.id(place) as usize] = 1.0;
        } else {
            alive.add_law(share, out);
        }
        Ok(())
    }

    pub(crate) fn outside(&self, token: u32) -> Error {
        let last = self.vocab_size() - 1;
        Error::new(ErrorCode::InvalidToken, text!("token ", token, " is outside the vocabulary, whose last is ", last))
    }
}

/// Returns `WRONG_LENGTH` if the row or the workspace is for another vocabulary.
pub(crate) fn check_row(options: &Options, row: &Row<'_>, workspace: &Workspace) -> Result<(), Error> {
    for len in [row.vocab_size(), workspace.vocab_size()] {
        if len != options.vocab_size {
            return Err(wrong_length(options.vocab_size, len));
        }
    }
    Ok(())
}

/// Takes a row through the chain: its edits and, unless the best token is wanted, its truncations. The survivors are created in
/// `slot`, because they are large and moving them would be a call out of WebAssembly.
#[allow(clippy::too_many_arguments)] // the parts of a sampler, which are borrowed one by one
pub(crate) fn run<'a, 'r>(
    options: &'a Options,
    chain: &'a Chain,
    deferred: Option<usize>,
    history: &'a History,
    row: Row<'a>,
    workspace: &'a mut Workspace,
    request: &Request<'_>,
    coin: &mut dyn Coin,
    slot: &'r mut Option<Survivors<'a>>,
) -> Result<&'r mut Survivors<'a>, Error> {
    check_row(options, &row, workspace)?;
    let row = if options.remove_invalid_values { row.without_invalid_values() } else { row };
    // Guidance mixes whole softmaxes, so a mask is applied after it.
    let mask = request.mask.filter(|_| request.guidance.is_none());
    let alive = slot.insert(Survivors::scan(row, workspace, mask, options.min_tokens_to_keep)?);
    if let Some(guidance) = &request.guidance {
        guidance::apply(alive, guidance)?;
        if let Some(mask) = request.mask {
            alive.mask(mask);
        }
    }
    let mut step = Step { options, history, memory: None, after: &[], may_defer: false, coin };
    let mut is_edited = request.guidance.is_some();
    for (place, active) in chain.stages.iter().enumerate() {
        let edits = active.stage.kind == Kind::Edit;
        if edits || !chain.greedy {
            // A truncation looks for the best token, so there must be one.
            if is_edited && !edits {
                alive.check_left()?;
            }
            is_edited = edits;
            step.memory = active.memory.as_deref();
            step.after = &chain.stages[place + 1..];
            step.may_defer = deferred == Some(place);
            (active.stage.run)(alive, &mut step)?;
        }
    }
    alive.check_left()?;
    Ok(alive)
}

/// Draws by the rule that the options call for, and returns the place of the token.
fn draw_from(
    alive: &mut Survivors<'_>,
    chain: &Chain,
    randomness: &mut Randomness,
    step: u64,
    request: &Request<'_>,
    scratch: &mut StreamScratch,
) -> Result<u32, Error> {
    if chain.greedy {
        return Ok(draw::argmax::draw(alive));
    }
    Ok(match randomness {
        Randomness::Philox { key, sequence } => {
            let random = |attempt| philox::block(*key, *sequence, step, philox::DOMAIN_TOKEN + attempt);
            if chain.short {
                draw::inverse::draw(alive, philox::uniforms(random(0))[0])
            } else {
                draw::envelope::draw(alive, random)
            }
        }
        Randomness::Caller => draw::inverse::draw(alive, uniform_of(request)?),
        Randomness::Stream(stream) => draw::stream::draw(alive, &mut stream.generator, scratch, chain.learns),
    })
}

fn uniform_of(request: &Request<'_>) -> Result<f64, Error> {
    match request.uniform {
        Some(u) if (0.0..1.0).contains(&u) => Ok(u),
        Some(u) => Err(Error::option("generator", text!("a generator returns numbers in [0, 1), not ", Decimal(u)))),
        None => Err(Error::option("generator", "the caller's generator gave no number")),
    }
}
