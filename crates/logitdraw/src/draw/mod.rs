//! How a token is drawn from the survivors. Options alone decide which way, never the data.

pub(crate) mod argmax;
pub(crate) mod cdf;
pub(crate) mod envelope;
pub(crate) mod inverse;
pub(crate) mod library;
mod membership;
pub(crate) mod precision;
pub(crate) mod race;
pub(crate) mod stream;
