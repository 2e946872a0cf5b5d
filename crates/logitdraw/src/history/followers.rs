//! Which tokens have followed the history's last tokens before, and where: what DRY and n-grams look back for.

use super::{History, Map, Memory};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// For every gram of `size` tokens those that followed it: each listed once, and chained to its own former places. A history that
/// goes round in circles has many places and few followers, and the followers are what a draw walks.
#[derive(Clone)]
pub(crate) struct Followers {
    size: usize,
    /// How far back histories are compared: no length is asked for beyond it.
    reach: usize,
    /// By a gram's hash the latest place where one of its followers came for the first time, and 1.
    firsts: Map,
    /// By the hash of a gram and its follower the follower's latest place, and 1.
    latest: Map,
    /// One a place.
    links: Vec<Link>,
}

/// Where to look next from a place. Links are places and 1; 0: none.
#[derive(Clone, Copy)]
struct Link {
    /// The former place with the same hash of gram and follower.
    same: u32,
    /// Where the follower came for the first time: the place where another one had.
    other: u32,
    /// How far the history reads the same before this place and before `same`.
    common: u32,
    /// Behind `same`: the first place that has less in common with the one behind it.
    less: u32,
}

/// The follower had come before.
const KNOWN: u32 = u32::MAX;

impl Followers {
    /// Of grams of `size` tokens; `longest` will not be asked for more than `reach`.
    pub fn new(size: usize, reach: usize) -> Self {
        Self { size, reach, firsts: Map::default(), latest: Map::default(), links: Vec::new() }
    }

    /// Calls `f(token, place)` once for each token that has followed the history's last `size` tokens, with its latest place.
    pub fn for_each(&self, history: &History, mut f: impl FnMut(u32, usize)) {
        let tokens = history.tokens();
        let Some(start) = tokens.len().checked_sub(self.size) else { return };
        let gram = &tokens[start..];
        let of_gram = hash(BASIS, gram);
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

    /// How far, at most `wanted`, the history reads at its end as before some place of a follower whose latest place this is; what
    /// stands before `begin` does not count.
    ///
    /// Places that have more in common with each other than a nearer one with the end read like that one, and have less room before
    /// them: they are skipped.
    pub fn longest(&self, history: &History, latest: usize, begin: usize, wanted: usize) -> usize {
        let tokens = history.tokens();
        let (mut place, mut best) = (latest, 0);
        let mut length = common(tokens, place, tokens.len(), 0, wanted);
        loop {
            let most = wanted.min(place.saturating_sub(begin));
            if most <= best {
                return best;
            }
            // Hashes may be those of others.
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

    /// The places from a link on.
    fn chain(&self, link: u32) -> impl Iterator<Item = usize> {
        let place = |link: u32| link.checked_sub(1).map(|place| place as usize);
        core::iter::successors(place(link), move |at| place(self.links[*at].same))
    }

    /// The keys of the gram that the history's last token follows, and of both.
    fn keys(&self, history: &History) -> Option<(u32, u32)> {
        let tokens = history.tokens();
        let last = tokens.len() - 1;
        let of_gram = hash(BASIS, &tokens[last.checked_sub(self.size)?..last]);
        Some((key(of_gram), key(hash(of_gram, &tokens[last..]))))
    }

    /// How far the history reads the same before two places, the second of which is `former` and 1.
    fn common_with(&self, tokens: &[u32], last: usize, former: u32) -> u32 {
        let Some(former) = (former as usize).checked_sub(1) else { return 0 };
        let known = match (last.checked_sub(1), former.checked_sub(1)) {
            // The places before them are linked too: one more.
            (Some(a), Some(b)) if self.links[a].same as usize == former && tokens[a] == tokens[b] => {
                self.links[a].common as usize + 1
            }
            _ => common(tokens, former, last, 0, self.reach),
        };
        known.min(self.reach) as u32
    }

    /// Behind a link: the first place that has less than `common` in common with the one behind it.
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

/// How far, at most `most`, tokens read the same before two places, of which `known` are known.
fn common(tokens: &[u32], a: usize, b: usize, known: usize, most: usize) -> usize {
    let (before_a, before_b) = (&tokens[..a - known.min(a)], &tokens[..b - known.min(b)]);
    let pairs = before_a.iter().rev().zip(before_b.iter().rev()).take(most.saturating_sub(known));
    known + pairs.take_while(|(a, b)| a == b).count()
}

const BASIS: u32 = 0x811c_9dc5;

/// A hash goes on over more tokens; what is found by it is compared token by token.
fn hash(basis: u32, tokens: &[u32]) -> u32 {
    tokens.iter().fold(basis, |hash, token| (hash ^ token).wrapping_mul(0x0100_0193).rotate_left(5))
}

/// Keys of a map have 31 bits.
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

    fn clear(&mut self) {
        self.firsts.clear();
        self.latest.clear();
        self.links.clear();
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}
