//! Edits of many tokens, which wait. Meanwhile a block's maximum is an upper bound of what it will hold (the old maximum, if an
//! edit can only lower logits), and a block is edited when, and only if, something opens it. This keeps a history of a hundred
//! thousand tokens from costing a hundred thousand edits per draw.

use crate::history::Counts;
use crate::kernels::{BLOCK, Block};
use alloc::vec::Vec;

/// How many edits of a chain may wait.
pub(super) const WAITING: usize = 4;

/// Computes a logit from the old logit, how often its token was seen, and parameters.
pub(crate) type Edit = fn(f32, u32, &Parameters) -> f32;
pub(crate) type Parameters = [f64; 4];

/// The same edit for a whole block: takes the block, a bit for each token to edit, how often each was seen, and parameters.
pub(crate) type BlockEdit = fn(&mut Block, u32, &[u32; BLOCK], &Parameters);

/// An edit of many tokens that may wait until a block is opened: a function of a token's logit and of how often it was seen.
#[derive(Clone, Copy)]
pub(crate) struct Waiting<'a> {
    /// The tokens it touches; `None`: all of them.
    pub counts: Option<&'a Counts>,
    /// The edited logit, from the old one, the count, and the parameters.
    pub edit: Edit,
    /// The same for whole blocks, where many tokens may be touched. If there is a `bound`, this also serves as the bound of block
    /// maxima, and must not lower any.
    pub block_edit: Option<BlockEdit>,
    pub parameters: Parameters,
    /// An upper bound of what `edit` returns for logits up to this one, if it may raise any; `None`: it never does.
    pub bound: Option<Edit>,
    /// Whether `edit` uses the count.
    pub counted: bool,
    /// Whether the logits before the edit are asked for later (`Survivors::remembered`).
    pub remember: bool,
}

impl<'a> Waiting<'a> {
    /// An edit of every token that preserves their order, and so is its own bound.
    pub const fn of_all(edit: Edit, parameters: Parameters) -> Self {
        let bound = Some(edit);
        Self { counts: None, edit, block_edit: None, parameters, bound, counted: false, remember: false }
    }

    /// An edit of the tokens that were counted, whatever their counts. It may only lower logits, unless a `bound` is set.
    pub const fn of_counted(counts: &'a Counts, edit: Edit, block_edit: BlockEdit, parameters: Parameters) -> Self {
        let (counts, block_edit) = (Some(counts), Some(block_edit));
        Self { counts, edit, block_edit, parameters, bound: None, counted: false, remember: false }
    }

    /// The tokens of a block that it touches, one bit each.
    pub(super) fn touched(&self, block: usize) -> u32 {
        self.counts.map_or(u32::MAX, |counts| counts.present_in_block(block))
    }

    fn count(&self, id: u32) -> u32 {
        match self.counts {
            Some(counts) if self.counted => counts.count(id),
            _ => 1,
        }
    }

    /// The edited logit. Masked tokens stay masked; a result above the largest float becomes that float.
    pub(super) fn apply(&self, id: u32, x: f32) -> f32 {
        if x == f32::NEG_INFINITY { x } else { (self.edit)(x, self.count(id), &self.parameters).min(f32::MAX) }
    }

    /// Raises block maxima to upper bounds of what they will be after the edit.
    pub(super) fn raise_maxima(&self, maxima: &mut [Block]) {
        let Some(bound) = self.bound else { return };
        let raised = |max: f32, count| match max {
            f32::NEG_INFINITY => max,
            _ => bound(max, count, &self.parameters).min(f32::MAX),
        };
        match (self.counts, self.block_edit) {
            (None, _) => {
                for max in maxima.as_flattened_mut() {
                    *max = raised(*max, 1);
                }
            }
            // Blocks of maxima are edited as blocks of logits are.
            (Some(counts), Some(edit)) if counts.group(0).is_some() => {
                for (group, maxima) in maxima.iter_mut().enumerate() {
                    let Some((touched, most)) = counts.group(group) else { break };
                    let most = if self.counted { most.unwrap_or(&[u32::MAX; BLOCK]) } else { &[1; BLOCK] };
                    edit(maxima, touched, most, &self.parameters);
                }
            }
            (Some(counts), _) => counts.for_each_block(|block| {
                let max = &mut maxima[block / BLOCK][block % BLOCK];
                let most = if self.counted { counts.most_in_block(block) } else { 1 };
                *max = max.max(raised(*max, most));
            }),
        }
    }

    /// Edits the tokens of a block.
    pub(super) fn edit_block(&self, block: usize, logits: &mut Block, touched: u32) {
        if let (Some(counts), Some(edit)) = (self.counts, self.block_edit) {
            // A few tokens are edited one by one.
            let known = if self.counted { counts.block_counts(block) } else { Some(&[1; BLOCK]) };
            if let Some(counts) = known
                && touched.count_ones() > 4
            {
                return edit(logits, touched, counts, &self.parameters);
            }
        }
        let mut bits = touched;
        while bits != 0 {
            let lane = bits.trailing_zeros();
            bits &= bits - 1;
            let x = &mut logits[lane as usize];
            *x = self.apply((block * BLOCK) as u32 + lane, *x);
        }
    }
}

/// The edits that wait for the blocks of a row, and how many of them each block has had.
pub(super) struct Edits<'a> {
    pub list: [Option<Waiting<'a>>; WAITING],
    pub len: usize,
    /// How many of the edits have been applied to each block.
    pub settled: &'a mut [u8],
    /// Blocks as they were before the edit that is to be remembered; `remembered` holds that edit's parameters.
    pub before: &'a mut Vec<Block>,
    pub remembered: Option<Parameters>,
}

impl<'a> Edits<'a> {
    /// No edits yet, with the buffers for what is kept per block.
    pub fn none(settled: &'a mut [u8], before: &'a mut Vec<Block>) -> Self {
        Self { list: [None; WAITING], len: 0, settled, before, remembered: None }
    }
}
