//! DRY, don't repeat yourself (Weidmann 2024, text-generation-webui #5677; llama.cpp): a token that would go on with a
//! repetition loses the more, the longer the repetition is.

use crate::chain::{Order, Stage};
use crate::history::{History, Map, Memory};
use crate::key;
use crate::math::{floor, ln, powf};
use crate::options::{Dry, Options};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// How far llama.cpp's preset looks back unless it is told.
const LLAMA_WINDOW: usize = 64;
/// ln of the largest float32, as llama.cpp has it: what base^exponent may not exceed.
const LOG_LARGEST: f64 = 88.722_839_1;

/// `x -= multiplier * base^(L - allowed)` for L >= allowed, L the longest suffix of the history that the token has followed before.
pub(crate) static STAGE: Stage = Stage {
    memory: Some(|options| Box::new(Repetitions::new(options))),
    ..Stage::edit(
        "dry",
        |options| options.dry.as_ref().is_some_and(|dry| dry.multiplier != Some(0.0)),
        |alive, step| {
            let (Some(dry), Some(memory)) = (&step.options.dry, step.memory) else { return Ok(()) };
            let (multiplier, base) = (dry.multiplier.unwrap_or(0.0), dry.base.unwrap_or(1.75));
            let allowed = dry.allowed_length.unwrap_or(2);
            let most = if base <= 1.000_001 { usize::MAX } else { floor(LOG_LARGEST / ln(base)) as usize };
            memory.of::<Repetitions>().for_each(|id, length| {
                let penalty = multiplier * powf(base, (length - allowed).min(most) as f64);
                alive.edit(id, |x| (f64::from(x) - penalty).max(f64::from(f32::MIN)) as f32);
            });
            Ok(())
        },
    )
};

/// An earlier place up to which the history reads as it does at its end.
#[derive(Clone, Copy)]
struct Match {
    /// The token here followed then, and would go on with the repetition now.
    place: u32,
    /// How many tokens read the same.
    length: u32,
}

/// A breaker in the history.
#[derive(Clone, Copy)]
struct Break {
    start: u32,
    end: u32,
}

/// All matches of the history's end, kept up token by token: a match goes on where its token comes again, and begins wherever the
/// new token stood before. Long prompts are matched at once, by the Z-algorithm on the reversed history.
#[derive(Clone)]
struct Repetitions {
    window: usize,
    allowed: usize,
    breakers: Vec<Vec<u32>>,
    /// The latest place of each token, and 1.
    latest: Map,
    /// For each place the one before it with the same token, and 1; or 0.
    former: Vec<u32>,
    /// Descending places.
    matches: Vec<Match>,
    spare: Vec<Match>,
    /// The matches are of another history: too many tokens came, or some went.
    stale: bool,
    /// A token came since `settle`.
    pending: bool,
    /// For each breaker that ends in the history (by its end) the one that starts last of all so far.
    breaks: Vec<Break>,
    /// What is penalized next: token and length, ascending; of a token the longest last.
    next: Vec<u64>,
}

impl Repetitions {
    fn new(options: &Options) -> Self {
        let Dry { allowed_length, window, sequence_breakers, .. } = options.dry.clone().unwrap_or_default();
        let llama = (options.order == Order::LlamaCpp).then_some(LLAMA_WINDOW);
        Self {
            window: window.or(llama).unwrap_or(usize::MAX),
            allowed: allowed_length.unwrap_or(2),
            breakers: sequence_breakers,
            latest: Map::default(),
            former: Vec::new(),
            matches: Vec::new(),
            spare: Vec::new(),
            stale: false,
            pending: false,
            breaks: Vec::new(),
            next: Vec::new(),
        }
    }

    /// Calls `f(token, length)` once for each token to be penalized.
    fn for_each(&self, mut f: impl FnMut(u32, usize)) {
        for (i, key) in self.next.iter().enumerate() {
            let token = (key >> 32) as u32;
            if self.next.get(i + 1).is_none_or(|next| (next >> 32) as u32 != token) {
                f(token, *key as u32 as usize);
            }
        }
    }

    /// Where the window begins.
    fn begin(&self, len: usize) -> usize {
        len.saturating_sub(self.window)
    }

