//! Which tokens have followed the history's last tokens before, and where: what DRY and n-grams look back for.

use super::{History, Map, Memory};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// For every gram of `size` tokens those that followed it: each listed once, and chained to its own former places. A history that
/// goes round in circles has many places and few followers, and the followers are what a draw walks.
#[derive(Clone)]
pub(crate) struct Followers {
    size: usize,
    /// By a gram's hash the latest place where one of its followers came for the first time, and 1.
    firsts: Map,
    /// By the hash of a gram and its follower the follower's latest place, and 1.
    latest: Map,
    /// One a place.
    links: Vec<Link>,
}

/// Where to look next from a place.
#[derive(Clone, Copy)]
struct Link {
    /// The former place with the same hash of gram and follower, and 1; 0: none.
    same: u32,
    /// Where the follower came for the first time: the place where another one had, and 1; 0: none.
    other: u32,
}

/// The follower had come before.
const KNOWN: u32 = u32::MAX;

impl Followers {
    pub fn new(size: usize) -> Self {
        Self { size, firsts: Map::default(), latest: Map::default(), links: Vec::new() }
    }

    /// Calls `f(token, places)` once for each token that has followed the history's last `size` tokens, its places descending.
    pub fn for_each(&self, history: &History, mut f: impl FnMut(u32, &mut dyn Iterator<Item = usize>)) {
        let tokens = history.tokens();
        let Some(start) = tokens.len().checked_sub(self.size) else { return };
        let gram = &tokens[start..];
        let of_gram = hash(BASIS, gram);
        let mut next = self.firsts.get(key(of_gram));
        while let Some(place) = next.checked_sub(1).map(|place| place as usize) {
            next = self.links[place].other;
            if tokens[place - self.size..place] == *gram {
                let token = tokens[place];
                let latest = self.latest.get(key(hash(of_gram, &[token])));
                let mut places = self
                    .chain(latest)
                    .filter(|place| tokens[*place] == token && tokens[*place - self.size..*place] == *gram);
                f(token, &mut places);
            }
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
        let mut link = Link { same: 0, other: KNOWN };
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
