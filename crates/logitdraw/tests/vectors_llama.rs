//! llama.cpp's own survivors, probabilities and tokens (`test/vectors/llama_samplers.json` and `llama_streams.json`), in its order and
//! with its drawing rule.

mod common;

use common::json::{ids, options, seed};
use common::library_cases::{differs, hashed_logits};
use common::scratch::Scratch;
use common::vectors;
use logitdraw::{Algorithm, Options, Order, Request, Sampler, Source};
use serde_json::Value;

fn llama(case: &Value) -> (Options, Vec<f32>) {
    let vocab_size = case["V"].as_u64().unwrap() as usize;
    let options = Options { order: Order::LlamaCpp, ..options(vocab_size, &case["options"]) };
    (options, hashed_logits(vocab_size, case["seed"].as_u64().unwrap()))
}

/// Whether a case shows the one behaviour that is not copied: in the n of dynamic temperature's ln n, llama.cpp also counts tokens that
/// top-n-sigma or a bias of -infinity masked, if nothing removed them.
fn counts_the_masked(case: &Value) -> bool {
    let options = &case["options"];
    let bans = options["logitBias"].as_array().is_some_and(|list| list.iter().any(|pair| pair[1] == "-Infinity"));
    let removes = ["topK", "topP", "minP", "typicalP"].iter().any(|name| !options[*name].is_null());
    !options["dynamicTemperature"].is_null() && (!options["topNSigma"].is_null() || bans) && !removes
}

#[test]
fn survivors_and_probabilities_equal_llama_cpp() {
    let file = vectors("llama_samplers");
    let mut not_copied = 0;
    let cases = file["cases"].as_array().unwrap();
    for (index, case) in cases.iter().enumerate() {
        let (options, logits) = llama(case);
        let mut sampler = Sampler::new(options).unwrap();
        if !case["history"].is_null() {
            sampler.prompt(&ids(&case["history"])).unwrap();
        }
        let law = Scratch::new(logits.len()).law(&sampler, &logits, &Request::default()).unwrap();
        let difference = differs(&law, case, 2e-5);
        if counts_the_masked(case) {
            // Such a case must differ, and only in the probabilities.
            assert!(difference.is_some_and(|what| what.contains("has")), "case {index}");
            not_copied += 1;
        } else {
            assert_eq!(difference, None, "case {index}: {} {}", case["kind"], case["options"]);
        }
    }
    assert_eq!((cases.len(), not_copied), (74, 1));
}

/// Drawn tokens must be penalised like prompted ones: the preset counts both.
#[test]
fn drawn_tokens_are_penalised_like_prompt_tokens() {
    for case in vectors("llama_samplers")["cases"].as_array().unwrap() {
        if case["history"].is_null() {
            continue;
        }
        let (options, logits) = llama(case);
        let mut sampler = Sampler::new(options).unwrap();
        for token in ids(&case["history"]) {
            sampler.accept(token).unwrap();
        }
        let law = Scratch::new(logits.len()).law(&sampler, &logits, &Request::default()).unwrap();
        assert_eq!(differs(&law, case, 2e-5), None, "{} {}", case["kind"], case["options"]);
    }
}

/// Returns the sampler of a stream, after its history, and the logits of its seed.
fn of_stream(stream: &Value) -> (Sampler, Vec<f32>) {
    let (mut options, logits) = llama(stream);
    options.generator = Source::Algorithm(Algorithm::LlamaCpp);
    options.seed = seed(&stream["rng_seed"]);
    let mut sampler = Sampler::new(options).unwrap();
    if !stream["history"].is_null() {
        sampler.prompt(&ids(&stream["history"])).unwrap();
    }
    (sampler, logits)
}

#[test]
fn streams_equal_llama_cpp() {
    let file = vectors("llama_samplers");
    let streams = file["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 10);
    for stream in streams {
        let (mut sampler, logits) = of_stream(stream);
        let mut scratch = Scratch::new(logits.len());
        let expected = ids(&stream["tokens"]);
        assert_eq!(expected.len() as u64, stream["draws"].as_u64().unwrap());
        let tokens: Vec<u32> =
            expected.iter().map(|_| scratch.sample(&mut sampler, &logits, &Request::default()).unwrap()).collect();
        assert_eq!(tokens, expected, "{} {}", stream["kind"], stream["options"]);
    }
}

/// Returns the row of a step, as `llama_streams.json` defines it.
fn row_of(stream: &Value, step: usize) -> Vec<f32> {
    let vocab_size = stream["V"].as_u64().unwrap() as usize;
    let seed = stream["seed"].as_u64().unwrap();
    let mut row = hashed_logits(vocab_size, seed + 100_003 * step as u64);
    let is_masked = |id: usize| match stream["masked"].as_str() {
        Some("third") => id % 3 == step % 3,
        Some("alone") => step % 2 == 1 && id != (seed as usize + step) % vocab_size,
        _ => false,
    };
    for (id, x) in row.iter_mut().enumerate() {
        if is_masked(id) {
            *x = f32::NEG_INFINITY;
        }
    }
    row
}

#[test]
fn streams_of_changing_rows_equal_llama_cpp() {
    let file = vectors("llama_streams");
    let streams = file["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 72);
    for stream in streams {
        let (mut sampler, logits) = of_stream(stream);
        let mut scratch = Scratch::new(logits.len());
        for (step, expected) in ids(&stream["tokens"]).into_iter().enumerate() {
            let token = scratch.sample(&mut sampler, &row_of(stream, step), &Request::default()).unwrap();
            assert_eq!(token, expected, "{}, step {step}: {}", stream["kind"], stream["options"]);
        }
    }
}
