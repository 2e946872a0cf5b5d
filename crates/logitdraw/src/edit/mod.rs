//! Edits: each changes logits according to the options and the history. One file each.

pub(crate) mod bans;
pub(crate) mod bias;
pub(crate) mod dry;
pub(crate) mod forced;
pub(crate) mod guidance;
pub(crate) mod lengths;
pub(crate) mod ngram;
pub(crate) mod penalties;
pub(crate) mod sequences;
pub(crate) mod thinking;
