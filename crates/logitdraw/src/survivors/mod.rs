//! The tokens that are still alive as they pass through the chain.
//!
//! They have two shapes, which share their code: the whole row with its block maxima, where survivors are the tokens at or above
//! a floor; and, once a floor can no longer describe them, a list (a shorter row of the same form, with the id of each place,
//! ascending).
//!
//! `edit` changes logits (`waiting`: once their block is opened), `select` finds ranks and sums, `rough` approximate sums,
//! `spread` where sums fall, `bound` a logit that the best `n` reach; `narrow` decides which tokens survive.

mod bound;
mod edit;
mod narrow;
mod rough;
mod select;
mod spread;
#[cfg(test)]
mod tests;
mod waiting;

pub(crate) use rough::Sides;
pub(crate) use waiting::{BlockEdit, Edit, Parameters, Waiting};

use waiting::Edits;

use crate::error::{Error, ErrorCode};
use crate::kernels::{self, BLOCK, Block, Division};
use crate::logits::{Row, check_logits};
use crate::pyramid::Pyramid;
use crate::workspace::{List, Workspace};
use alloc::vec::Vec;

/// The last survivor in descending order: larger logits stay, and of the logits equal to `x` those at places up to `place`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Floor {
    pub x: f32,
    pub place: u32,
}

impl Floor {
    /// Every finite logit stays.
    pub const NONE: Self = Self { x: f32::MIN, place: u32::MAX };

    /// Everything at or above `x` stays.
    pub fn at(x: f32) -> Self {
        Self { x: x.max(f32::MIN), place: u32::MAX }
    }

    #[inline]
    pub fn keeps(self, x: f32, place: u32) -> bool {
        x > self.x || (x == self.x && place <= self.place)
    }
}

/// A top-p that waits for the draw: a drawn token is kept if the mass before it is less than `p` of the whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nucleus {
    pub p: f64,
    /// The floor in force when the stage ran; `p` is a share of the mass at or above it.
    pub floor: f32,
}

/// The order in which llama.cpp's chain leaves its candidates, and in which its draw walks them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Arrangement {
    /// Ascending ids.
    #[default]
    Vocabulary,
    /// Descending logits, equal ones by ascending id.
    Descending,
    /// By the distance of a token's surprise from the entropy, `|surprise + (x - max) * scale|`, nearest first.
    Typical { surprise: f64, max: f32, scale: f32 },
}

pub(crate) struct Survivors<'a> {
    vocab_size: usize,
    blocks: &'a mut [Block],
    /// One per block, in whole blocks padded with -Infinity.
    maxima: &'a mut [Block],
    /// Scratch for the maxima of each group of maxima, lane by lane.
    lanes: &'a mut [[f32; 4]],
    /// Which blocks reach the logit last asked for, one bit each.
    reaching: &'a mut [u32],
    /// The id of each place, if the survivors are a list.
    ids: Option<&'a mut [u32]>,
    /// The memory for that list, until it is taken.
    list: Option<&'a mut List>,
    edits: Edits<'a>,
    max: f32,
    /// An edit may have lowered the largest logit.
    max_is_stale: bool,
    floor: Floor,
    temperature: f64,
    scale: f32,
    arrangement: Arrangement,
    /// The length of llama.cpp's list of candidates; only meant for when one survivor is left.
    candidates: usize,
    min_keep: usize,
    nucleus: Option<Nucleus>,
    keys: &'a mut Vec<u64>,
    doubles: &'a mut Vec<f64>,
    pyramid: Option<&'a mut Pyramid>,
}

/// A margin, as a share of the whole mass: far more than two orders of summing can differ by.
pub(crate) const MARGIN: f64 = 1e-6;

/// Above this temperature, two logits may both have a weight although their distance overflows float32.
pub(crate) const WIDE: f64 = 1e36;

