//! The memory a draw needs besides the row. One workspace per vocabulary size is enough: samplers of the same size share it.

use crate::kernels::{BLOCK, Block};
use crate::logits::Logits;
use crate::pyramid::Pyramid;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// Scratch memory for rows of one vocabulary size. It keeps nothing between calls, so a thousand samplers can share one.
pub struct Workspace {
    pub(crate) vocab_size: usize,
    /// Block maxima, padded with -Infinity to whole blocks of maxima.
    pub(crate) maxima: Vec<Block>,
    /// The maxima of the four lanes of each block of maxima.
    pub(crate) lanes: Vec<[f32; 4]>,
    /// Bitmasks of the blocks that reach a logit, one word per block of maxima.
    pub(crate) reaching: Vec<u32>,
    /// How many of the waiting edits have been applied to each block.
    pub(crate) settled: Vec<u8>,
    /// The survivors, once they are gathered into a list of their own.
    pub(crate) list: List,
    /// Sortable keys of tokens (see `key`).
    pub(crate) keys: Vec<u64>,
    /// Weights in double; empty until a strategy needs them.
    pub(crate) doubles: Vec<f64>,
    pub(crate) pyramid: Pyramid,
    /// A copy of the raw row: for log-probabilities of the raw logits, and for a law that mixes both sides of a coin.
    pub(crate) spare_row: Option<Logits>,
    /// Blocks as they were before an edit that is to be remembered; allocated by the first such edit.
    pub(crate) before: Vec<Block>,
    /// One number per token, for the draws that walk every probability as torch, numpy and llama.cpp do.
    pub(crate) stream: StreamScratch,
}

/// Survivors in ascending order of token ids: a row of their own, with the id of each place.
pub(crate) struct List {
    pub logits: Logits,
    pub maxima: Vec<Block>,
    pub ids: Vec<u32>,
}

/// One number per token, and the places and keys that order tokens; empty until a draw needs them.
#[derive(Default)]
pub(crate) struct StreamScratch {
    pub doubles: Vec<f64>,
    pub places: Vec<u32>,
    pub keys: Vec<u64>,
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workspace").field("vocab_size", &self.vocab_size).finish_non_exhaustive()
    }
}

impl Workspace {
    #[doc(hidden)] // for the bindings
    /// Upper bound of the bytes per token: `list` 8, `keys` 8, `doubles` 8, `spare_row` 4, `before` 4, `stream` 20, and less than 2 for what
    /// blocks take.
    pub const MOST_BYTES_PER_TOKEN: usize = 54;

    /// Scratch for rows of `vocab_size` logits.
    ///
    /// If there is no memory for this size, it panics or aborts the process, like any failed allocation.
    pub fn new(vocab_size: usize) -> Self {
        let blocks = vocab_size.div_ceil(BLOCK);
        let maxima = || vec![[f32::NEG_INFINITY; BLOCK]; blocks.div_ceil(BLOCK)];
        Self {
            vocab_size,
            maxima: maxima(),
            lanes: vec![[0.0; 4]; blocks.div_ceil(BLOCK)],
            reaching: vec![0; blocks.div_ceil(BLOCK)],
            settled: vec![0; blocks],
            list: List { logits: Logits::new(vocab_size), maxima: maxima(), ids: vec![0; vocab_size] },
            keys: Vec::with_capacity(vocab_size),
            doubles: Vec::new(),
            pyramid: Pyramid::new(blocks),
            spare_row: None,
            before: Vec::new(),
            stream: Default::default(),
        }
    }

    /// Takes out a second row, which the caller must put back into `spare_row`.
    pub(crate) fn take_spare_row(&mut self, vocab_size: usize) -> Logits {
        self.spare_row.take().filter(|row| row.vocab_size() == vocab_size).unwrap_or_else(|| Logits::new(vocab_size))
    }

    /// Tokens in the vocabulary this scratch is for.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }
}
