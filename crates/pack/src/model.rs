//! Estimates how probable a decision is from what followed the same contexts before: context mixing, in the manner of Matt Mahoney's PAQ.
//!
//! A byte is coded by decisions: how many binary digits its rank, plus one, has after the first (Elias' gamma code), then each of them. For
//! each context, and without any, the model counts how often a decision was true and how often false. The log odds that the four pairs of
//! counts give are weighted and added, and the weights learn from the error. The result is the same everywhere: the model uses integers,
//! and tables made with sums, products and quotients of floats.

use crate::coder::{CERTAIN, Coder};
use crate::contexts::{CONTEXTS, KINDS};

/// Counts, in buckets of 15 decisions of one context. One part of the context's hash selects the bucket, another stands before the counts.
pub(crate) type Counts = [u8; 1 << COUNTS_LOG];
const COUNTS_LOG: u32 = 21;
const BUCKET: usize = 16;

/// Allocates counts, all of them 0.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn no_counts() -> Box<Counts> {
    vec![0; size_of::<Counts>()].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("as many as there are"))
}

/// The most binary digits that a byte's rank has.
const DIGITS: usize = 8;
/// Decisions about a byte.
const NODES: usize = 512;
/// Decisions about a byte that have their own weights; the digits of a rank share theirs.
const ROLES: usize = 32;
/// Sets of weights for each of these. Which one is used depends on whether each of the first two contexts has seen both outcomes.
const SETS: usize = 4;
/// The number of pairs of counts up to 15. A pair is 16 times the count of true, plus that of false.
const PAIRS: usize = 256;
const MOST: usize = 15;
/// Added to each count, since what was never seen may still come.
const UNSEEN: f32 = 0.23;

/// Log odds are stored in units of 1 divided by this.
const SAYS: f32 = 320.0;
/// The weight of a context before it has proved right, in 1 / 65536.
const TRUST: i32 = 24_000;
/// A weight changes by the surprise times its context's log odds, shifted right by this.
const LEARNING: u32 = 14;
/// Steps of the table of probabilities per unit of log odds.
const STEPS: f32 = 64.0;
const ODDS: usize = 1024;
/// The right shift from log odds times a weight to steps.
const TO_STEPS: u32 = 18;

pub(crate) struct Model<'a> {
    counts: &'a mut Counts,
    /// Counts without a context.
    general: [u8; KINDS * NODES],
    weights: [[[i32; CONTEXTS + 1]; SETS]; KINDS * ROLES],
    /// The log odds that a pair of counts gives.
    says: [i32; PAIRS],
    /// The next pair of counts after false, and after true.
    next: [u8; 2 * PAIRS],
    /// The probability of each step of log odds, in 1 / `CERTAIN`.
    probabilities: [u16; ODDS],
}

impl<'a> Model<'a> {
    /// Creates a model, which has seen nothing if all counts are 0.
    pub(crate) fn new(counts: &'a mut Counts) -> Self {
        let mut model = Model {
            counts,
            general: [0; KINDS * NODES],
            weights: [[[TRUST; CONTEXTS + 1]; SETS]; KINDS * ROLES],
            says: [0; PAIRS],
            next: [0; 2 * PAIRS],
            probabilities: [0; ODDS],
        };
        for (at, probability) in model.probabilities.iter_mut().enumerate() {
            let odds = (at as f32 - (ODDS / 2) as f32) / STEPS;
            let of_true = CERTAIN as f32 / (1.0 + exponential(-odds));
            *probability = of_true.clamp(8.0, (CERTAIN - 8) as f32) as u16;
        }
        // Lowers the opposite count: what was often right until now may be wrong from now on.
        let fade = |count: usize| if count > 2 { 2 + (count - 2) / 3 } else { count };
        for of_true in 0..=MOST {
            for of_false in 0..=MOST {
                let pair = 16 * of_true + of_false;
                let odds = logarithm(of_true as f32 + UNSEEN) - logarithm(of_false as f32 + UNSEEN);
                model.says[pair] = (SAYS * odds) as i32;
                model.next[pair] = (16 * fade(of_true) + MOST.min(of_false + 1)) as u8;
                model.next[PAIRS + pair] = (16 * MOST.min(of_true + 1) + fade(of_false)) as u8;
            }
        }
        model
    }

