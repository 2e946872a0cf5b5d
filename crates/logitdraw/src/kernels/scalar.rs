//! The reference: plain loops in the stated order. Native builds run these (the compiler vectorises most of them).

mod double;
mod rough;
mod scan;
mod spread;

pub(crate) use double::{exponents, exps, quotients, singles, temper};
pub(crate) use rough::{add_rough_mass, add_rough_masses, bound, most_mass};
pub(crate) use scan::{has_nan, mask_block, scan, scan_masked};
pub(crate) use spread::{bin, spread};

use super::{BLOCK, Block, EXP_LOWEST, EXP_Q, LN_2_HIGH, LN_2_LOW, LOG2_E, Moments, ROUND, Sums};

/// The larger of the two; if they are equal or unordered, the first (WebAssembly's `pmax`).
#[inline]
fn pmax(a: f32, b: f32) -> f32 {
    if a < b { b } else { a }
}

/// e^y for y <= 0, at most 1.6 units in the last place from the true value; 0 below -87, exactly 1 at 0.
#[inline]
pub(crate) fn exp(y: f32) -> f32 {
    let rounded = y * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (y - n * LN_2_HIGH) - n * LN_2_LOW;
    let q = EXP_Q[0] + r * (EXP_Q[1] + r * (EXP_Q[2] + r * (EXP_Q[3] + r * EXP_Q[4])));
    let p = 1.0 + (r + (r * r) * q);
    let e = f32::from_bits(p.to_bits().wrapping_add(rounded.to_bits() << 23));
    if y >= EXP_LOWEST { e } else { 0.0 }
}

/// Whether any term of a block can be above 0: its maximum is at or above the floor, and not too far below the largest logit.
fn weighs(block_max: f32, max: f32, scale: f32, floor: f32) -> bool {
    block_max >= floor && (block_max - max) * scale >= EXP_LOWEST
}

/// Sums a block's eight vectors of four lanes, lane by lane.
#[inline]
pub(crate) fn lanes_sum(terms: &Block) -> [f32; 4] {
    let mut lanes = [terms[0], terms[1], terms[2], terms[3]];
    for vector in terms[4..].chunks_exact(4) {
        for (lane, term) in lanes.iter_mut().zip(vector) {
            *lane += term;
        }
    }
    lanes
}

/// A block's sum: eight vectors into four lanes, the lanes as (0 + 2) + (1 + 3).
#[inline]
pub(crate) fn block_sum(terms: &Block) -> f32 {
    let lanes = lanes_sum(terms);
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}

/// The largest logit of a block, in the order of `block_sum`.
#[inline]
pub(crate) fn block_max(block: &Block) -> f32 {
    let lanes = block_lanes_max(block);
    pmax(pmax(lanes[0], lanes[2]), pmax(lanes[1], lanes[3]))
}

/// A logit divided by `r` if it is above 0, and multiplied by it if not. A result below the lowest float becomes that float.
#[inline]
pub(crate) fn repeated(x: f32, r: f32) -> f32 {
    let y = if x <= 0.0 { x * r } else { x / r };
    if y < f32::MIN { f32::MIN } else { y }
}

/// A logit less a finite penalty, in double. A result below the lowest float becomes that float.
#[inline]
pub(crate) fn lowered(x: f32, penalty: f64) -> f32 {
    let y = f64::from(x) - penalty;
    (if y < f64::from(f32::MIN) { f64::from(f32::MIN) } else { y }) as f32
}

/// Edits the logits of a block whose bits are set, unless they are masked; a result above the largest float becomes that float.
fn edit(block: &mut Block, touched: u32, edited: impl Fn(usize, f32) -> f32) {
    for (lane, x) in block.iter_mut().enumerate() {
        let y = edited(lane, *x);
        if touched >> lane & 1 == 1 && *x > f32::NEG_INFINITY {
            *x = if y > f32::MAX { f32::MAX } else { y };
        }
    }
}

/// Applies `repeated` to the logits whose bits are set.
pub(crate) fn repeat(block: &mut Block, touched: u32, r: f32) {
    edit(block, touched, |_, x| repeated(x, r));
}

/// Applies `x - count * penalty` to the logits whose bits are set.
pub(crate) fn subtract(block: &mut Block, touched: u32, counts: &[u32; BLOCK], penalty: f64) {
    edit(block, touched, |lane, x| lowered(x, f64::from(counts[lane]) * penalty));
}

