//! The last error, kept until JavaScript fetches it.

use crate::global::global;
use alloc::borrow::ToOwned;
use alloc::string::String;
use logitdraw::Error;
use wasm_bindgen::prelude::wasm_bindgen;

global!(LAST: Option<Error> = None);

/// Keeps an error and returns `None` for it.
pub(crate) fn to_option<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            LAST.set(Some(error));
            None
        }
    }
}

/// Keeps an error and returns `false` for it.
pub(crate) fn to_bool(result: Result<(), Error>) -> bool {
    to_option(result).is_some()
}

/// Returns the token, or -1 for an error, which it keeps. Vocabularies end at 2^31, so every id fits.
pub(crate) fn to_token(result: Result<u32, Error>) -> i32 {
    to_option(result).map_or(-1, |token| token as i32)
}

fn last<T>(read: impl FnOnce(&Error) -> T) -> Option<T> {
    LAST.with_borrow(|last| last.as_ref().map(read))
}

/// The code of the last error.
#[wasm_bindgen]
pub fn error_code() -> String {
    last(|error| error.code.as_str().to_owned()).unwrap_or_default()
}

/// The message of the last error.
#[wasm_bindgen]
pub fn error_message() -> String {
    last(|error| error.message.clone()).unwrap_or_default()
}

/// The option at fault, if there is one.
#[wasm_bindgen]
pub fn error_option() -> Option<String> {
    last(|error| error.option.clone()).flatten()
}

/// The first offending index, or -1.
#[wasm_bindgen]
pub fn error_index() -> f64 {
    last(|error| error.index.map(|index| index as f64)).flatten().unwrap_or(-1.0)
}
