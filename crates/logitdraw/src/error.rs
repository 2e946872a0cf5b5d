//! One error type. Its code is stable: the TypeScript package shows the same strings.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;
use core::ops::Deref;

/// The kind of an error. The names are part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// An option has an invalid value.
    InvalidOption,
    /// No option of that name exists.
    UnknownOption,
    /// The logits hold a NaN or +Infinity, or are not logits at all.
    InvalidLogits,
    /// The length of the row differs from that of the vocabulary.
    WrongLength,
    /// Every token is masked.
    NoTokenLeft,
    /// A token id lies outside the vocabulary, or contradicts the history.
    InvalidToken,
    /// Weights that are negative, not finite, or sum to zero.
    InvalidProbabilities,
    /// A saved state that is truncated, altered or of another version; a call that does not fit the state.
    InvalidState,
    /// Memory could not be allocated.
    OutOfMemory,
}

impl ErrorCode {
    /// The stable name, the same as in the TypeScript package's `LogitdrawError.code`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "INVALID_OPTION",
            Self::UnknownOption => "UNKNOWN_OPTION",
            Self::InvalidLogits => "INVALID_LOGITS",
            Self::WrongLength => "WRONG_LENGTH",
            Self::NoTokenLeft => "NO_TOKEN_LEFT",
            Self::InvalidToken => "INVALID_TOKEN",
            Self::InvalidProbabilities => "INVALID_PROBABILITIES",
            Self::InvalidState => "INVALID_STATE",
            Self::OutOfMemory => "OUT_OF_MEMORY",
        }
    }
}

/// What went wrong, and where. A call that returns an error has changed no state.
///
/// Its [`Details`] are boxed: a `Result` that is nearly always `Ok` stays as small as what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

/// What an [`Error`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Details {
    /// The kind of the error; stable.
    pub code: ErrorCode,
    /// The public name of the option at fault, if there is one.
    pub option: Option<String>,
    /// The first offending index, if there is one.
    pub index: Option<u64>,
    /// A human-readable message.
    pub message: String,
}

impl Error {
    /// Creates an error with a code and a message.
    #[cold]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::made(code, message.into())
    }

    // Not generic, so that the module contains it once and not once per type.
    #[inline(never)]
    fn made(code: ErrorCode, message: String) -> Self {
        Self(Box::new(Details { code, option: None, index: None, message }))
    }

    /// Creates an `INVALID_OPTION` error that names the option.
    #[cold]
    pub fn option(name: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidOption, message).of(name)
    }

    /// The same error, naming the option at fault.
    #[must_use]
    pub fn of(mut self, option: &str) -> Self {
        self.0.option = Some(option.to_string());
        self
    }

    /// The same error, naming the first offending index.
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.0.index = Some(index as u64);
        self
    }

    /// The same message with another code, without the option and the index that it named.
    #[must_use]
    pub(crate) fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.code = code;
        self.0.option = None;
        self.0.index = None;
        self
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn codes_have_the_names_used_by_the_package() {
        for (code, name) in [
            (ErrorCode::InvalidOption, "INVALID_OPTION"),
            (ErrorCode::UnknownOption, "UNKNOWN_OPTION"),
            (ErrorCode::InvalidLogits, "INVALID_LOGITS"),
            (ErrorCode::WrongLength, "WRONG_LENGTH"),
            (ErrorCode::NoTokenLeft, "NO_TOKEN_LEFT"),
            (ErrorCode::InvalidToken, "INVALID_TOKEN"),
            (ErrorCode::InvalidProbabilities, "INVALID_PROBABILITIES"),
            (ErrorCode::InvalidState, "INVALID_STATE"),
            (ErrorCode::OutOfMemory, "OUT_OF_MEMORY"),
        ] {
            assert_eq!(code.as_str(), name);
        }
    }
}
