//! Helpers of the tests: rows, laws, draws, and readers of the vectors that Rust and TypeScript share.
#![allow(dead_code)] // each test binary uses a part of it

pub mod cases;
pub mod comparing;
pub mod drawer;
pub mod edit_model;
pub mod fit;
pub mod hashed_rows;
pub mod json;
pub mod library_cases;
pub mod model;
pub mod random;
pub mod reseal;
#[path = "../../src/rows.rs"]
pub mod rows;
pub mod scratch;
pub mod script;
pub mod stages;

use serde_json::Value;

/// Reads the file `test/vectors/<name>.json`.
pub fn vectors(name: &str) -> Value {
    let path = format!("{}/../../test/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

/// Reads a double whose bits are given in hexadecimal.
pub fn bits64(value: &Value) -> f64 {
    f64::from_bits(u64::from_str_radix(value.as_str().unwrap(), 16).unwrap())
}

/// Reads a float32 whose bits are given in hexadecimal.
pub fn bits32(value: &Value) -> f32 {
    f32::from_bits(u32::from_str_radix(value.as_str().unwrap(), 16).unwrap())
}
