//! Finds which tokens have followed the history's last tokens before, and where, for DRY and n-grams.

use super::{History, Map, Memory, growth};
use crate::generator::Seed;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// For every gram of `size` tokens, the tokens that followed it: each is listed once and chained to its own earlier places. A history
/// that loops has many places but few followers, and a draw walks only the followers.
#[derive(Clone)]
pub(crate) struct Followers {
    size: usize,
    /// How many tokens back the history is compared with itself: the greatest length that is asked for.
    reach: usize,
    /// What hashes start with.
    basis: u32,
    /// From a gram's hash to 1 + the latest place where one of its followers occurred for the first time.
    firsts: Map,
    /// From the hash of a gram and its follower to 1 + the follower's latest place.
    latest: Map,
    /// One per place.
    links: Vec<Link>,
}

/// Where to look next from a place. A link is 1 + a place, or 0 for none.
#[derive(Clone, Copy)]
struct Link {
    /// The previous place with the same hash of gram and follower.
    same: u32,
    /// If the follower occurs for the first time, the previous place where another one did; otherwise `KNOWN`.
    other: u32,
    /// How many tokens right before this place and right before `same` are equal.
    common: u32,
    /// The first place in the chain from `same` on whose `common` is less than this one's, except the chain's last place, which has
    /// no `same`.
    less: u32,
}

/// The follower had occurred before.
const KNOWN: u32 = u32::MAX;

