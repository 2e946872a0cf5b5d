//! What a draw costs natively, beside the pass that copies the row and takes its maximum. `cargo bench` measures;
//! `cargo test` draws once each way, so that this file cannot rot. What the npm package costs is measured by `packages/bench`.

#[path = "../src/rows.rs"]
mod rows;

use logitdraw::{Algorithm, Logits, Options, Request, Sampler, Source, Workspace};
use rows::Random;
use std::hint::black_box;
use std::time::{Duration, Instant};

const VOCAB: usize = 128_256;
const ROWS: usize = 8;
const ROUNDS: usize = 200;

type Set = fn(&mut Options);
/// Draws that take turns. Those that walk the whole vocabulary in double would empty the caches for the others.
const GROUPS: [&[(&str, Set)]; 2] = [
    &[
        ("greedy", |o| o.temperature = 0.0),
        ("whole vocabulary", |_| ()),
        ("top-k 40", |o| o.top_k = 40),
        ("top-p 0.95", |o| o.top_p = 0.95),
        ("min-p 0.05", |o| o.min_p = 0.05),
        ("top-k 40, top-p 0.95, min-p 0.05", |o| (o.top_k, o.top_p, o.min_p) = (40, 0.95, 0.05)),
    ],
    &[
        ("torch's generator", |o| o.generator = Source::Algorithm(Algorithm::Torch)),
        ("numpy's generator", |o| o.generator = Source::Algorithm(Algorithm::Numpy)),
    ],
];

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    let mut random = Random(1);
    let rows: Vec<Vec<f32>> = (0..ROWS).map(|_| (0..VOCAB).map(|_| 3.0 * random.normal()).collect()).collect();
    for draws in GROUPS {
        measure(draws, &rows, rounds);
    }
}

/// Prints what the limit costs, and each of the draws.
fn measure(draws: &[(&str, Set)], rows: &[Vec<f32>], rounds: usize) {
    let (mut logits, mut workspace) = (Logits::new(VOCAB), Workspace::new(VOCAB));
    let mut limits = Vec::new();
    let mut contenders: Vec<(Sampler, Vec<Duration>)> = Vec::new();
    for (_, set) in draws {
        let mut options = Options::new(VOCAB);
        options.temperature = 0.8;
        set(&mut options);
        contenders.push((Sampler::new(options).unwrap(), Vec::new()));
    }
    // As many rounds to warm up. Each draw comes after the limit, on a row that was last read as long ago.
    for round in 0..2 * rounds {
        for (sampler, times) in &mut contenders {
            let limit = time(|| {
                logits.set(&rows[(round + ROWS / 2) % ROWS]).unwrap();
                black_box(plain_max(logits.values()));
            });
            let draw = time(|| {
                logits.set(&rows[round % ROWS]).unwrap();
                black_box(sampler.sample(logits.row(), &mut workspace, &Request::default()).unwrap());
            });
            if round >= rounds {
                limits.push(limit);
                times.push(draw);
            }
        }
    }
    let limit = mean_of_most(&mut limits);
    println!("{:<32} {:>9.1} us", "the limit: copy and maximum", limit);
    for ((name, _), (_, mut times)) in draws.iter().zip(contenders) {
        let draw = mean_of_most(&mut times);
        println!("{name:<32} {draw:>9.1} us  {:>5.2}", draw / limit);
    }
}

/// The largest logit, by sixteen running maxima, which the compiler keeps in vectors: a single one is a chain that it may not reorder.
fn plain_max(row: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let (steps, rest) = row.as_chunks::<16>();
    let mut best = [f32::NEG_INFINITY; 16];
    for step in steps {
        for (max, x) in best.iter_mut().zip(step) {
            *max = larger(*max, *x);
        }
    }
    rest.iter().copied().chain(best).fold(f32::NEG_INFINITY, larger)
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// The mean in microseconds, without the slowest tenth: a draw of random cost has no typical one.
fn mean_of_most(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    let most = &times[..(times.len() * 9).div_ceil(10)];
    most.iter().sum::<Duration>().as_secs_f64() * 1e6 / most.len() as f64
}
