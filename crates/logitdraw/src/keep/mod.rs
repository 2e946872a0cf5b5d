//! Truncations, which decide which tokens survive, and stages that make a row flatter or steeper. One file each.

pub(crate) mod adaptive_p;
pub(crate) mod dynamic_temperature;
pub(crate) mod epsilon;
pub(crate) mod eta;
pub(crate) mod min_k;
pub(crate) mod min_p;
pub(crate) mod mirostat;
pub(crate) mod p_less;
pub(crate) mod smoothing;
pub(crate) mod tail_free;
pub(crate) mod temperature;
pub(crate) mod top_a;
pub(crate) mod top_h;
pub(crate) mod top_k;
pub(crate) mod top_n_sigma;
pub(crate) mod top_p;
pub(crate) mod typical;
pub(crate) mod xtc;
