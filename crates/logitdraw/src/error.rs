//! One error type. Its code is stable: the TypeScript package shows the same strings.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;
use core::ops::Deref;

/// What kind of thing went wrong. The names are part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// An option has a value it cannot have.
    InvalidOption,
    /// No option of that name exists.
    UnknownOption,
    /// The logits hold a NaN or +Infinity, or are no logits at all.
    InvalidLogits,
    /// The row has another length than the vocabulary.
    WrongLength,
    /// Every token is masked.
    NoTokenLeft,
    /// A token id lies outside the vocabulary, or contradicts the history.
    InvalidToken,
    /// Weights that are negative, not finite, or sum to zero.
    InvalidProbabilities,
    /// A saved state that is cut, altered or of another version; a call that does not fit the state.
    InvalidState,
    /// Memory could not be had.
    OutOfMemory,
}

impl ErrorCode {
    /// The stable name, as the TypeScript package's `LogitdrawError.code` has it.
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

/// What went wrong, and where. Whatever returned it changed no state.
///
/// Its [`Details`] stand in a box: a result that is nearly always good stays as small as what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

/// What an [`Error`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Details {
    /// The stable kind.
    pub code: ErrorCode,
    /// The option at fault, by its public name, where one is.
    pub option: Option<String>,
    /// The first offending index, where there is one.
    pub index: Option<u64>,
    /// A sentence for people.
    pub message: String,
}

impl Error {
    /// An error of `code` that says `message`.
    #[cold]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::made(code, message.into())
    }

    // Not generic: once in the module, not once a caller.
    #[inline(never)]
    fn made(code: ErrorCode, message: String) -> Self {
        Self(Box::new(Details { code, option: None, index: None, message }))
    }

    /// An option's value is impossible.
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

    /// The same message of another kind, without the option and the index that it named.
    #[must_use]
    pub(crate) fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.code = code;
        self.0.option = None;
        self.0.index = None;
        self
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
    fn codes_have_the_names_that_the_package_shows() {
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
