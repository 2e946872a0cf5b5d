//! The sampler and the scratch it shares with others of its vocabulary size.

use crate::buffer::LogitsBuffer;
use crate::error::{done, kept, token};
use crate::options::Options;
use crate::scratch::{self, Scratch, Shared, zeros};
use alloc::vec::Vec;
use logitdraw::{Error, Request, Seed};
use wasm_bindgen::prelude::wasm_bindgen;

/// How the logits of a call stand in the scratch: as floats in its row, or as 16-bit floats to convert into it.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Format {
    /// float32, in the row already.
    Float32,
    /// The bits of float16.
    Float16,
    /// The bits of bfloat16.
    Bfloat16,
}

/// A sampler. Calls with `mask_words` read so many words of the scratch's mask, none where it is negative; `uniform` is the
/// caller's random number, NaN where there is none.
#[wasm_bindgen]
pub struct Sampler {
    core: logitdraw::Sampler,
    scratch: Shared,
}

#[wasm_bindgen]
impl Sampler {
    /// A sampler of these options.
    pub fn create(options: Options) -> Option<Sampler> {
        kept(logitdraw::Sampler::new(options.core).and_then(Self::new))
    }

    /// Tells the scratch from others; one that was freed never comes back.
    pub fn scratch_id(&self) -> u32 {
        self.scratch.borrow().id
    }

    /// Where JavaScript writes float32 logits.
    pub fn row_pointer(&self) -> *const f32 {
        self.scratch.borrow().row.values().as_ptr()
    }

    /// Where JavaScript writes 16-bit logits; 0 and OUT_OF_MEMORY where there is no room for them.
    pub fn bits_pointer(&self) -> *const u16 {
        let mut scratch = self.scratch.borrow_mut();
        if scratch.bits.is_empty() {
            match kept(zeros(self.core.vocab_size())) {
                Some(bits) => scratch.bits = bits,
                None => return core::ptr::null(),
            }
        }
        scratch.bits.as_ptr()
    }

    /// Where JavaScript writes a mask of up to `ceil(vocabSize / 32)` words.
    pub fn mask_pointer(&self) -> *const u32 {
        self.scratch.borrow().mask.as_ptr()
    }

    /// Draws from the float32 row, and moves: the way of nearly every token. Negative: an error was kept.
    pub fn sample(&mut self) -> i32 {
        let Scratch { row, workspace, .. } = &mut *self.scratch.borrow_mut();
        token(self.core.sample(row.row(), workspace, &Request::default()))
    }

    /// Draws from the scratch without moving; `commit` or `discard` follows. Negative: an error was kept.
    pub fn choose(&mut self, format: Format, mask_words: i32, uniform: f64) -> i32 {
        let Scratch { row, workspace, bits, mask, .. } = &mut *self.scratch.borrow_mut();
        let drawn = convert(row, bits, format)
            .and_then(|()| self.core.choose(row.row(), workspace, &request(mask, mask_words, uniform)));
        token(drawn)
    }

    /// As `choose`, from the row of a buffer that starts at `start`, which may be overwritten.
    pub fn choose_in(&mut self, buffer: &mut LogitsBuffer, start: usize, mask_words: i32, uniform: f64) -> i32 {
        let Scratch { workspace, mask, .. } = &mut *self.scratch.borrow_mut();
        let core = &mut self.core;
        let request = request(mask, mask_words, uniform);
        token(buffer.in_place(start, core.vocab_size(), |row| core.choose(row, workspace, &request)))
    }

    /// Moves to the token chosen.
    pub fn commit(&mut self) {
        self.core.commit();
    }

    /// Forgets the token chosen.
    pub fn discard(&mut self) {
        self.core.discard();
    }

    /// The probabilities from which `choose` would draw.
    pub fn distribution(&mut self, format: Format, mask_words: i32) -> Option<Vec<f32>> {
        let Scratch { row, workspace, bits, mask, .. } = &mut *self.scratch.borrow_mut();
        let core = &self.core;
        kept(zeros(core.vocab_size()).and_then(|mut out| {
            convert(row, bits, format)?;
            // The law does not depend on the caller's random number.
            core.distribution(row.row(), workspace, &request(mask, mask_words, f64::NAN), &mut out)?;
            Ok(out)
        }))
    }

    /// Adds a prompt to the history.
    pub fn prompt(&mut self, tokens: &[u32]) -> bool {
        done(self.core.prompt(tokens))
    }

    /// Records a token that something else chose.
    pub fn accept(&mut self, token: u32) -> bool {
        done(self.core.accept(token))
    }

    /// Back to step 0.
    pub fn reset(&mut self) {
        self.core.reset();
    }

    /// Prompt and drawn tokens.
    pub fn history(&self) -> Vec<u32> {
        self.core.history().to_vec()
    }

    /// Tokens drawn or accepted.
    pub fn step(&self) -> f64 {
        self.core.step() as f64
    }

    /// Tokens in the vocabulary.
    pub fn vocab_size(&self) -> f64 {
        self.core.vocab_size() as f64
    }

    /// Whether the seed is below 0.
    pub fn seed_negative(&self) -> bool {
        self.core.seed().is_negative()
    }

    /// The seed's magnitude in little-endian words.
    pub fn seed_words(&self) -> Vec<u32> {
        self.core.seed().words().to_vec()
    }

    /// Which stream of the seed.
    pub fn sequence(&self) -> u64 {
        self.core.sequence()
    }

    /// A twin that goes on as this one would, or with a seed or sequence of its own (as sign and little-endian words) begins one.
    pub fn twin(
        &self,
        has_seed: bool,
        seed_negative: bool,
        seed_words: &[u32],
        has_sequence: bool,
        sequence_negative: bool,
        sequence_words: &[u32],
    ) -> Option<Sampler> {
        let seed = has_seed.then(|| Seed::new(seed_negative, seed_words.to_vec()));
        let sequence = has_sequence.then(|| Seed::new(sequence_negative, sequence_words.to_vec()));
        kept(self.twin_with(seed, sequence))
    }
}

impl Sampler {
    fn new(core: logitdraw::Sampler) -> Result<Self, Error> {
        Ok(Self { scratch: scratch::of(core.vocab_size())?, core })
    }

    fn twin_with(&self, seed: Option<Seed>, sequence: Option<Seed>) -> Result<Self, Error> {
        let outside = || Error::option("sequence", "sequence is an integer from 0 to 2^64 - 1");
        let sequence = sequence.map(|sequence| sequence.to_u64().ok_or_else(outside)).transpose()?;
        Self::new(self.core.clone_with(seed, sequence)?)
    }
}

fn convert(row: &mut logitdraw::Logits, bits: &[u16], format: Format) -> Result<(), Error> {
    match format {
        Format::Float32 => Ok(()),
        Format::Float16 => row.set_f16(bits),
        Format::Bfloat16 => row.set_bf16(bits),
    }
}

fn request(mask: &[u32], mask_words: i32, uniform: f64) -> Request<'_> {
    Request {
        mask: usize::try_from(mask_words).ok().map(|words| &mask[..words.min(mask.len())]),
        uniform: (!uniform.is_nan()).then_some(uniform),
        guidance: None,
    }
}
