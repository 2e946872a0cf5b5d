//! Any options on any row: a token of the distribution, or an error that moved nothing; never a panic.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use logitdraw::{Logits, Options, Request, Sampler, Value, Workspace};

/// Options whose value is a number; the others by one of each kind.
const NUMBERS: [&str; 45] = [
    "temperature",
    "topK",
    "topP",
    "minP",
    "typicalP",
    "epsilonCutoff",
    "etaCutoff",
    "topH",
    "topA",
    "topNSigma",
    "tailFree",
    "minK",
    "minTokensToKeep",
    "xtc.probability",
    "xtc.threshold",
    "dynamicTemperature.range",
    "dynamicTemperature.low",
    "dynamicTemperature.high",
    "dynamicTemperature.exponent",
    "smoothing.factor",
    "smoothing.curve",
    "mirostat.version",
    "mirostat.tau",
    "mirostat.eta",
    "mirostat.m",
    "adaptiveP.target",
    "adaptiveP.decay",
    "repetitionPenalty",
    "presencePenalty",
    "frequencyPenalty",
    "penaltyWindow",
    "dry.multiplier",
    "dry.base",
    "dry.allowedLength",
    "dry.window",
    "noRepeatNgramSize",
    "noRepeatNgram.size",
    "noRepeatNgram.window",
    "minNewTokens",
    "maxNewTokens",
    "forcedBosTokenId",
    "thinkingBudget.tokens",
    "seed",
    "sequence",
    "vocabSize",
];
const TEXTS: [(&str, &str); 16] = [
    ("order", "llama.cpp"),
    ("order", "vllm"),
    ("generator", "torch"),
    ("generator", "torch-mkl"),
    ("generator", "numpy"),
    ("generator", "numpy-legacy"),
    ("generator", "llama.cpp"),
    ("topKTies", "exact"),
    ("topKTies", "keep"),
    ("pLess", "norm"),
    ("penaltyScope.repetition", "output"),
    ("penaltyScope.frequencyPresence", "all"),
    ("penaltyScope.repetition", "all"),
    ("penaltyScope.frequencyPresence", "output"),
    ("order", "transformers"),
    ("generator", "philox"),
];
const IDS: [&str; 9] = [
    "xtc.protect",
    "allowedTokenIds",
    "suppressTokens",
    "beginSuppressTokens",
    "eosTokenId",
    "forcedEosTokenId",
    "thinkingBudget.start",
    "thinkingBudget.end",
    "noRepeatNgram.exempt",
];

#[derive(Arbitrary, Debug)]
enum Setting {
    Number(u8, f64),
    /// A number as people choose them.
    Share(u8, u8),
    Count(u8, u8),
    Text(u8),
    Ids(u8, Vec<u8>),
    BadWords(Vec<Vec<u8>>),
    LogitBias(Vec<(u8, f64)>),
    SequenceBias(Vec<(Vec<u8>, f64)>),
    RemoveInvalid,
}

#[derive(Arbitrary, Debug)]
struct Input {
    settings: Vec<Setting>,
    row: Vec<f32>,
    prompt: Vec<u8>,
    mask: Option<Vec<u32>>,
    draws: u8,
}

fn ids(bytes: &[u8]) -> Vec<u32> {
    bytes.iter().map(|byte| u32::from(*byte)).collect()
}

fn setting(setting: &Setting) -> (&'static str, Value) {
    let number = |index: &u8| NUMBERS[usize::from(*index) % NUMBERS.len()];
    match setting {
        Setting::Number(index, value) => (number(index), Value::Number(*value)),
        Setting::Share(index, value) => (number(index), Value::Number(f64::from(*value) / 255.0)),
        Setting::Count(index, value) => (number(index), Value::Number(f64::from(*value))),
        Setting::Text(index) => {
            let (name, text) = TEXTS[usize::from(*index) % TEXTS.len()];
            (name, Value::Text(text.into()))
        }
        Setting::Ids(index, bytes) => (IDS[usize::from(*index) % IDS.len()], Value::Ids(ids(bytes))),
        Setting::BadWords(words) => ("badWords", Value::Sequences(words.iter().map(|word| ids(word)).collect())),
        Setting::LogitBias(biases) => {
            ("logitBias", Value::Biases(biases.iter().map(|(id, bias)| (u32::from(*id), *bias)).collect()))
        }
        Setting::SequenceBias(biases) => (
            "sequenceBias",
            Value::SequenceBiases(biases.iter().map(|(sequence, bias)| (ids(sequence), *bias)).collect()),
        ),
        Setting::RemoveInvalid => ("removeInvalidValues", Value::Flag(true)),
    }
}

fuzz_target!(|input: Input| {
    let len = input.row.len();
    let mut options = Options::new(len);
    for (name, value) in input.settings.iter().map(setting) {
        let _ = options.set(name, value);
    }
    let Ok(mut sampler) = Sampler::new(options) else { return };
    let (mut logits, mut workspace) = (Logits::new(len), Workspace::new(len));
    let request = Request { mask: input.mask.as_deref(), ..Request::default() };
    let _ = sampler.prompt(&ids(&input.prompt));
    let mut p = vec![0.0; sampler.vocab_size().min(1 << 16)];
    for _ in 0..input.draws % 8 {
        logits.set(&input.row).unwrap();
        let law = sampler.distribution(logits.row(), &mut workspace, &request, &mut p);
        logits.set(&input.row).unwrap();
        let before = sampler.save().unwrap();
        match sampler.sample(logits.row(), &mut workspace, &request) {
            Ok(token) => {
                assert!(law.is_ok());
                assert!(p[token as usize] > 0.0);
            }
            Err(_) => assert_eq!(sampler.save().unwrap(), before),
        }
    }
    let restored = Sampler::restore(&sampler.save().unwrap()).unwrap();
    assert_eq!(restored.save().unwrap(), sampler.save().unwrap());
});
