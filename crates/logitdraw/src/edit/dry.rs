//! DRY, don't repeat yourself (Weidmann 2024, text-generation-webui #5677; llama.cpp): a token that would continue a
//! repetition is penalized, the more the longer the repetition is.

use crate::history::{Counts, Followers, History, Memory, growth};
use crate::kernels::{self, lowered};
use crate::key;
use crate::math::{floor, ln, powf};
use crate::options::{Dry, Options};
use crate::stage::Stage;
use crate::survivors::{Survivors, Waiting};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// ln of the largest float32, which base^exponent may not exceed; the digits are llama.cpp's.
const LOG_LARGEST: f64 = 88.722_839_1;
/// Up to this base the exponent is not clamped.
const FLAT: f64 = 1.000_001;

/// `x -= multiplier * base^(L - allowed)` for L >= allowed, with L the length of the longest suffix of the history that the token has
/// followed before.
pub(crate) static STAGE: Stage = Stage {
    remember: Some(|options| Box::new(Repetitions::new(options))),
    ..Stage::edit(
        "dry",
        |options| options.dry.as_ref().is_some_and(|dry| dry.multiplier != Some(0.0)),
        |alive, step| {
            if let Some(memory) = step.memory {
                memory.downcast::<Repetitions>().penalize(alive, step.history);
            }
            Ok(())
        },
    )
};

/// The settings, and an index of the history in which to find repetitions.
#[derive(Clone)]
struct Repetitions {
    multiplier: f64,
    base: f64,
    allowed: usize,
    /// Upper bound of the exponent.
    most: usize,
    window: usize,
    breakers: Breakers,
    /// Which tokens followed repetitions of the shortest length that counts.
    followers: Followers,
    /// With an allowed length of 0, the tokens that have followed another: all of them are penalized.
    seen: Option<Counts>,
}

impl Repetitions {
    fn new(options: &Options) -> Self {
        let dry = options.dry.clone().unwrap_or_default();
        let Dry { multiplier, base, allowed_length, window, sequence_breakers } = dry;
        let (base, allowed) = (base.unwrap_or(1.75), allowed_length.unwrap_or(2));
        let window = options.window(window);
        let most = if base <= FLAT { usize::MAX } else { floor(LOG_LARGEST / ln(base)) as usize };
        let breakers = Breakers::new(sequence_breakers);
        let seen = (allowed == 0).then(|| {
            // The first token of the window has followed no other in it.
            Counts::new(options.vocab_size, window.saturating_sub(1)).starting_at(1).except(&breakers.singles())
        });
        Self {
            multiplier: multiplier.unwrap_or(0.0),
            base,
            allowed,
            most,
            window,
            breakers,
            followers: Followers::new(allowed.max(1), allowed.saturating_add(most).max(1), &options.seed),
            seen,
        }
    }

    /// Returns the penalty of a token that would continue a repetition of this length.
    fn penalty(&self, length: usize) -> f64 {
        self.multiplier * powf(self.base, (length - self.allowed).min(self.most) as f64)
    }

    fn penalize<'a>(&'a self, alive: &mut Survivors<'a>, history: &History) {
        let unit = alive.temperature();
        // Every seen token gets this penalty at once; those that continue a repetition get the difference below.
        let common = self.seen.as_ref().map_or(0.0, |seen| {
            let penalty = self.penalty(0) * unit;
            alive.edit_all(Waiting::of_counted(
                seen,
                |x, _, [penalty, ..]| lowered(x, *penalty),
                |block, touched, counts, [penalty, ..]| kernels::subtract(block, touched, counts, *penalty),
                [penalty, 0.0, 0.0, 0.0],
            ));
            penalty
        });
        self.for_each(history, |token, length| {
            let penalty = self.penalty(length) * unit - common;
            alive.edit(token, |x| lowered(x, penalty));
        });
    }

    /// Calls `f(token, length)` for each token that would continue a repetition.
    fn for_each(&self, history: &History, mut f: impl FnMut(u32, usize)) {
        let tokens = history.tokens();
        let begin = tokens.len().saturating_sub(self.window);
        let unbroken = tokens.len() - self.breakers.last_end(begin);
        if unbroken < self.allowed {
            return;
        }
        // Longer repetitions cost no more, or would reach across a breaker.
        let longest_wanted = unbroken.min(self.allowed.saturating_add(self.most));
        self.followers.for_each(history, |token, latest| {
            if !self.breakers.is_single(token) {
                let longest = self.followers.longest(history, latest, begin, longest_wanted);
                if longest > 0 && longest >= self.allowed {
                    f(token, longest);
                }
            }
        });
    }
}

