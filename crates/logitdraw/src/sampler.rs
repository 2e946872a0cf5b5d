//! The way of a token: row, edits, survivors, draw, history.

use crate::chain::{Chain, Kind};
use crate::draw;
use crate::error::{Error, ErrorCode};
use crate::generator::{Algorithm, Generator, Seed, philox};
use crate::logits::{Row, wrong_length};
use crate::options::{Options, Source};
use crate::survivors::Survivors;
use crate::workspace::Workspace;
use alloc::format;
use alloc::vec::Vec;

/// What a caller may say of one draw.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// Allowed tokens, one bit each: bit `id % 32` of word `id / 32`. Ids past its end are not allowed.
    pub mask: Option<&'a [u32]>,
    /// The uniform in [0, 1) of this draw, where the caller is the generator ([`Source::Caller`]).
    pub uniform: Option<f64>,
}

/// What a stage of the chain knows beside the survivors.
pub(crate) struct Step<'a> {
    pub options: &'a Options,
    /// The draw itself may judge what a top-p keeps.
    pub may_defer: bool,
}

/// Draws tokens: options, history and a generator. It holds nothing of the vocabulary's size.
#[derive(Clone)]
pub struct Sampler {
    options: Options,
    chain: Chain,
    history: Vec<u32>,
    /// Tokens of the history that were drawn or accepted, not prompted.
    step: u64,
    generator: Randomness,
    chosen: Option<Chosen>,
}

/// Where the random numbers come from.
#[derive(Clone)]
enum Randomness {
    /// A function of seed, sequence and step: nothing to keep.
    Philox {
        key: u64,
        sequence: u64,
    },
    /// A library's own stream, and where it stood before the draw that is not committed yet.
    Stream {
        generator: Generator,
        before: u64,
    },
    Caller,
}

/// A draw that waits for `commit` or `discard`.
#[derive(Clone, Copy, Debug)]
struct Chosen {
    token: u32,
}

impl Sampler {
    /// A sampler with empty history at step 0. `INVALID_OPTION` names the option that cannot be.
    pub fn new(options: Options) -> Result<Self, Error> {
        options.validate()?;
        let chain = Chain::new(&options)?;
        let generator = Randomness::new(options.generator, &options.seed, options.sequence)?;
        Ok(Self { options, chain, history: Vec::new(), step: 0, generator, chosen: None })
    }

    /// The settings.
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

    /// Which stream of that seed.
    pub fn sequence(&self) -> u64 {
        self.options.sequence
    }

    /// How many tokens were drawn or accepted.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Prompt and drawn tokens.
    pub fn history(&self) -> &[u32] {
        &self.history
    }

    /// Adds a prompt's tokens to the history. `INVALID_TOKEN` names the first place whose id is outside the vocabulary.
    pub fn prompt(&mut self, tokens: &[u32]) -> Result<(), Error> {
        if let Some(place) = tokens.iter().position(|token| *token as usize >= self.vocab_size()) {
            return Err(self.outside(tokens[place]).at(place));
        }
        self.history.extend_from_slice(tokens);
        Ok(())
    }

    /// Records a token that something else chose, as if it had been drawn.
    pub fn accept(&mut self, token: u32) -> Result<(), Error> {
        if token as usize >= self.vocab_size() {
            return Err(self.outside(token));
        }
        self.history.push(token);
        self.step += 1;
        Ok(())
    }

    /// Back to step 0 of the same seed, history empty.
    pub fn reset(&mut self) {
        self.history.clear();
        self.step = 0;
        self.chosen = None;
        if let Randomness::Stream { generator, .. } = &mut self.generator {
            generator.seek(0);
        }
    }

    /// A sampler of the same settings and history, with another seed or sequence where one is given.
    ///
    /// With neither, it goes on exactly as this one would; with one, its generator starts anew from it.
    pub fn clone_with(&self, seed: Option<Seed>, sequence: Option<u64>) -> Result<Self, Error> {
        let mut twin = self.clone();
        if seed.is_some() || sequence.is_some() {
            twin.options.seed = seed.unwrap_or(twin.options.seed);
            twin.options.sequence = sequence.unwrap_or(twin.options.sequence);
            twin.generator = Randomness::new(twin.options.generator, &twin.options.seed, twin.options.sequence)?;
        }
        Ok(twin)
    }

    /// Draws the next token, adds it to the history and moves to the next step.
    ///
    /// `INVALID_LOGITS` names the first NaN or +Infinity, `NO_TOKEN_LEFT`: everything is masked, `WRONG_LENGTH`: the row or
    /// the scratch is for another vocabulary. After an error nothing has moved; the row may be overwritten either way.
    pub fn sample(&mut self, row: Row<'_>, workspace: &mut Workspace, request: &Request<'_>) -> Result<u32, Error> {
        let token = self.choose(row, workspace, request)?;
        self.commit();
        Ok(token)
    }

