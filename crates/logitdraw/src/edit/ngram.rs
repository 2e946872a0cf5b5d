//! No n-gram twice (Paulus et al. 2017, arXiv 1705.04304; fairseq, transformers; window and exempt tokens as in vLLM).

use crate::chain::Stage;
use crate::history::{History, Map, Memory};
use crate::options::Options;
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(crate) static STAGE: Stage = Stage {
    memory: Some(|options| Box::new(Ngrams::new(size(options)))),
    ..Stage::edit(
        "noRepeatNgramSize",
        |options| size(options) != 0,
        |alive, step| {
            let Some(memory) = step.memory else { return Ok(()) };
            let group = step.options.no_repeat_ngram.as_ref();
            let window = group.and_then(|group| group.window).unwrap_or(usize::MAX);
            let exempt = group.map_or(&[][..], |group| &group.exempt);
            memory.of::<Ngrams>().for_each_follower(step.history, window, |id| {
                if !exempt.contains(&id) {
                    alive.ban(id);
                }
            });
            Ok(())
        },
    )
};

fn size(options: &Options) -> usize {
    let group = options.no_repeat_ngram.as_ref().and_then(|group| group.size);
    group.unwrap_or(options.no_repeat_ngram_size)
}

/// Where the beginning of each n-gram (all but its last token) stood before: chains of places by their hash, the latest first.
#[derive(Clone)]
struct Ngrams {
    size: usize,
    /// The latest place that followed a beginning of this hash, and 1.
    latest: Map,
    /// For each place that follows a beginning, the one before it of the same hash and 1, or 0.
    former: Vec<u32>,
}

impl Ngrams {
    fn new(size: usize) -> Self {
        Self { size, latest: Map::default(), former: Vec::new() }
    }

    /// Calls `f` with every token that followed the history's last n - 1 tokens where they stood before, in n-grams that start
    /// in the last `window` tokens.
    fn for_each_follower(&self, history: &History, window: usize, mut f: impl FnMut(u32)) {
        let tokens = history.tokens();
        let Some(start) = tokens.len().checked_sub(self.size - 1) else { return };
        let beginning = &tokens[start..];
        let mut link = self.latest.get(hash(beginning));
        while let Some(place) = link.checked_sub(1).map(|place| place as usize) {
            if place + 1 - self.size < tokens.len().saturating_sub(window) {
                break;
            }
            if tokens[place + 1 - self.size..place] == *beginning {
                f(tokens[place]);
            }
            link = self.former[place];
        }
    }

    /// The hash of the beginning that the history's last token follows.
    fn last_hash(&self, history: &History) -> Option<u32> {
        let tokens = history.tokens();
        let start = tokens.len().checked_sub(self.size)?;
        Some(hash(&tokens[start..tokens.len() - 1]))
    }
}

/// 31 bits of a sequence; equal hashes are compared token by token.
fn hash(tokens: &[u32]) -> u32 {
    tokens.iter().fold(0x811c_9dc5_u32, |hash, token| (hash ^ token).wrapping_mul(0x0100_0193).rotate_left(5)) >> 1
}

impl Memory for Ngrams {
    fn push(&mut self, history: &History, _: Option<f64>) {
        let link = history.len() as u32;
        let former = self.last_hash(history).map_or(0, |hash| {
            let former = self.latest.get(hash);
            self.latest.set(hash, link);
            former
        });
        self.former.push(former);
    }

    fn pop(&mut self, history: &History) {
        let former = self.former.pop().unwrap_or(0);
        if let Some(hash) = self.last_hash(history) {
            self.latest.set(hash, former);
        }
    }

    fn clear(&mut self) {
        self.latest.clear();
        self.former.clear();
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}
