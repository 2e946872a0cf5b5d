//! Writes Philox's raw output to standard output, for test batteries that read a stream of bytes, until nobody reads any more.
//!
//!     cargo run --release --example philox_stream -- [step|sequence|seed] | dieharder -g 200 -d 2
//!
//! The argument names the part of the counter or key that counts up; the others stay. `step` (the default) is one sequence as it is
//! sampled; `sequence` is the first draw of ever new sequences of a batch; `seed` that of ever new seeds. All four words are written.

use logitdraw::generator::philox::block;
use std::io::{ErrorKind, Write};

const SEED: u64 = 123;
const BLOCKS: u64 = 4096;

fn main() -> std::io::Result<()> {
    let counted = std::env::args().nth(1).unwrap_or_else(|| "step".into());
    let words = match counted.as_str() {
        // The counter has 32 bits of the step; the draw goes on where they end.
        "step" => |i: u64| block(SEED, 0, i, (i >> 32) as u32),
        "sequence" => |i: u64| block(SEED, i, 0, 0),
        "seed" => |i: u64| block(i, 0, 0, 0),
        other => {
            eprintln!("philox_stream: what should count up is step, sequence or seed, not {other}");
            std::process::exit(2);
        }
    };
    let mut out = std::io::stdout().lock();
    let mut bytes = Vec::with_capacity(BLOCKS as usize * 16);
    for start in (0..).step_by(BLOCKS as usize) {
        bytes.clear();
        bytes.extend((start..start + BLOCKS).flat_map(|i| words(i).map(u32::to_le_bytes)).flatten());
        match out.write_all(&bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            result => result?,
        }
    }
    Ok(())
}
