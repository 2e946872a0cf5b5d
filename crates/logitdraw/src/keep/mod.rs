//! Truncations: each says which tokens survive. One file each.

pub(crate) mod min_p;
pub(crate) mod top_k;
pub(crate) mod top_p;