/// The terms of one block: `exp((x - max) * scale)`, 0 below `floor`.
#[inline]
pub(crate) fn terms(block: &Block, max: f32, scale: f32, floor: f32) -> Block {
    block.map(|x| {
        let e = exp((x - max) * scale);
        if x >= floor { e } else { 0.0 }
    })
}

/// Sum of a block's terms at or above `floor`.
#[inline]
pub(crate) fn block_mass(block: &Block, max: f32, scale: f32, floor: f32) -> f32 {
    block_sum(&terms(block, max, scale, floor))
}

/// Two sums of a block's terms at or above `floor`: of those that come before a token of logit `x` in descending order
/// (larger logits, and equal ones in lanes below `lane`), and of all.
pub(crate) fn block_masses(block: &Block, max: f32, scale: f32, floor: f32, x: f32, lane: u32) -> (f32, f32) {
    let all = terms(block, max, scale, floor);
    let mut before = [0.0; BLOCK];
    for (index, (value, out)) in block.iter().zip(before.iter_mut()).enumerate() {
        if *value > x || (*value == x && (index as u32) < lane) {
            *out = all[index];
        }
    }
    (block_sum(&before), block_sum(&all))
}

/// Adds two sums for each block whose bit in `bits` is set: of the terms at or above `x`, and of those at or above `floor`.
pub(crate) fn add_masses(
    blocks: &[Block],
    bits: u32,
    max: f32,
    scale: f32,
    floor: f32,
    x: f32,
    sums: (f64, f64),
) -> (f64, f64) {
    let (mut above, mut all) = sums;
    for (index, block) in blocks.iter().take(BLOCK).enumerate() {
        if bits >> index & 1 == 1 {
            let terms = terms(block, max, scale, floor);
            let mut large = [0.0; BLOCK];
            for (lane, value) in block.iter().enumerate() {
                if *value >= x {
                    large[lane] = terms[lane];
                }
            }
            above += f64::from(block_sum(&large));
            all += f64::from(block_sum(&terms));
        }
    }
    (above, all)
}

/// Sum of the terms at or above `floor` over the whole row. Blocks that can add nothing are not read.
pub(crate) fn mass(row: &[Block], maxima: &[f32], max: f32, scale: f32, floor: f32) -> f64 {
    let mut total = 0.0;
    for (block, block_max) in row.iter().zip(maxima) {
        if weighs(*block_max, max, scale, floor) {
            total += f64::from(block_mass(block, max, scale, floor));
        }
    }
    total
}

/// All three sums over the terms at or above `floor`.
pub(crate) fn sums(row: &[Block], maxima: &[f32], max: f32, scale: f32, floor: f32) -> Sums {
    let mut total = Sums::default();
    for (block, block_max) in row.iter().zip(maxima) {
        if !weighs(*block_max, max, scale, floor) {
            continue;
        }
        let e = terms(block, max, scale, floor);
        let mut energy = [0.0; BLOCK];
        let mut squares = [0.0; BLOCK];
        for lane in 0..BLOCK {
            // Clamped, because -Infinity times 0 would be NaN; the term is 0 below EXP_LOWEST anyway.
            energy[lane] = e[lane] * pmax(EXP_LOWEST, (block[lane] - max) * scale);
            squares[lane] = e[lane] * e[lane];
        }
        total.mass += f64::from(block_sum(&e));
        total.energy += f64::from(block_sum(&energy));
        total.squares += f64::from(block_sum(&squares));
    }
    total
}

/// Counts the logits at or above `floor`, and sums their distances from `shift` and the squares of these. Distances whose squares
/// overflow float32 make the sums infinite or NaN.
pub(crate) fn moments(row: &[Block], maxima: &[f32], shift: f32, floor: f32) -> Moments {
    let mut total = Moments::default();
    for (block, _) in row.iter().zip(maxima).filter(|(_, block_max)| **block_max >= floor) {
        let mut distances = [0.0; BLOCK];
        for (x, distance) in block.iter().zip(&mut distances) {
            if *x >= floor {
                *distance = x - shift;
                total.count += 1;
            }
        }
        total.sum += f64::from(block_sum(&distances));
        total.squares += f64::from(block_sum(&distances.map(|distance| distance * distance)));
    }
    total
}