impl Followers {
    /// Creates an empty index of grams of `size` tokens; `longest` must not be asked for more than `reach`.
    ///
    /// Hashes depend on the sampler's seed: whoever knew which tokens have the same hash could write a prompt that takes
    /// quadratic time. What is found does not depend on it, since it is compared token by token.
    // Not inlined, so that the bundle contains it once.
    #[inline(never)]
    pub fn new(size: usize, reach: usize, seed: &Seed) -> Self {
        // Mixed, because hashes of neighbouring beginnings coincide for the same tokens now and then.
        let basis = (seed.low_u64().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
        Self { size, reach, basis, firsts: Map::default(), latest: Map::default(), links: Vec::new() }
    }

    /// What its hashes start with.
    #[cfg(test)]
    pub fn basis(&self) -> u32 {
        self.basis
    }

    /// Calls `f(token, place)` once for each token that has followed the history's last `size` tokens, with its latest place.
    pub fn for_each(&self, history: &History, mut f: impl FnMut(u32, usize)) {
        let tokens = history.tokens();
        let Some(start) = tokens.len().checked_sub(self.size) else { return };
        let gram = &tokens[start..];
        let of_gram = hash(self.basis, gram);
        let mut next = self.firsts.get(key(of_gram));
        while let Some(place) = next.checked_sub(1).map(|place| place as usize) {
            next = self.links[place].other;
            let token = tokens[place];
            if tokens[place - self.size..place] == *gram {
                let mut places = self.chain(self.latest.get(key(hash(of_gram, &[token]))));
                let is_same = |at: &usize| tokens[*at - self.size..=*at] == tokens[place - self.size..=place];
                if let Some(latest) = places.find(is_same) {
                    f(token, latest);
                }
            }
        }
    }

    /// Returns the length, at most `wanted`, of the longest suffix of the history that also stands before some place of the follower
    /// whose latest place is `latest`. Tokens before `begin` do not count.
    ///
    /// Skips places that have more in common with each other than a nearer place has with the end: they match the end no further than
    /// that place does, and have less room before them.
    pub fn longest(&self, history: &History, latest: usize, begin: usize, wanted: usize) -> usize {
        let tokens = history.tokens();
        let (mut place, mut best) = (latest, 0);
        let mut length = common(tokens, place, tokens.len(), 0, wanted);
        loop {
            let most = wanted.min(place.saturating_sub(begin));
            if most <= best {
                return best;
            }
            // Other tokens may have the same hash.
            let is_same = tokens[place] == tokens[latest] && length >= self.size;
            if is_same {
                best = best.max(length.min(most));
            }
            let mut at = place;
            while is_same && self.links[at].common as usize > length {
                let Some(less) = self.links[at].less.checked_sub(1) else { return best };
                at = less as usize;
            }
            let Some(next) = self.links[at].same.checked_sub(1) else { return best };
            place = next as usize;
            let shared = self.links[at].common as usize;
            length =
                if shared == length { common(tokens, place, tokens.len(), length, wanted) } else { shared.min(length) };
        }
    }

    /// Iterates over the places of a chain from a link on.
    fn chain(&self, link: u32) -> impl Iterator<Item = usize> {
        let place = |link: u32| link.checked_sub(1).map(|place| place as usize);
        core::iter::successors(place(link), move |at| place(self.links[*at].same))
    }

    /// Returns the key of the gram before the history's last token, and that of the gram with this token.
    fn keys(&self, history: &History) -> Option<(u32, u32)> {
        let tokens = history.tokens();
        let last = tokens.len() - 1;
        let of_gram = hash(self.basis, &tokens[last.checked_sub(self.size)?..last]);
        Some((key(of_gram), key(hash(of_gram, &tokens[last..]))))
    }

    /// Returns how many tokens right before the place `last` and right before the one that `former` links to are equal.
    fn common_with(&self, tokens: &[u32], last: usize, former: u32) -> u32 {
        let Some(former) = (former as usize).checked_sub(1) else { return 0 };
        let known = match (last.checked_sub(1), former.checked_sub(1)) {
            // The places before these are linked too: one more than theirs.
            (Some(a), Some(b)) if self.links[a].same as usize == former && tokens[a] == tokens[b] => {
                self.links[a].common as usize + 1
            }
            _ => common(tokens, former, last, 0, self.reach),
        };
        known.min(self.reach) as u32
    }

    /// Returns a link to the first place in the chain from `link` on whose own `common` is less than the given one, or 0 if there is none
    /// before the chain's last place, which has no `same`.
    fn less_than(&self, common: u32, link: u32) -> u32 {
        let mut less = link;
        while let Some(place) = less.checked_sub(1) {
            let link = &self.links[place as usize];
            if link.same == 0 {
                return 0;
            }
            if link.common < common {
                break;
            }
            less = link.less;
        }
        less
    }
}

/// Returns how many tokens, at most `most`, right before two places are equal; `known` of them are known to be.
fn common(tokens: &[u32], a: usize, b: usize, known: usize, most: usize) -> usize {
    let (before_a, before_b) = (&tokens[..a - known.min(a)], &tokens[..b - known.min(b)]);
    let pairs = before_a.iter().rev().zip(before_b.iter().rev()).take(most.saturating_sub(known));
    known + pairs.take_while(|(a, b)| a == b).count()
}

/// Extends a hash by more tokens.
fn hash(basis: u32, tokens: &[u32]) -> u32 {
    tokens.iter().fold(basis, |hash, token| (hash ^ token).wrapping_mul(0x0100_0193).rotate_left(5))
}

/// Cuts a hash to the 31 bits that a map's keys have.
fn key(hash: u32) -> u32 {
    hash >> 1
}

impl Memory for Followers {
    fn push(&mut self, history: &History, _: Option<f64>) {
        let mut link = Link { same: 0, other: KNOWN, common: 0, less: 0 };
        if let Some((gram, both)) = self.keys(history) {
            let tokens = history.tokens();
            let last = tokens.len() - 1;
            link.same = self.latest.get(both);
            self.latest.set(both, last as u32 + 1);
            let now = &tokens[last - self.size..];
            if !self.chain(link.same).any(|place| tokens[place - self.size..=place] == *now) {
                link.other = self.firsts.get(gram);
                self.firsts.set(gram, last as u32 + 1);
            }
            if self.reach > 0 {
                link.common = self.common_with(tokens, last, link.same);
                link.less = self.less_than(link.common, link.same);
            }
        }
        self.links.push(link);
    }