    /// Draws the next token without moving: `commit` takes the step, `discard` forgets the draw. For batches of which all
    /// rows are drawn or none.
    pub fn choose(&mut self, row: Row<'_>, workspace: &mut Workspace, request: &Request<'_>) -> Result<u32, Error> {
        self.discard();
        let Self { options, chain, generator, step, .. } = self;
        let greedy = options.temperature == 0.0;
        let mut scratch = core::mem::take(&mut workspace.whole);
        let mut alive = run(options, chain, row, workspace, request, !greedy)?;
        let place = if greedy {
            draw::argmax::draw(&mut alive)
        } else {
            match generator {
                Randomness::Philox { key, sequence } => {
                    let random = |attempt| philox::block(*key, *sequence, *step, attempt);
                    if chain.short {
                        draw::inverse::draw(&mut alive, philox::uniforms(random(0))[0])
                    } else {
                        draw::envelope::draw(&mut alive, random)
                    }
                }
                Randomness::Caller => draw::inverse::draw(&mut alive, uniform_of(request)?),
                Randomness::Stream { generator, before } => {
                    *before = generator.position();
                    draw::whole::draw(&mut alive, generator, &mut scratch, false)
                }
            }
        };
        let token = alive.id(place);
        workspace.whole = scratch;
        self.chosen = Some(Chosen { token });
        Ok(token)
    }

    /// Takes the step that `choose` prepared, if there is one.
    pub fn commit(&mut self) {
        if let Some(Chosen { token }) = self.chosen.take() {
            self.history.push(token);
            self.step += 1;
        }
    }

    /// Forgets what `choose` drew: the next draw is the same one again.
    pub fn discard(&mut self) {
        if self.chosen.take().is_some()
            && let Randomness::Stream { generator, before } = &mut self.generator
        {
            generator.seek(*before);
        }
    }

    /// The probabilities from which `sample` would draw now, one a token, into `out`; moves nothing.
    pub fn distribution(
        &self,
        row: Row<'_>,
        workspace: &mut Workspace,
        request: &Request<'_>,
        out: &mut [f32],
    ) -> Result<(), Error> {
        if out.len() != self.vocab_size() {
            return Err(wrong_length(self.vocab_size(), out.len()));
        }
        let greedy = self.options.temperature == 0.0;
        let chain = Chain { deferred: None, ..self.chain.clone() };
        let mut alive = run(&self.options, &chain, row, workspace, request, !greedy)?;
        out.fill(0.0);
        if greedy {
            let place = draw::argmax::draw(&mut alive);
            out[alive.id(place) as usize] = 1.0;
        } else {
            alive.probabilities(|id, p| out[id as usize] = p);
        }
        Ok(())
    }

    fn outside(&self, token: u32) -> Error {
        let last = self.vocab_size() - 1;
        Error::new(ErrorCode::InvalidToken, format!("token {token} is outside the vocabulary, whose last is {last}"))
    }
}

/// Takes a row through the chain; truncations too if `keep`.
fn run<'a>(
    options: &'a Options,
    chain: &Chain,
    row: Row<'a>,
    workspace: &'a mut Workspace,
    request: &Request<'_>,
    keep: bool,
) -> Result<Survivors<'a>, Error> {
    for len in [row.vocab_size(), workspace.vocab_size()] {
        if len != options.vocab_size {
            return Err(wrong_length(options.vocab_size, len));
        }
    }
    let mut alive = Survivors::scan(row, workspace, request.mask, options.min_tokens_to_keep)?;
    for (place, stage) in chain.stages.iter().enumerate() {
        if keep || stage.kind == Kind::Edit {
            let step = Step { options, may_defer: chain.deferred == Some(place) };
            (stage.run)(&mut alive, &step)?;
        }
    }
    alive.check_left()?;
    Ok(alive)
}

fn uniform_of(request: &Request<'_>) -> Result<f64, Error> {
    match request.uniform {
        Some(u) if (0.0..1.0).contains(&u) => Ok(u),
        Some(u) => Err(Error::option("generator", format!("a generator returns numbers in [0, 1), not {u}"))),
        None => Err(Error::option("generator", "the caller's generator gave no number")),
    }
}

impl Randomness {
    fn new(source: Source, seed: &Seed, sequence: u64) -> Result<Self, Error> {
        Ok(match source {
            Source::Caller => Self::Caller,
            Source::Algorithm(algorithm) => {
                let generator = Generator::new(algorithm, seed, sequence)?;
                match algorithm {
                    Algorithm::Philox => Self::Philox { key: seed.to_wrapped_u64().unwrap_or(0), sequence },
                    _ => Self::Stream { generator, before: 0 },
                }
            }
        })
    }
}
