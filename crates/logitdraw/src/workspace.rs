//! What a draw needs beside the row, once a vocabulary size: samplers of the same size share it.

use crate::kernels::{BLOCK, Block};
use crate::logits::Logits;
use crate::pyramid::Pyramid;
use alloc::vec;
use alloc::vec::Vec;

/// Scratch memory for rows of one vocabulary size. It holds nothing between two calls; a thousand samplers need one.
pub struct Workspace {
    pub(crate) vocab_size: usize,
    /// Block maxima, padded with -Infinity to whole blocks of maxima.
    pub(crate) maxima: Vec<Block>,
    /// The maxima of the four lanes of each block of maxima.
    pub(crate) lanes: Vec<[f32; 4]>,
    /// Which blocks reach a logit, a word for each block of maxima.
    pub(crate) reaching: Vec<u32>,
    /// How many of the waiting edits each block has had.
    pub(crate) settled: Vec<u8>,
    /// The survivors once they stand in a list of their own.
    pub(crate) list: List,
    /// Sortable keys of tokens (see `key`).
    pub(crate) keys: Vec<u64>,
    /// Weights in double; empty until a strategy needs them.
    pub(crate) doubles: Vec<f64>,
    pub(crate) pyramid: Pyramid,
    /// A copy of the raw row: for log-probabilities of the raw logits, and for a law with two sides.
    pub(crate) again: Option<Logits>,
    /// Blocks as they were before an edit that is to be remembered; made when the first one comes.
    pub(crate) before: Vec<Block>,
    /// One number a token, for the draws that walk every probability as torch, numpy and llama.cpp do.
    pub(crate) whole: Whole,
}

/// Survivors in ascending token ids: a row of its own, with the id of each place.
pub(crate) struct List {
    pub logits: Logits,
    pub maxima: Vec<Block>,
    pub ids: Vec<u32>,
}

/// One number a token, and what orders tokens; empty until a draw needs it.
#[derive(Default)]
pub(crate) struct Whole {
    pub doubles: Vec<f64>,
    pub places: Vec<u32>,
    pub keys: Vec<u64>,
}

impl Workspace {
    /// Scratch for rows of `vocab_size` logits.
    ///
    /// # Panics
    /// Where it would be larger than any memory.
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
            again: None,
            before: Vec::new(),
            whole: Default::default(),
        }
    }

    /// A second row, which is to be put back into `again`.
    pub(crate) fn spare_row(&mut self, vocab_size: usize) -> Logits {
        self.again.take().filter(|row| row.vocab_size() == vocab_size).unwrap_or_else(|| Logits::new(vocab_size))
    }

    /// Tokens in the vocabulary this scratch is for.
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }
}