impl Memory for Repetitions {
    fn push(&mut self, history: &History, _: Option<f64>) {
        self.followers.push(history, None);
        self.breakers.push(history);
        if let Some(seen) = &mut self.seen {
            seen.push(history, None);
        }
    }

    fn pop(&mut self, history: &History) {
        self.followers.pop(history);
        self.breakers.pop(history);
        if let Some(seen) = &mut self.seen {
            seen.pop(history);
        }
    }

    fn growth(&self) -> usize {
        let seen = self.seen.as_ref().map_or(0, Memory::growth);
        self.followers.growth() + growth(&self.breakers.breaks) + seen
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}

/// Sequences that no repetition reaches across, and where they occur in the history.
#[derive(Clone)]
struct Breakers {
    sequences: Vec<Vec<u32>>,
    /// The last token of each sequence with the sequence's index, ascending.
    by_end: Vec<u64>,
    /// For each point where a breaker ended, ascending: the breaker with the latest start so far.
    breaks: Vec<Break>,
}

/// A breaker in the history.
#[derive(Clone, Copy)]
struct Break {
    start: u32,
    end: u32,
    /// The length of the history when this entry was added.
    len: u32,
}

impl Breakers {
    fn new(sequences: Vec<Vec<u32>>) -> Self {
        let mut by_end = Vec::new();
        for (index, sequence) in sequences.iter().enumerate() {
            if let Some(end) = sequence.last() {
                by_end.push(u64::from(*end) << 32 | index as u64);
            }
        }
        key::sort(&mut by_end);
        Self { sequences, by_end, breaks: Vec::new() }
    }

    /// The sequences that end in a token.
    fn ending_in(&self, token: u32) -> impl Iterator<Item = &Vec<u32>> {
        let first = self.by_end.partition_point(|key| *key < u64::from(token) << 32);
        let keys = self.by_end[first..].iter().take_while(move |key| (**key >> 32) as u32 == token);
        keys.map(|key| &self.sequences[*key as u32 as usize])
    }

    fn is_single(&self, token: u32) -> bool {
        self.ending_in(token).any(|sequence| sequence.len() == 1)
    }

    fn singles(&self) -> Vec<u32> {
        let mut singles = Vec::new();
        for sequence in &self.sequences {
            if let [single] = sequence[..] {
                singles.push(single);
            }
        }
        singles
    }

    fn push(&mut self, history: &History) {
        let (tokens, last) = (history.tokens(), self.breaks.last().copied());
        let ended = tokens.last().and_then(|token| {
            let ended = self.ending_in(*token).filter(|sequence| tokens.ends_with(sequence));
            ended.map(Vec::len).min()
        });
        if let Some(shortest) = ended {
            let (end, len) = (tokens.len() as u32, tokens.len() as u32);
            let new = Break { start: end - shortest as u32, end, len };
            // A breaker that started later but ended sooner remains the last.
            let later = last.filter(|last| last.start > new.start).map(|last| Break { len, ..last });
            self.breaks.push(later.unwrap_or(new));
        }
    }

    fn pop(&mut self, history: &History) {
        if self.breaks.last().is_some_and(|last| last.len as usize == history.len()) {
            self.breaks.pop();
        }
    }

    /// Returns where the last breaker that starts in the window ends, or where the window begins if there is none.
    fn last_end(&self, begin: usize) -> usize {
        match self.breaks.last() {
            Some(last) if last.start as usize >= begin => last.end as usize,
            _ => begin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Seed;

    #[test]
    fn hashes_depend_on_the_seed() {
        let basis = |seed: u64| {
            let dry = Some(Dry { multiplier: Some(1.0), ..Dry::default() });
            Repetitions::new(&Options { dry, seed: Seed::from(seed), ..Options::new(9) }).followers.basis()
        };
        assert_ne!(basis(1), basis(2));
    }
}
