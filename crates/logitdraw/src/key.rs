//! A token's place in descending order as one integer: larger logits first, equal ones by ascending id.

use alloc::vec::Vec;

/// Packs a logit (not NaN) and a place. Smaller keys come first.
#[inline(always)]
pub(crate) fn pack(x: f32, place: u32) -> u64 {
    u64::from(!ascending(x)) << 32 | u64::from(place)
}

/// The logit and the place of a key. A negative zero comes back as zero.
#[inline]
pub(crate) fn unpack(key: u64) -> (f32, u32) {
    (from_ascending(!((key >> 32) as u32)), key as u32)
}

/// Ids as keys, in ascending order.
pub(crate) fn of_ids(ids: &[u32]) -> Vec<u64> {
    let mut keys: Vec<_> = ids.iter().map(|id| u64::from(*id)).collect();
    sort(&mut keys);
    keys
}

/// Sorts keys in ascending order. The standard library's sort and selection would take ten times as much code.
pub(crate) fn sort(mut keys: &mut [u64]) {
    while keys.len() > FEW {
        let (smaller, larger) = split(keys);
        let (before, behind) = keys.split_at_mut(smaller);
        let behind = &mut behind[larger - smaller..];
        // Recurses into the shorter part and loops on the longer one, so that the stack depth stays logarithmic.
        keys = if before.len() < behind.len() {
            sort(before);
            behind
        } else {
            sort(behind);
            before
        };
    }
    insert(keys);
}

/// Returns the key at `index` in ascending order, after moving smaller keys before it and larger ones behind it.
pub(crate) fn select(mut keys: &mut [u64], mut index: usize) -> u64 {
    while keys.len() > FEW {
        let (smaller, larger) = split(keys);
        if index < smaller {
            keys = &mut keys[..smaller];
        } else if index < larger {
            return keys[index];
        } else {
            keys = &mut keys[larger..];
            index -= larger;
        }
    }
    insert(keys);
    keys[index]
}

/// Up to this many keys are sorted by insertion.
const FEW: usize = 12;

fn insert(keys: &mut [u64]) {
    for end in 1..keys.len() {
        let key = keys[end];
        let mut place = end;
        while place > 0 && keys[place - 1] > key {
            keys[place] = keys[place - 1];
            place -= 1;
        }
        keys[place] = key;
    }
}

/// Returns the last key in ascending order that is `inside`; all keys behind one that is outside must be outside too. A weighted
/// quickselect: `inside` receives a key and the weight before it, which is `before` plus the sum of what `weigh` returns for the
/// smaller keys.
#[inline]
pub(crate) fn last_inside(
    keys: &mut [u64],
    mut before: f64,
    mut weigh: impl FnMut(u64) -> f64,
    mut inside: impl FnMut(u64, f64) -> bool,
) -> Option<u64> {
    let mut last = None;
    let mut rest = keys;
    while !rest.is_empty() {
        let middle = rest.len() / 2;
        let pivot = select(rest, middle);
        let (first, others) = rest.split_at_mut(middle);
        let before_pivot = before + first.iter().map(|key| weigh(*key)).sum::<f64>();
        if inside(pivot, before_pivot) {
            last = Some(pivot);
            before = before_pivot + weigh(pivot);
            rest = &mut others[1..];
        } else {
            rest = first;
        }
    }
    last
}

/// Partitions keys by a pivot, smaller ones first, and returns where these end and where the rest begins. Keys between the two
/// are in their final places: if no key is below the pivot, these are the pivot and its equals. No order of the keys is a bad
/// case, because the pivot is picked pseudo-randomly.
fn split(keys: &mut [u64]) -> (usize, usize) {
    let len = keys.len();
    let mut state = len as u32 ^ keys[len / 2] as u32;
    let mut candidate = || {
        state = state.wrapping_mul(0x9e37_79b1) ^ state >> 15;
        keys[((u64::from(state) * len as u64) >> 32) as usize]
    };
    let (a, b, c) = (candidate(), candidate(), candidate());
    let pivot = a.min(b).max(a.max(b).min(c));
    match part(keys, |key| key < pivot) {
        0 => (0, part(keys, |key| key == pivot)),
        smaller => (smaller, smaller),
    }
}

/// Moves the keys for which `first` holds before the others, without a branch that could be mispredicted, and returns how many
/// there are.
#[inline(always)]
#[allow(clippy::manual_swap)] // a swap would be a call, and this is the inner loop of every selection
fn part(keys: &mut [u64], first: impl Fn(u64) -> bool) -> usize {
    let mut count = 0;
    for place in 0..keys.len() {
        let key = keys[place];
        keys[place] = keys[count];
        keys[count] = key;
        count += usize::from(first(key));
    }
    count
}

/// Bits that compare as integers the way the floats do; both zeros give the same bits.
#[inline(always)]
pub(crate) fn ascending(x: f32) -> u32 {
    let bits = (x + 0.0).to_bits();
    bits ^ (((bits as i32) >> 31) as u32 | 0x8000_0000)
}

/// The float for bits from [`ascending`].
#[inline]
pub(crate) fn from_ascending(bits: u32) -> f32 {
    f32::from_bits(bits ^ (((!bits as i32) >> 31) as u32 | 0x8000_0000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn keys_sort_by_descending_logit_and_unpack_to_the_same() {
        let descending = [f32::MAX, 1.0, f32::MIN_POSITIVE, 1e-45, 0.0, -1e-45, -1.0, f32::MIN, f32::NEG_INFINITY];
        for pair in descending.windows(2) {
            assert!(pack(pair[0], 9) < pack(pair[1], 3), "{pair:?}");
        }
        for x in descending {
            assert_eq!(unpack(pack(x, 7)), (x, 7));
        }
        assert!(pack(1.0, 3) < pack(1.0, 4));
        assert_eq!(pack(-0.0, 5), pack(0.0, 5));
    }

    /// Deterministic lists of every shape: random, few values, sorted, reversed, organ pipes, all the same.
    fn lists() -> impl Iterator<Item = Vec<u64>> {
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 20
        };
        let lengths = (0..40).chain([63, 64, 100, 255, 1000, 4096, 20_000]);
        lengths.flat_map(move |len| {
            (0..7).map(|shape| (0..len).map(|i| shaped(shape, i, len, random())).collect()).collect::<Vec<Vec<u64>>>()
        })
    }

    fn shaped(shape: u32, i: u64, len: u64, random: u64) -> u64 {
        match shape {
            0 => random,
            1 => random % 5,
            2 => i,
            3 => len - i,
            4 => i.min(len - i),
            5 => 7,
            _ => i % 2 * u64::MAX,
        }
    }

    #[test]
    fn sort_and_select_match_the_standard_library() {
        for list in lists() {
            let mut expected = list.clone();
            expected.sort_unstable();
            let mut sorted = list.clone();
            sort(&mut sorted);
            assert_eq!(sorted, expected);
            for index in [0, 1, list.len() / 3, list.len().saturating_sub(1)] {
                if index < list.len() {
                    let mut keys = list.clone();
                    assert_eq!(select(&mut keys, index), expected[index]);
                    assert!(keys[..index].iter().all(|key| *key <= expected[index]));
                    assert!(keys[index..].iter().all(|key| *key >= expected[index]));
                    keys.sort_unstable();
                    assert_eq!(keys, expected, "select keeps every key");
                }
            }
        }
    }
}
