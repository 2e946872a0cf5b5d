//! Draws many tokens with every generator and strategy of test/vectors/digest.json and prints their digest as JSON. Its twin in
//! JavaScript is test/runtimes/src/digest.js, and both print the same: see docs/numerics.md.
//!
//!     cargo run --release --example digest -- 10000000

#[path = "../tests/common/hashed_rows.rs"]
mod hashed_rows;
#[path = "../tests/common/json.rs"]
mod json;

use hashed_rows::{Row, STRIDE};
use json::FUNCTION;
use logitdraw::{Error, Generator, Logits, Options, Request, Sampler, Source, Workspace};
use logitdraw::{multinomial_f32, multinomial_f64, softmax};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A sampler starts anew after so many turns.
const LIFE: usize = 200;
/// Different rows of a kind and size.
const ROWS: usize = 4;
/// Samplers of a batch.
const BATCH: usize = 3;

fn main() {
    let count = std::env::args().nth(1).map_or(100_000, |text| text.parse().expect("a number of tokens"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/vectors/digest.json");
    let list: Value = serde_json::from_str(&std::fs::read_to_string(path).expect(path)).expect(path);
    println!("{}", digest(&list, count));
}

/// Draws until there are `count` tokens, a turn of each case a round. Larger vocabularies have fewer turns.
fn digest(list: &Value, count: usize) -> Value {
    let mut memory = Memory::default();
    let mut cases = cases(list);
    let mut tokens = 0;
    for round in 0.. {
        for case in &mut cases {
            if round % case.length.div_ceil(512) == 0 {
                tokens += case.turn(&mut memory);
            }
            if tokens >= count {
                break;
            }
        }
        if tokens >= count {
            break;
        }
    }
    let digests: Vec<_> = cases.iter().map(|case| (case.name.as_str(), hex(&case.tape))).collect();
    let lines: String = digests.iter().map(|(name, hex)| format!("{name} {hex}\n")).collect();
    let digests: Map<String, Value> = digests.into_iter().map(|(name, hex)| (name.to_owned(), hex.into())).collect();
    json!({ "tokens": tokens, "digest": hex(lines.as_bytes()), "cases": digests })
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What cases share: rows that were made, and room for each vocabulary size.
#[derive(Default)]
struct Memory {
    rows: HashMap<(String, usize, usize), Row>,
    rooms: HashMap<usize, (Logits, Workspace)>,
}

impl Memory {
    fn row(&mut self, kind: &str, vocab_size: usize, step: usize) -> &Row {
        let step = step % ROWS;
        let make = || Row::new(kind, vocab_size, 1 + STRIDE * step as u32);
        self.rows.entry((kind.to_owned(), vocab_size, step)).or_insert_with(make)
    }

    /// Where a sampler reads the row, and what it needs beside it.
    fn loaded(&mut self, kind: &str, vocab_size: usize, step: usize) -> &mut (Logits, Workspace) {
        let row = self.row(kind, vocab_size, step).clone();
        let make = || (Logits::new(vocab_size), Workspace::new(vocab_size));
        let room = self.rooms.entry(vocab_size).or_insert_with(make);
        row.write(&mut room.0);
        room
    }
}

/// Something that draws, turn after turn, and the words that it gave.
struct Case {
    name: String,
    length: usize,
    tape: Vec<u8>,
    turns: usize,
    draws: Draws,
}

enum Draws {
    Samplers(Box<Samplers>),
    Multinomial { generator: Generator, samples: usize, replacement: bool, double: bool },
}

/// Samplers of one set of options, drawn from one after the other.
struct Samplers {
    options: Options,
    /// Its number among all.
    n: usize,
    kind: String,
    masked: bool,
    alive: Vec<Sampler>,
    batch: bool,
    seed: usize,
}

fn cases(list: &Value) -> Vec<Case> {
    let array = |name: &str| list[name].as_array().unwrap();
    let nth = |name: &str, n: usize| &array(name)[n % array(name).len()];
    let size = |n: usize| nth("sizes", n).as_u64().unwrap() as usize;
    let generators: Vec<_> = array("generators").iter().map(|name| name.as_str().unwrap()).collect();
    let mut cases = Vec::new();
    for (o, options) in array("options").iter().enumerate() {
        for (g, generator) in generators.iter().enumerate() {
            let n = o * generators.len() + g;
            let mut given = options.clone();
            given["generator"] = (*generator).into();
            let kind = nth("rows", n).as_str().unwrap().to_owned();
            let way = match nth("ways", o).as_str().unwrap() {
                // Buffers hold float32 alone.
                "buffer" if kind.ends_with("float16") => "sample",
                way => way,
            };
            let (masked, options) = (n % 5 == 0, json::options(size(n), &given));
            let length = options.vocab_size;
            let mask = if masked { " masked" } else { "" };
            let name = format!("options {o} {generator} {length} {kind} {way}{mask}");
            let batch = way == "batch";
            let samplers = Samplers { options, n, kind, masked, alive: Vec::new(), batch, seed: 0 };
            cases.push(Case { name, length, tape: Vec::new(), turns: 0, draws: Draws::Samplers(Box::new(samplers)) });
        }
    }
    for (m, given) in array("multinomials").iter().enumerate() {
        for (g, algorithm) in generators.iter().filter(|name| **name != FUNCTION).enumerate() {
            let n = m * generators.len() + g;
            let length = size(n);
            let draws = Draws::Multinomial {
                generator: json::generator(&json!({ "algorithm": algorithm, "seed": n.to_string() })),
                // So many have a weight above 0 in any row.
                samples: (given["count"].as_u64().unwrap() as usize).min(length.div_ceil(4)),
                replacement: given["replacement"].as_bool().unwrap(),
                double: given["weights"] == "float64",
            };
            let name = format!("multinomial {m} {algorithm} {length}");
            cases.push(Case { name, length, tape: Vec::new(), turns: 0, draws });
        }
    }
    cases
}

impl Case {
    /// Draws once and says how many tokens that gave.
    fn turn(&mut self, memory: &mut Memory) -> usize {
        let turn = self.turns;
        self.turns += 1;
        let (tokens, law) = match &mut self.draws {
            Draws::Samplers(samplers) => {
                if turn.is_multiple_of(LIFE) {
                    samplers.begin(turn / LIFE);
                }
                samplers.draw(turn % LIFE, memory).expect(&self.name)
            }
            Draws::Multinomial { generator, samples, replacement, double } => {
                let p = probabilities(memory, self.length, turn);
                let drawn = if *double {
                    let p: Vec<_> = p.into_iter().map(f64::from).collect();
                    multinomial_f64(&p, *samples, *replacement, generator)
                } else {
                    multinomial_f32(&p, *samples, *replacement, generator)
                };
                (drawn.expect(&self.name), None)
            }
        };
        for word in tokens.iter().copied().chain(law) {
            self.tape.extend(word.to_le_bytes());
        }
        tokens.len()
    }
}

fn probabilities(memory: &mut Memory, length: usize, turn: usize) -> Vec<f32> {
    let kind = if turn.is_multiple_of(2) { "holes" } else { "float32" };
    let Row::Float32(row) = memory.row(kind, length, turn) else { unreachable!("rows of float32") };
    let mut p = vec![0.0; length];
    softmax(row, 2.0, &mut p).unwrap();
    p
}

impl Samplers {
    fn begin(&mut self, life: usize) {
        self.seed = 1_000_003 * self.n + 101 * life;
        let (options, seed) = (&self.options, self.seed);
        let make = |b: usize| {
            let mut options = options.clone();
            match options.generator {
                Source::Algorithm(logitdraw::Algorithm::Philox) => {
                    (options.seed, options.sequence) = ((seed as u64).into(), b as u64);
                }
                _ => options.seed = ((seed + b) as u64).into(),
            }
            let tokens = options.vocab_size as u32;
            let mut sampler = Sampler::new(options).unwrap();
            sampler.prompt(&[0, tokens - 1, tokens / 2]).unwrap();
            sampler
        };
        self.alive = (0..if self.batch { BATCH } else { 1 }).map(make).collect();
    }

    /// A token of each, and at a sampler's first step the bits of its law: two that differ in the last place draw the same tokens
    /// nearly always.
    fn draw(&mut self, step: usize, memory: &mut Memory) -> Result<(Vec<u32>, Option<u32>), Error> {
        let vocab_size = self.options.vocab_size;
        let mut tokens = Vec::new();
        let mut law = None;
        for (b, sampler) in self.alive.iter_mut().enumerate() {
            let mask = hashed_rows::mask(vocab_size, 1 + STRIDE * ((step + b) % ROWS) as u32);
            let caller = self.options.generator == Source::Caller;
            let uniform = caller.then(|| hashed_rows::uniform(step, (self.seed + b) as u32));
            let request = Request { mask: self.masked.then_some(&mask), uniform, ..Request::default() };
            let mut p = vec![0.0; vocab_size];
            if step == 0 && !self.batch {
                let (logits, workspace) = memory.loaded(&self.kind, vocab_size, step);
                sampler.distribution(logits.row(), workspace, &request, &mut p)?;
            }
            let (logits, workspace) = memory.loaded(&self.kind, vocab_size, step + b);
            let token = sampler.choose(logits.row(), workspace, &request)?;
            law = (step == 0 && !self.batch).then(|| p[token as usize].to_bits());
            tokens.push(token);
        }
        self.alive.iter_mut().for_each(Sampler::commit);
        Ok((tokens, law))
    }
}