    fn pop(&mut self, history: &History) {
        if let (Some(link), Some((gram, both))) = (self.links.pop(), self.keys(history)) {
            self.latest.set(both, link.same);
            if link.other != KNOWN {
                self.firsts.set(gram, link.other);
            }
        }
    }

    fn growth(&self) -> usize {
        self.firsts.growth() + self.latest.growth() + growth(&self.links)
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns grams of three tokens that all have the hash `of`, found by undoing its last step.
    fn colliding(basis: u32, of: u32, count: u32) -> Vec<[u32; 3]> {
        // The multiplier's inverse, by Newton's iteration.
        let inverse = (0..5).fold(1_u32, |x, _| x.wrapping_mul(2_u32.wrapping_sub(x.wrapping_mul(0x0100_0193))));
        let last = |before: u32| of.rotate_right(5).wrapping_mul(inverse) ^ before;
        (0..count).map(|i| [i, 7 * i + 1, last(hash(basis, &[i, 7 * i + 1]))]).collect()
    }

    #[test]
    fn tokens_chosen_to_collide_under_one_seed_do_not_under_others() {
        let basis = |seed: u64| Followers::new(2, 0, &Seed::from(seed)).basis;
        let most_equal = |grams: &[[u32; 3]], basis: u32| {
            let mut keys: Vec<u32> = grams.iter().map(|gram| key(hash(basis, gram))).collect();
            keys.sort_unstable();
            keys.chunk_by(|a, b| a == b).map(<[u32]>::len).max()
        };
        let grams = colliding(basis(1), 0x1234_5678, 10_000);
        assert_eq!(most_equal(&grams, basis(1)), Some(grams.len()));
        for seed in (2..100).chain([0, 123, u64::MAX, 1 << 32, 1 << 63]) {
            assert!(most_equal(&grams, basis(seed)) < Some(200), "seed {seed}");
        }
    }

    /// Returns what follows the last tokens, each with its latest place and the longest suffix before any of its places.
    fn found(size: usize, tokens: &[u32]) -> Vec<(u32, usize, usize)> {
        let mut followers = Followers::new(size, 10, &Seed::from(1_u64));
        let mut history = History::default();
        for token in tokens {
            history.push(*token, false);
            followers.push(&history, None);
        }
        let mut found = Vec::new();
        followers.for_each(&history, |token, latest| {
            found.push((token, latest, followers.longest(&history, latest, 0, 10)));
        });
        found.sort_unstable();
        found
    }

    #[test]
    fn grams_of_the_same_hash_are_told_apart() {
        let basis = Followers::new(3, 10, &Seed::from(1_u64)).basis();
        let [a, b] = colliding(basis, 0x1234_5678, 2)[..] else { unreachable!() };
        assert_eq!(hash(basis, &a), hash(basis, &b));
        let history = [&a[..], &[50], &b, &[60], &a].concat();
        assert_eq!(found(3, &history), [(50, 3, 3)]);
        // The same token follows both.
        let history = [&a[..], &[50], &b, &[50], &b].concat();
        assert_eq!(found(3, &history), [(50, 7, 4)]);
    }

    #[test]
    fn followers_of_the_same_hash_are_told_apart() {
        let of_gram = hash(Followers::new(1, 10, &Seed::from(1_u64)).basis(), &[8]);
        // Two followers differ by the bit that a key leaves out: found by undoing the last step of the hash.
        let inverse = (0..5).fold(1_u32, |x, _| x.wrapping_mul(2_u32.wrapping_sub(x.wrapping_mul(0x0100_0193))));
        let (first, bit) = (50, 1_u32.rotate_right(5));
        let other = ((of_gram ^ first).wrapping_mul(0x0100_0193) ^ bit).wrapping_mul(inverse) ^ of_gram;
        assert_eq!(key(hash(of_gram, &[first])), key(hash(of_gram, &[other])));
        let mut expected = [(first, 4, 4), (other, 7, 1)];
        expected.sort_unstable();
        assert_eq!(found(1, &[1, 2, 3, 8, first, 9, 8, other, 1, 2, 3, 8]), expected);
    }
}