impl<'a> Survivors<'a> {
    /// Finds the block maxima of a row and checks that it holds valid logits. `mask` has one bit per token, set if it is allowed;
    /// ids past its end are not allowed. No truncation will leave fewer than `min_keep` tokens.
    ///
    /// `INVALID_LOGITS` names the first NaN or +Infinity, masked or not; `NO_TOKEN_LEFT`: everything is masked.
    pub fn scan(
        row: Row<'a>,
        workspace: &'a mut Workspace,
        mask: Option<&[u32]>,
        min_keep: usize,
    ) -> Result<Self, Error> {
        let vocab_size = row.len;
        let blocks = row.blocks;
        let Workspace { maxima, lanes, reaching, settled, list, keys, doubles, pyramid, before, .. } = workspace;
        let flat = &mut maxima.as_flattened_mut()[..blocks.len()];
        let max = match mask {
            None => scan_checked(blocks, flat)?,
            Some(mask) => scan_masked_checked(blocks, mask, flat)?,
        };
        if max == f32::NEG_INFINITY {
            return Err(no_token_left().at(0));
        }
        Ok(Self {
            vocab_size,
            blocks,
            maxima,
            lanes,
            reaching,
            ids: None,
            list: Some(list),
            edits: Edits::none(settled, before),
            max,
            max_is_stale: false,
            floor: Floor::NONE,
            temperature: 1.0,
            scale: 1.0,
            arrangement: Arrangement::default(),
            candidates: vocab_size,
            min_keep,
            nucleus: None,
            keys,
            doubles,
            pyramid: Some(pyramid),
        })
    }

    /// The factor on logits, 1 / temperature: a token's weight is `exp((x - max) * scale)`.
    pub fn scale(&self) -> f32 {
        self.scale
    }

    /// Sets the temperature (above 0). It changes no order, so it needs no pass; if it is very high, logits and temperature are halved.
    pub fn set_temperature(&mut self, mut temperature: f64) {
        if temperature > WIDE {
            // Halving both leaves the law unchanged.
            self.edit_all(Waiting::of_all(|x, _, _| x / 2.0, [0.0; 4]));
            temperature /= 2.0;
        }
        self.temperature = temperature;
        self.scale = ((1.0 / temperature) as f32).min(f32::MAX);
    }

    /// What logits are divided by when they are weighed. They are stored undivided, so an edit after the temperature's stage must
    /// multiply what it adds by the temperature.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// How torch computes the exponents of the survivors.
    pub fn torch_division(&mut self) -> Division {
        let least = self.least_logit();
        Division::torch(self.max(), least, self.temperature)
    }

    /// Tokens in the vocabulary, including dead ones.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    /// The order of llama.cpp's candidates.
    pub fn arrangement(&self) -> Arrangement {
        self.arrangement
    }

    /// Records in which order a stage leaves llama.cpp's list of candidates, and how long the list is at most; the survivors are in it.
    pub fn arrange(&mut self, arrangement: Arrangement, at_most: usize) {
        self.arrangement = arrangement;
        self.candidates = self.candidates.min(at_most.max(self.min_keep));
    }

    /// Whether llama.cpp has other candidates beside a sole survivor: masked tokens, and those that its top-n-sigma drops, remain
    /// candidates until a stage shortens the list.
    pub fn has_other_candidates(&self) -> bool {
        self.candidates > 1
    }

    /// Records that a stage has removed `count` survivors from llama.cpp's list of candidates.
    pub fn unlist(&mut self, count: usize) {
        self.candidates = self.candidates.saturating_sub(count);
    }

    /// How many tokens every truncation must leave.
    pub fn min_keep(&self) -> usize {
        self.min_keep
    }

    /// Whether the survivors are a list of their own.
    pub fn is_list(&self) -> bool {
        self.ids.is_some()
    }

    /// The token at a place.
    #[inline]
    pub fn id(&self, place: u32) -> u32 {
        match &self.ids {
            Some(ids) => ids[place as usize],
            None => place,
        }
    }

    /// The place of a token; `None` if it is not in the list.
    pub fn place(&self, id: u32) -> Option<u32> {
        match &self.ids {
            Some(ids) => ids.binary_search(&id).ok().map(|place| place as u32),
            None => Some(id),
        }
    }

    /// A token's logit, if it survives.
    pub fn logit_of(&mut self, id: u32) -> Option<f32> {
        let place = self.place(id)?;
        let x = self.logit(place);
        self.floor.keeps(x, place).then_some(x)
    }

    /// Keeps only this place, which must be the best token's, whatever `min_keep` is.
    pub fn keep_only(&mut self, place: u32) {
        let x = self.logit(place);
        self.floor = Floor { x, place };
    }

    /// The logit at a place.
    #[inline]
    pub fn logit(&mut self, place: u32) -> f32 {
        self.block(place as usize / BLOCK)[place as usize % BLOCK]
    }

    #[inline]
    pub fn floor(&self) -> Floor {
        self.floor
    }