    /// Codes and returns the rank of a byte, from its kind and the hashes of its contexts.
    pub(crate) fn rank(&mut self, kind: usize, hashes: [u32; CONTEXTS], known: u8, coder: &mut impl Coder) -> u8 {
        let known = usize::from(known) + 1;
        let known_digits = known.ilog2() as usize;
        let mut buckets = self.buckets(hashes);
        let mut digits = 0;
        while digits < DIGITS {
            let decision = Decision { kind, role: digits, node: 1 << digits, place: 1 + digits };
            if !self.decide(&decision, &buckets, digits < known_digits, coder) {
                break;
            }
            digits += 1;
        }
        // The first bucket has room for up to two digits; each further one has room for four more.
        let mut value = 1;
        let mut place = DIGITS + digits;
        for digit in (0..digits).rev() {
            if digits > 2 && value == 1 || value >> 4 == 1 {
                let prefix = ((digits << 8) + value) as u32;
                let further = |hash: u32| (hash ^ prefix).wrapping_mul(0x9e37_79b1);
                buckets = self.buckets([further(hashes[0]), further(hashes[1]), further(hashes[2])]);
                place = 1;
            }
            let decision = Decision { kind, role: DIGITS + digits, node: (1 << digits) + value, place };
            let is_one = usize::from(self.decide(&decision, &buckets, known >> digit & 1 == 1, coder));
            value = 2 * value + is_one;
            place = if digits > 2 { 2 * place + is_one } else { 11 + is_one };
        }
        (value - 1) as u8
    }

    #[inline(always)]
    fn buckets(&mut self, [first, second, third]: [u32; CONTEXTS]) -> [usize; CONTEXTS] {
        [self.bucket(first), self.bucket(second), self.bucket(third)]
    }

    /// Returns the bucket of a hash, which is emptied if it was another's.
    #[inline(always)]
    fn bucket(&mut self, hash: u32) -> usize {
        let at = (hash >> (32 - COUNTS_LOG)) as usize / BUCKET * BUCKET;
        if let Some(bucket) = self.counts[at..].first_chunk_mut::<BUCKET>() {
            let owner = u128::from(hash as u8);
            let counts = u128::from_le_bytes(*bucket);
            let keep = u128::from(counts & 0xff == owner).wrapping_neg();
            *bucket = (counts & keep | owner).to_le_bytes();
        }
        at
    }

    #[inline(always)]
    fn decide(
        &mut self,
        decision: &Decision,
        buckets: &[usize; CONTEXTS],
        known: bool,
        coder: &mut impl Coder,
    ) -> bool {
        let count = |bucket: usize| (bucket + decision.place) % (1 << COUNTS_LOG);
        let counts = [count(buckets[0]), count(buckets[1]), count(buckets[2])];
        let general = (decision.kind * NODES + decision.node) % (KINDS * NODES);
        let pairs = [self.counts[counts[0]], self.counts[counts[1]], self.counts[counts[2]], self.general[general]];
        let says = |pair: u8| self.says[usize::from(pair)];
        let said = [says(pairs[0]), says(pairs[1]), says(pairs[2]), says(pairs[3])];
        let seen_both = |pair: u8| usize::from(pair > 15 && !pair.is_multiple_of(16));
        let set = 2 * seen_both(pairs[0]) + seen_both(pairs[1]);

        let weights = &mut self.weights[(decision.kind * ROLES + decision.role) % (KINDS * ROLES)][set];
        let weighed = |at: usize| weights[at].wrapping_mul(said[at]);
        let sum = weighed(0).wrapping_add(weighed(1)).wrapping_add(weighed(2).wrapping_add(weighed(3)));
        let odds = ((sum >> TO_STEPS) + ODDS as i32 / 2).clamp(0, ODDS as i32 - 1);
        let of_true = self.probabilities[odds as usize];
        let is_true = coder.decide(of_true.into(), known);

        let surprise = if is_true { CERTAIN as i32 } else { 0 } - i32::from(of_true);
        let mut learn = |at: usize| weights[at] = weights[at].wrapping_add((surprise * said[at]) >> LEARNING);
        learn(0);
        learn(1);
        learn(2);
        learn(3);
        let next = |pair: u8| self.next[usize::from(is_true) * PAIRS + usize::from(pair)];
        self.counts[counts[0]] = next(pairs[0]);
        self.counts[counts[1]] = next(pairs[1]);
        self.counts[counts[2]] = next(pairs[2]);
        self.general[general] = next(pairs[3]);
        is_true
    }
}

/// Identifies one of the decisions about a byte.
struct Decision {
    kind: usize,
    role: usize,
    node: usize,
    /// Its place in the buckets.
    place: usize,
}

/// e^x = (1 + x / 2^12)^(2^12)
fn exponential(x: f32) -> f32 {
    let mut power = 1.0 + x / 4096.0;
    for _ in 0..12 {
        power *= power;
    }
    power
}

/// ln x = 2^10 (x^(1 / 2^10) - 1)
fn logarithm(x: f32) -> f32 {
    let mut root = x;
    for _ in 0..10 {
        // Newton's method for a square root.
        let square = root;
        root = 1.0 + square / 4.0;
        for _ in 0..6 {
            root = 0.5 * (root + square / root);
        }
    }
    (root - 1.0) * 1024.0
}
