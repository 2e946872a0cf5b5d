//! A token's place in descending order as one integer: larger logits first, equal ones by ascending id.

/// Packs a logit (not NaN) and a place. Smaller keys come first.
#[inline]
pub(crate) fn pack(x: f32, place: u32) -> u64 {
    u64::from(!ascending(x)) << 32 | u64::from(place)
}

/// The logit and the place of a key. A negative zero comes back as zero.
#[inline]
pub(crate) fn unpack(key: u64) -> (f32, u32) {
    (from_ascending(!((key >> 32) as u32)), key as u32)
}

/// Sorts keys, ascending. The one sort of 64-bit integers there is: each costs kilobytes of WebAssembly.
#[inline(never)]
pub(crate) fn sort(keys: &mut [u64]) {
    keys.sort_unstable();
}

/// The key that stands at `index` once smaller ones are before it and larger ones behind it. The one selection there is.
#[inline(never)]
pub(crate) fn select(keys: &mut [u64], index: usize) -> u64 {
    *keys.select_nth_unstable(index).1
}

/// Bits that compare as integers the way the floats do; the two zeros are one.
#[inline]
pub(crate) fn ascending(x: f32) -> u32 {
    let bits = (x + 0.0).to_bits();
    bits ^ (((bits as i32) >> 31) as u32 | 0x8000_0000)
}

#[inline]
fn from_ascending(bits: u32) -> f32 {
    f32::from_bits(bits ^ (((!bits as i32) >> 31) as u32 | 0x8000_0000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_round_trip() {
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
}