/// The least logit at or above `floor` (infinity if there is none).
pub(crate) fn least(row: &[Block], maxima: &[f32], floor: f32) -> f32 {
    let mut least = f32::INFINITY;
    for (block, _) in row.iter().zip(maxima).filter(|(_, block_max)| **block_max >= floor) {
        for x in block {
            if *x >= floor && *x < least {
                least = *x;
            }
        }
    }
    // Makes a negative zero positive: which of two zeros was met first depends on the order.
    least + 0.0
}

/// One bit per lane, set if the logit is at or above `x`.
#[inline]
pub(crate) fn at_least(block: &Block, x: f32) -> u32 {
    block.iter().enumerate().fold(0, |bits, (lane, value)| bits | (u32::from(*value >= x) << lane))
}

/// `at_least` for loops that call it a hundred times per draw: inlined into them in WebAssembly.
pub(crate) use at_least as at_least_inline;

/// How many of the values are at or above `x`.
pub(crate) fn count_at_least(values: &[[f32; 4]], x: f32) -> u32 {
    values.as_flattened().iter().map(|value| u32::from(*value >= x)).sum()
}

/// Converts float16 to float32 in place, exactly (NaN stays NaN). The float16 bits are in the second half of the row, in pairs,
/// the lower half of a float's bits first. Nothing is overwritten before it is read.
pub(crate) fn widen_f16(row: &mut [Block]) {
    widen(row, |bits| from_f16(bits).to_bits());
}

/// Writes float16 logits to the beginning of a row; what is behind them in the row means nothing afterwards. Natively, this is faster
/// than `widen_f16`.
pub(crate) fn read_f16(row: &mut [Block], bits: &[u16]) {
    for (out, bits) in row.as_flattened_mut().iter_mut().zip(bits) {
        *out = from_f16(u32::from(*bits));
    }
}

/// The float32 that a float16's bits mean.
#[inline]
fn from_f16(bits: u32) -> f32 {
    // 2^112 moves float16's exponents to float32's, subnormals included; the product is exact.
    const REBIAS: f32 = f32::from_bits((127 + 112) << 23);
    let sign = (bits & 0x8000) << 16;
    let magnitude = (bits & 0x7fff) << 13;
    let finite = (f32::from_bits(magnitude) * REBIAS).to_bits();
    let special = magnitude | 0x7f80_0000;
    f32::from_bits(sign | if magnitude >= 0x7c00 << 13 { special } else { finite })
}

/// The same for bfloat16, which is the upper half of a float32.
pub(crate) fn widen_bf16(row: &mut [Block]) {
    widen(row, |bits| bits << 16);
}

fn widen(row: &mut [Block], convert: impl Fn(u32) -> u32) {
    const HALF: usize = BLOCK / 2;
    for index in 0..row.len() {
        let half = row.len() + index;
        let pairs: [f32; HALF] = core::array::from_fn(|pair| row[half / 2][half % 2 * HALF + pair]);
        for (out, pair) in row[index].as_chunks_mut().0.iter_mut().zip(pairs) {
            let bits = pair.to_bits();
            *out = [bits & 0xffff, bits >> 16].map(|bits| f32::from_bits(convert(bits)));
        }
    }
}

/// A block's maxima, lane by lane.
#[inline]
fn block_lanes_max(block: &Block) -> [f32; 4] {
    let mut lanes = [block[0], block[1], block[2], block[3]];
    for vector in block[4..].chunks_exact(4) {
        for (lane, x) in lanes.iter_mut().zip(vector) {
            *lane = pmax(*lane, *x);
        }
    }
    lanes
}

/// Writes the maxima of each block's four lanes to `lanes`; returns the least and the largest of them all.
pub(crate) fn lanes_max(blocks: &[Block], lanes: &mut [[f32; 4]]) -> (f32, f32) {
    let (mut least, mut best) = (f32::INFINITY, f32::NEG_INFINITY);
    for (block, out) in blocks.iter().zip(lanes) {
        *out = block_lanes_max(block);
        for x in out {
            least = if *x < least { *x } else { least };
            best = pmax(best, *x);
        }
    }
    (least, best)
}
