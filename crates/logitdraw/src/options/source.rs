//! Where a sampler's random numbers come from.

use crate::generator::Algorithm;

/// Where a sampler's random numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// One of the crate's own generators.
    Algorithm(Algorithm),
    /// The caller supplies the uniform for each draw ([`Request::uniform`](crate::Request)).
    Caller,
}

impl Default for Source {
    fn default() -> Self {
        Self::Algorithm(Algorithm::default())
    }
}

impl From<Algorithm> for Source {
    fn from(algorithm: Algorithm) -> Self {
        Self::Algorithm(algorithm)
    }
}
