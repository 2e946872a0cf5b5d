//! Many sequences on several threads. A thread needs one row and one workspace, whatever the number of its samplers; which thread draws
//! a token makes no difference to it.
//!
//!     cargo run --release --example threads

use logitdraw::{Error, Logits, Options, Request, Sampler, Seed, Workspace};
use std::thread;

const VOCAB: usize = 32_000;
const PROMPT: [u32; 3] = [1, 2, 3];

/// Stands in for a model: writes the next token's logits.
fn model(history: &[u32], logits: &mut [f32]) {
    let last = history.last().copied().unwrap_or(0);
    for (id, logit) in logits.iter_mut().enumerate() {
        let hash = (id as u32 ^ last.wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
        *logit = (hash >> 8) as f32 / (1 << 20) as f32;
    }
}

fn main() -> Result<(), Error> {
    // One seed for all: sequences differ by their number.
    let mut samplers = Vec::new();
    for sequence in 0..8 {
        let mut options = Options::new(VOCAB);
        (options.temperature, options.top_p, options.repetition_penalty) = (0.8, 0.95, 1.1);
        (options.seed, options.sequence) = (Seed::from(42u64), sequence);
        let mut sampler = Sampler::new(options)?;
        sampler.prompt(&PROMPT)?;
        samplers.push(sampler);
    }
    thread::scope(|scope| {
        let threads: Vec<_> = samplers.chunks_mut(2).map(|own| scope.spawn(move || draw(own))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("draws do not panic"))
    })?;
    for sampler in &samplers {
        println!("{}: {:?}", sampler.sequence(), &sampler.history()[PROMPT.len()..]);
    }
    Ok(())
}

/// Draws ten tokens with each sampler.
fn draw(samplers: &mut [Sampler]) -> Result<(), Error> {
    let (mut logits, mut workspace) = (Logits::new(VOCAB), Workspace::new(VOCAB));
    for _ in 0..10 {
        for sampler in &mut *samplers {
            model(sampler.history(), logits.values_mut());
            sampler.sample(logits.row(), &mut workspace, &Request::default())?;
        }
    }
    Ok(())
}
