//! The sampler and the scratch it shares with others of its vocabulary size.

use crate::buffer::LogitsBuffer;
use crate::error::{to_bool, to_option, to_token};
use crate::options::Options;
use crate::room::zeros;
use crate::scratch::{self, Scratch, Shared};
use alloc::vec::Vec;
use core::ptr;
use logitdraw::{Error, Guidance, Request, Row, Workspace};
use wasm_bindgen::prelude::wasm_bindgen;

/// How the logits of a call are stored in the scratch: as floats in its row, or as 16-bit floats in the second half of the row.
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

/// A sampler. In its methods, `mask_words` is how many words of the scratch's mask to read, negative for no mask; `uniform` is
/// the caller's random number, NaN for none; `scale` is the scale of the guidance by the logits that `keep_unconditional` kept,
/// NaN for none.
#[wasm_bindgen(js_name = CoreSampler)]
pub struct Sampler {
    pub(crate) core: logitdraw::Sampler,
    pub(crate) scratch: Shared,
}

#[wasm_bindgen(js_class = CoreSampler)]
impl Sampler {
    /// Creates a sampler with these options.
    pub fn create(options: Options) -> Option<Sampler> {
        to_option(logitdraw::Sampler::new(options.core).and_then(Self::new))
    }

    /// Identifies the scratch. The id of one that was freed is not used again.
    pub fn scratch_id(&self) -> u32 {
        self.scratch.borrow().id
    }

    /// Returns the address of the row, where JavaScript writes float32 logits, or 16-bit ones to its second half (`Logits::widen_f16`).
    pub fn row_pointer(&self) -> *const f32 {
        self.scratch.borrow().row.values().as_ptr()
    }

    /// Returns the address where JavaScript writes a mask of up to `ceil(vocabSize / 32)` words.
    pub fn mask_pointer(&self) -> *const u32 {
        self.scratch.borrow().mask.as_ptr()
    }

    /// Keeps the logits in the scratch as the unconditional ones for the next call with a `scale`.
    pub fn keep_unconditional(&mut self, format: Format) -> bool {
        let Scratch { row, unconditional, .. } = &mut *self.scratch.borrow_mut();
        convert(row, format);
        to_bool(allocate_once(unconditional, row.vocab_size()).map(|()| unconditional.copy_from_slice(row.values())))
    }

    /// Draws from the float32 row and takes the step: the path of nearly every token. Negative: an error was kept.
    pub fn sample(&mut self) -> i32 {
        let room = self.check_room_for_next();
        let Scratch { row, workspace, .. } = &mut *self.scratch.borrow_mut();
        to_token(room.and_then(|()| self.core.sample(row.row(), workspace, &Request::default())))
    }

    /// Draws from the scratch without taking the step; `commit` or `discard` follows. Negative: an error was kept.
    pub fn choose(&mut self, format: Format, mask_words: i32, uniform: f64, scale: f64) -> i32 {
        let room = self.check_room_for_next();
        let core = &mut self.core;
        let mut chosen = 0;
        let result =
            with_row(&self.scratch, room, format, mask_words, uniform, scale, &mut |row, workspace, request| {
                chosen = core.choose(row, workspace, request)?;
                Ok(())
            });
        to_token(result.map(|()| chosen))
    }

    /// As `choose`, but from the row of a buffer that starts at `start`; the row may be overwritten.
    pub fn choose_in(
        &mut self,
        buffer: &mut LogitsBuffer,
        start: usize,
        mask_words: i32,
        uniform: f64,
        scale: f64,
    ) -> i32 {
        let room = self.check_room_for_next();
        let Scratch { workspace, mask, unconditional, .. } = &mut *self.scratch.borrow_mut();
        let core = &mut self.core;
        let request = request(mask, unconditional, mask_words, uniform, scale);
        to_token(buffer.in_place(start, core.vocab_size(), |row| {
            room?;
            core.choose(row, workspace, &request)
        }))
    }

    /// Takes the step with the token chosen.
    pub fn commit(&mut self) {
        self.core.commit();
    }

    /// Whether the token chosen still waits. Any other call that changes the state forgets it.
    pub fn waits(&self) -> bool {
        self.core.waits()
    }

    /// Forgets the token chosen.
    pub fn discard(&mut self) {
        self.core.discard();
    }

    /// Returns the address of the probabilities from which `choose` would draw, valid until the next call; 0 if an error was kept.
    pub fn distribution(&self, format: Format, mask_words: i32, scale: f64) -> *const f32 {
        let Scratch { row, workspace, mask, unconditional, law, .. } = &mut *self.scratch.borrow_mut();
        convert(row, format);
        // The law does not depend on the caller's random number.
        let request = request(mask, unconditional, mask_words, f64::NAN, scale);
        let done = to_bool(
            allocate_once(law, row.vocab_size())
                .and_then(|()| self.core.distribution(row.row(), workspace, &request, law)),
        );
        if done { law.as_ptr() } else { ptr::null() }
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
}

impl Sampler {
    pub(crate) fn new(core: logitdraw::Sampler) -> Result<Self, Error> {
        Ok(Self { scratch: scratch::of(core.vocab_size())?, core })
    }
}

/// Allocates a list of the scratch on its first use; OUT_OF_MEMORY if there is no room for it. Not inlined, so that the bundle
/// contains it once.
#[inline(never)]
fn allocate_once(list: &mut Vec<f32>, len: usize) -> Result<(), Error> {
    if list.is_empty() {
        *list = zeros(len)?;
    }
    Ok(())
}

/// Must run first in every call: 16-bit values in the row are not logits yet, and they occupy its padding.
fn convert(row: &mut logitdraw::Logits, format: Format) {
    match format {
        Format::Float32 => {}
        Format::Float16 => row.widen_f16(),
        Format::Bfloat16 => row.widen_bf16(),
    }
}

/// Passes the row of a scratch to `draw`, with the request that the call describes, if there is `room`. Not generic, so that the module
/// contains it once.
pub(crate) fn with_row(
    scratch: &Shared,
    room: Result<(), Error>,
    format: Format,
    mask_words: i32,
    uniform: f64,
    scale: f64,
    draw: &mut dyn FnMut(Row<'_>, &mut Workspace, &Request<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let Scratch { row, workspace, mask, unconditional, .. } = &mut *scratch.borrow_mut();
    convert(row, format);
    room?;
    draw(row.row(), workspace, &request(mask, unconditional, mask_words, uniform, scale))
}

fn request<'a>(mask: &'a [u32], unconditional: &'a [f32], mask_words: i32, uniform: f64, scale: f64) -> Request<'a> {
    Request {
        mask: usize::try_from(mask_words).ok().map(|words| &mask[..words.min(mask.len())]),
        uniform: (!uniform.is_nan()).then_some(uniform),
        guidance: (!scale.is_nan()).then_some(Guidance { unconditional, scale }),
    }
}
