//! The chapter's functions. Rows are passed as copies: these are for experiments, the sampler is for speed.

use crate::error::{to_option, to_token};
use crate::generator::Generator;
use crate::room::zeros;
use alloc::vec::Vec;
use logitdraw::Logits;
use wasm_bindgen::prelude::wasm_bindgen;

/// The index of the largest logit, or -1.
#[wasm_bindgen]
pub fn argmax(logits: &[f32]) -> i32 {
    to_token(logitdraw::argmax(logits))
}

/// softmax(logits / temperature).
#[wasm_bindgen]
pub fn softmax(logits: &[f32], temperature: f64) -> Option<Vec<f32>> {
    to_option(zeros(logits.len()).and_then(|mut out| logitdraw::softmax(logits, temperature, &mut out).map(|()| out)))
}

/// The ids of the `k` largest logits, descending.
#[wasm_bindgen]
pub fn top_k(logits: &[f32], k: usize) -> Option<Vec<u32>> {
    to_option(logitdraw::top_k(logits, k)).map(|(_, ids)| ids)
}

/// The logits, with everything below the k-th set to -Infinity.
#[wasm_bindgen]
pub fn mask_top_k(logits: &[f32], k: usize) -> Option<Vec<f32>> {
    to_option(zeros(logits.len()).and_then(|mut out| logitdraw::mask_top_k(logits, k, &mut out).map(|()| out)))
}

/// Draws from float32 probabilities.
#[wasm_bindgen]
pub fn multinomial_f32(
    probabilities: &[f32],
    num_samples: usize,
    replacement: bool,
    generator: &mut Generator,
) -> Option<Vec<u32>> {
    to_option(logitdraw::multinomial_f32(probabilities, num_samples, replacement, &mut generator.core))
}

/// Draws from float64 probabilities.
#[wasm_bindgen]
pub fn multinomial_f64(
    probabilities: &[f64],
    num_samples: usize,
    replacement: bool,
    generator: &mut Generator,
) -> Option<Vec<u32>> {
    to_option(logitdraw::multinomial_f64(probabilities, num_samples, replacement, &mut generator.core))
}

/// How often each token occurs.
#[wasm_bindgen]
pub fn bincount(tokens: &[u32], min_length: usize) -> Option<Vec<u32>> {
    to_option(logitdraw::bincount(tokens, min_length))
}

/// The float32 values of float16 bits.
#[wasm_bindgen]
pub fn widen(bits: &[u16]) -> Option<Vec<f32>> {
    let mut row = Logits::new(bits.len());
    to_option(row.set_f16(bits)).map(|()| row.values().to_vec())
}
