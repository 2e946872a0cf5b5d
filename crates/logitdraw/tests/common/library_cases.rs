//! Cases of `test/vectors` recorded from transformers and llama.cpp: their logits, and whether a law agrees with theirs.

use super::hashed_rows::floats;
use super::json::id;
use serde_json::Value as Json;

/// Returns the logits of the vectors, whose seeds count modulo 2^32.
pub fn hashed_logits(vocab_size: usize, seed: u64) -> Vec<f32> {
    floats(false, vocab_size, seed as u32)
}

/// Returns the CRC-32 (IEEE) of ids as little-endian words.
pub fn crc32(ids: &[u32]) -> u32 {
    !ids.iter().flat_map(|id| id.to_le_bytes()).fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// Whether a token is too improbable for a float32 to show, in a case with a dynamic temperature that masks and truncates nothing.
/// That temperature is derived from the two most probable tokens.
fn is_faint(case: &Json, token: u32) -> bool {
    if case["kept"] != case["V"] || case["options"]["dynamicTemperature"].is_null() {
        return false;
    }
    let logits = hashed_logits(case["V"].as_u64().unwrap() as usize, case["seed"].as_u64().unwrap());
    let (best, next) = (&case["top"][0], &case["top"][1]);
    let logit = |top: &Json| f64::from(logits[id(&top[0]) as usize]);
    let log = |top: &Json| top[1].as_f64().unwrap().ln();
    let temperature = (logit(best) - logit(next)) / (log(best) - log(next));
    (f64::from(logits[token as usize]) - logit(best)) / temperature < -86.9
}

/// Compares a law with a case of the vectors: the survivors, and the most probable ones to a relative `tolerance`. Returns what differs.
pub fn differs(law: &[f32], case: &Json, tolerance: f64) -> Option<String> {
    let ids: Vec<u32> = (0..law.len() as u32).filter(|id| law[*id as usize] > 0.0 || is_faint(case, *id)).collect();
    if ids.len() as u64 != case["kept"].as_u64().unwrap()
        || u64::from(crc32(&ids)) != case["kept_crc32"].as_u64().unwrap()
    {
        return Some(format!("{} of {} survive, not {}", ids.len(), law.len(), case["kept"]));
    }
    for top in case["top"].as_array().unwrap() {
        let (expected, got) = (top[1].as_f64().unwrap(), f64::from(law[id(&top[0]) as usize]));
        if (got - expected).abs() > tolerance * expected {
            return Some(format!("token {} has {got}, not {expected}", top[0]));
        }
    }
    None
}
