//! Ranks the bytes of a kind by frequency: frequent bytes take fewer decisions.

use crate::coder::Coder;

/// The byte of each rank.
pub(crate) type Order = [u8; 256];

/// Binary digits of the number of bytes whose ranks are in the text. The others follow in ascending order.
const COUNT_DIGITS: u32 = 6;
#[cfg(not(target_arch = "wasm32"))]
const MOST: usize = (1 << COUNT_DIGITS) - 1;
/// The rank of a byte that occurs less often than this saves less than it costs.
#[cfg(not(target_arch = "wasm32"))]
const LEAST: u32 = 64;

/// Codes and returns an order: a decoder reads it, and an encoder is given its `frequent` bytes.
pub(crate) fn order(coder: &mut impl Coder, frequent: &[u8]) -> Order {
    let mut order = [0; 256];
    for byte in 0..=u8::MAX {
        order[usize::from(byte)] = byte;
    }
    for rank in 0..coder.number(COUNT_DIGITS, frequent.len()) {
        let byte = coder.number(8, frequent.get(rank).copied().unwrap_or(0).into()) as u8;
        // Moves the byte to its rank, and those before it back by one.
        let mut moving = byte;
        for place in &mut order[rank..] {
            moving = core::mem::replace(place, moving);
            if moving == byte {
                break;
            }
        }
    }
    order
}

/// Returns the frequent bytes, the most frequent first. `counts` says how often each byte occurs.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn frequent(counts: &[u32; 256]) -> Vec<u8> {
    let count = |byte: &u8| counts[usize::from(*byte)];
    let mut frequent: Vec<u8> = (0..=u8::MAX).filter(|byte| count(byte) >= LEAST).collect();
    frequent.sort_by_key(|byte| core::cmp::Reverse(count(byte)));
    frequent.truncate(MOST);
    frequent
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::cases::same_cases;
    use crate::coder::{Decoder, Encoder};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(same_cases())]

        #[test]
        fn an_order_round_trips_with_frequent_bytes_first(counts in prop::collection::vec(0..3 * LEAST, 256)) {
            let counts = counts.try_into().unwrap();
            let frequent = frequent(&counts);
            let mut encoder = Encoder::new();
            let written = order(&mut encoder, &frequent);
            prop_assert_eq!(order(&mut Decoder::new(encoder.finish().as_bytes()), &[]), written);

            let (first, others) = written.split_at(frequent.len());
            prop_assert_eq!(first, &frequent[..]);
            prop_assert!(first.is_sorted_by_key(|byte| core::cmp::Reverse(counts[usize::from(*byte)])));
            prop_assert!(first.len() == MOST || others.iter().all(|byte| counts[usize::from(*byte)] < LEAST));
            prop_assert!(others.is_sorted());
            let mut all = written;
            all.sort_unstable();
            prop_assert!(all.into_iter().eq(0..=u8::MAX));
        }
    }
}
