//! The tokens that Hugging Face transformers keeps, and their probabilities (`test/vectors/transformers.json`).

mod common;

use common::json::ids;
use common::json::set;
use common::library_cases::{differs, hashed_logits};
use common::scratch::Scratch;
use common::vectors;
use logitdraw::{Options, Request, Sampler};

/// Converts transformers' name of an option to ours.
fn public_name(name: &str) -> String {
    if name == "bad_words_ids" {
        return "badWords".to_string();
    }
    let mut words = name.split('_');
    let first = words.next().unwrap().to_string();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

#[test]
fn survivors_and_probabilities_equal_transformers() {
    let file = vectors("transformers");
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 105);
    for case in cases {
        let vocab_size = case["V"].as_u64().unwrap() as usize;
        let mut options = Options::new(vocab_size);
        set(&mut options, "eosTokenId", &case["eos"]);
        for (name, value) in case["options"].as_object().unwrap() {
            set(&mut options, &public_name(name), value);
        }
        let mut sampler = Sampler::new(options).unwrap();
        if !case["history"].is_null() {
            let history = ids(&case["history"]);
            let (prompt, drawn) = history.split_at(case["prompt_length"].as_u64().unwrap() as usize);
            sampler.prompt(prompt).unwrap();
            for token in drawn {
                sampler.accept(*token).unwrap();
            }
        }
        let logits = hashed_logits(vocab_size, case["seed"].as_u64().unwrap());
        let law = Scratch::new(vocab_size).law(&sampler, &logits, &Request::default()).unwrap();
        assert_eq!(differs(&law, case, 2e-5), None, "V = {vocab_size}: {}", case["options"]);
    }
}