    /// The matches after one more token, the last one of `history`.
    fn go_on(&mut self, history: &History) {
        let begin = self.begin(history.len()) as u32;
        let last = history.len() - 1;
        let mut old = self.matches.iter().peekable();
        self.spare.clear();
        let mut link = self.former[last];
        while let Some(place) = link.checked_sub(1)
            && place >= begin
        {
            while old.next_if(|old| old.place > place).is_some() {}
            let length = old.next_if(|old| old.place == place).map_or(0, |old| old.length);
            self.spare.push(Match { place: place + 1, length: length + 1 });
            link = self.former[place as usize];
        }
        core::mem::swap(&mut self.matches, &mut self.spare);
    }

    /// The matches of a whole history.
    fn match_all(&mut self, history: &History) {
        let tokens = &history.tokens()[self.begin(history.len())..];
        let (len, begin) = (tokens.len(), self.begin(history.len()));
        let at = |i: usize| tokens[len - 1 - i];
        self.matches.clear();
        // z[i]: how far the reversed history reads at i as at its start.
        let mut z: Vec<u32> = alloc::vec![0; len];
        let (mut left, mut right) = (0, 0);
        for i in 1..len {
            let mut length = if i < right { (z[i - left] as usize).min(right - i) } else { 0 };
            while i + length < len && at(length) == at(i + length) {
                length += 1;
            }
            if i + length > right {
                (left, right) = (i, i + length);
            }
            z[i] = length as u32;
            if length > 0 {
                self.matches.push(Match { place: (begin + len - i) as u32, length: length as u32 });
            }
        }
    }

    /// How many of the last tokens no breaker cuts off.
    fn unbroken(&self, history: &History) -> usize {
        let (len, begin) = (history.len(), self.begin(history.len()));
        match self.breaks.last() {
            Some(last) if last.start as usize >= begin => len - last.end as usize,
            _ => len - begin,
        }
    }

    fn is_breaker(&self, token: u32) -> bool {
        self.breakers.iter().any(|breaker| *breaker == [token])
    }

    fn choose_next(&mut self, history: &History) {
        self.next.clear();
        let begin = self.begin(history.len());
        let unbroken = self.unbroken(history);
        if history.len() - begin <= self.allowed || unbroken < self.allowed {
            return;
        }
        for found in &self.matches {
            // What reads the same before the window does not count.
            let length = (found.length as usize).min(unbroken).min(found.place as usize - begin);
            let token = history.tokens()[found.place as usize];
            if length >= self.allowed && !self.is_breaker(token) {
                self.next.push(u64::from(token) << 32 | length as u64);
            }
        }
        if self.allowed == 0 {
            // A repetition of no tokens is one too: whatever has followed another token goes on with it.
            for token in &history.tokens()[begin + 1..] {
                if !self.is_breaker(*token) {
                    self.next.push(u64::from(*token) << 32);
                }
            }
        }
        key::sort(&mut self.next);
    }
}

impl Memory for Repetitions {
    fn push(&mut self, history: &History, _: Option<f64>) {
        let last = history.len() - 1;
        let token = history.tokens()[last];
        self.former.push(self.latest.get(token));
        self.latest.set(token, last as u32 + 1);
        for breaker in &self.breakers {
            if history.tokens().ends_with(breaker) {
                let end = history.len() as u32;
                let new = Break { start: end - breaker.len() as u32, end };
                let best = self.breaks.last().copied().filter(|best| best.start > new.start).unwrap_or(new);
                self.breaks.push(best);
            }
        }
        // More than one token since the last time: all at once is cheaper.
        self.stale = self.stale || self.pending;
        self.pending = true;
        if !self.stale {
            self.go_on(history);
        }
    }

    fn pop(&mut self, history: &History) {
        let last = history.len() - 1;
        let former = self.former.pop().unwrap_or(0);
        self.latest.set(history.tokens()[last], former);
        self.stale = true;
        for breaker in &self.breakers {
            if history.tokens().ends_with(breaker) {
                self.breaks.pop();
            }
        }
    }

    fn settle(&mut self, history: &History) {
        if self.stale {
            self.match_all(history);
            self.stale = false;
        }
        self.pending = false;
        self.choose_next(history);
    }

    fn clear(&mut self) {
        self.latest.clear();
        self.former.clear();
        self.matches.clear();
        self.breaks.clear();
        self.next.clear();
        self.stale = false;
        self.pending = false;
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}
