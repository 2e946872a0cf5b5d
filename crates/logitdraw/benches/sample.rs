//! What a draw costs natively, beside the pass that copies the row and takes its maximum. `cargo bench` measures;
//! `cargo test` draws once each way, so that this file cannot rot. What the npm package costs is measured by `packages/bench`.

#[path = "../src/rows.rs"]
mod rows;

use logitdraw::{Algorithm, Logits, Options, Request, Sampler, Source, Workspace};
use rows::Random;
use std::hint::black_box;
use std::time::{Duration, Instant};

const VOCAB: usize = 128_256;
const ROUNDS: usize = 200;

type Set = fn(&mut Options);

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    let mut random = Random(1);
    let row: Vec<f32> = (0..VOCAB).map(|_| 3.0 * random.normal()).collect();
    let mut logits = Logits::new(VOCAB);
    let limit = median(rounds, || {
        logits.set(&row).unwrap();
        let max = logits.values().iter().fold(f32::NEG_INFINITY, |max, x| if *x > max { *x } else { max });
        black_box(max);
    });
    println!("{:<32} {:>9.1} us", "the limit: copy and maximum", micros(limit));
    let draws: [(&str, Set); 8] = [
        ("greedy", |o| o.temperature = 0.0),
        ("whole vocabulary", |_| ()),
        ("top-k 40", |o| o.top_k = 40),
        ("top-p 0.95", |o| o.top_p = 0.95),
        ("min-p 0.05", |o| o.min_p = 0.05),
        ("top-k 40, top-p 0.95, min-p 0.05", |o| (o.top_k, o.top_p, o.min_p) = (40, 0.95, 0.05)),
        ("torch's generator", |o| o.generator = Source::Algorithm(Algorithm::Torch)),
        ("numpy's generator", |o| o.generator = Source::Algorithm(Algorithm::Numpy)),
    ];
    let mut workspace = Workspace::new(VOCAB);
    for (name, set) in draws {
        let mut options = Options::new(VOCAB);
        options.temperature = 0.8;
        set(&mut options);
        let mut sampler = Sampler::new(options).unwrap();
        let time = median(rounds, || {
            logits.set(&row).unwrap();
            black_box(sampler.sample(logits.row(), &mut workspace, &Request::default()).unwrap());
        });
        println!("{name:<32} {:>9.1} us  {:>5.2}", micros(time), time.as_secs_f64() / limit.as_secs_f64());
    }
}

/// The median of so many runs.
fn median(rounds: usize, mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[rounds / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