    pub fn nucleus(&self) -> Option<Nucleus> {
        self.nucleus
    }

    /// Takes back the top-p that was left to the draw.
    pub fn take_nucleus(&mut self) -> Option<Nucleus> {
        self.nucleus.take()
    }

    /// Leaves a top-p to the draw.
    pub fn defer_nucleus(&mut self, p: f64) {
        self.nucleus = Some(Nucleus { p, floor: self.floor.x });
    }

    /// A block's maximum (an upper bound of it while edits wait).
    #[inline(always)]
    pub fn block_max(&self, block: usize) -> f32 {
        self.maxima.as_flattened()[block]
    }

    /// A block's logits, with its edits applied.
    #[inline(always)]
    pub fn block(&mut self, block: usize) -> &Block {
        self.settle(block);
        &self.blocks[block]
    }

    pub fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// The block maxima in whole blocks.
    pub fn maxima(&self) -> &[Block] {
        self.maxima
    }

    /// Lends the weights of blocks to the draw.
    pub fn take_pyramid(&mut self) -> &'a mut Pyramid {
        self.pyramid.take().expect("one draw a row")
    }

    /// Calls `f(id, logit)` for each survivor, ids ascending.
    pub fn for_each_id(&mut self, mut f: impl FnMut(u32, f32)) {
        let ids = self.ids.take();
        self.for_each(|place, x| f(ids.as_ref().map_or(place, |ids| ids[place as usize]), x));
        self.ids = ids;
    }

    /// Calls `f(place, logit)` for each survivor, places ascending.
    pub fn for_each(&mut self, mut f: impl FnMut(u32, f32)) {
        self.for_each_between(f32::MIN, f32::INFINITY, usize::MAX, &mut f);
    }

    /// Calls `f(place, logit)` for each survivor at or above `low` and below `high`, places ascending, for at most `most` (1 or
    /// more) of them.
    fn for_each_between(&mut self, low: f32, high: f32, most: usize, f: &mut dyn FnMut(u32, f32)) {
        let floor = self.floor;
        let low = low.max(floor.x);
        let mut left = most;
        for group in 0..self.maxima.len() {
            let mut blocks = kernels::at_least(&self.maxima[group], low);
            while blocks != 0 {
                let block = group * BLOCK + blocks.trailing_zeros() as usize;
                blocks &= blocks - 1;
                self.settle(block);
                let mut bits = kernels::at_least(&self.blocks[block], low);
                if high < f32::INFINITY {
                    bits &= !kernels::at_least(&self.blocks[block], high);
                }
                while bits != 0 {
                    let lane = bits.trailing_zeros();
                    bits &= bits - 1;
                    let place = (block * BLOCK) as u32 + lane;
                    let x = self.blocks[block][lane as usize];
                    if floor.keeps(x, place) {
                        f(place, x);
                        left -= 1;
                        if left == 0 {
                            return;
                        }
                    }
                }
            }
        }
    }
}

/// `scan`, with a closer look where something seems wrong.
fn scan_checked(blocks: &[Block], maxima: &mut [f32]) -> Result<f32, Error> {
    let scan = kernels::scan(blocks, maxima);
    // If there is no NaN, a zero has met an infinity.
    if scan.max == f32::INFINITY || (scan.suspicious && blocks.iter().any(kernels::has_nan)) {
        check_logits("logit", blocks.as_flattened(), 0)?;
    }
    Ok(scan.max)
}

fn scan_masked_checked(blocks: &mut [Block], mask: &[u32], maxima: &mut [f32]) -> Result<f32, Error> {
    let mut max = f32::NEG_INFINITY;
    let mut done = 0;
    while done < blocks.len() {
        let words = mask.get(done..).unwrap_or(&[]);
        let (clean, clean_max) = kernels::scan_masked(&mut blocks[done..], words, &mut maxima[done..]);
        max = max.max(clean_max);
        done += clean;
        if let Some(block) = blocks.get_mut(done) {
            check_logits("logit", block, done * BLOCK)?;
            maxima[done] = kernels::mask_block(block, mask.get(done).copied().unwrap_or(0));
            max = max.max(maxima[done]);
            done += 1;
        }
    }
    Ok(max)
}

/// The error if nothing is left to draw from.
pub(crate) fn no_token_left() -> Error {
    Error::new(ErrorCode::NoTokenLeft, "every token is masked")
}
