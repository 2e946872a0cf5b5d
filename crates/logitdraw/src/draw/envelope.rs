//! Envelope rejection: an exact draw from the whole vocabulary without the sum over it.
//!
//! A block is drawn in proportion to 32 times its maximum's weight, which the sum of its weights cannot exceed, and is opened. If
//! the remainder of the random number falls among the weights of its tokens, that token is drawn; if it falls beyond them, the
//! block's bound comes down to their sum, and the draw starts again. Every try accepts each token in proportion to its weight, so
//! the law is exact, but for the rounding of sums. A block's maximum is one of its 32 tokens, so at most 34 tries are expected, whatever
//! the logits, and nearly always far fewer: hardly any block is refused twice.
//!
//! A bound need not be exact. The maxima are weighed roughly, up to 6 % too much, and so is a block at first: what falls beyond
//! that rough sum falls beyond the weights too, so that most refusals take no exponential. (At temperatures below 1e-30 or above
//! 1e30, bounds may be too large by more, and every block may be refused once.)
//!
//! While edits wait, a block's old maximum is an upper bound of the new one, so the bounds are still an envelope.

use super::membership::Membership;
use crate::generator::philox;
use crate::kernels::{self, BLOCK, Block};
use crate::pyramid::Pyramid;
use crate::survivors::{Floor, Survivors};
use crate::walk::lane_of;

/// After this many pairs of refusals (33/34 to twice this power is 1e-53), the inverse CDF decides; the law stays exact.
const MOST_PAIRS: u32 = 2048;

/// Draws a token from the survivors, and from the nucleus that was left to the draw if there is one, and returns its place.
/// `random` returns the 128 random bits for a pair of tries.
pub(crate) fn draw(alive: &mut Survivors<'_>, random: impl Fn(u32) -> [u32; 4]) -> u32 {
    let pyramid = alive.take_pyramid();
    // Opening blocks does not change the largest logit.
    let (max, scale) = (alive.max(), alive.scale());
    let mut floor = alive.floor();
    pyramid.weigh(alive.maxima(), max, scale, floor.x);
    let mut nucleus = alive.nucleus().map(Membership::new);
    for pair in 0..MOST_PAIRS {
        for u in philox::uniforms(random(pair)) {
            let mut left = u * pyramid.total();
            let block = pyramid.find(&mut left);
            let logits = alive.block(block);
            let Some(lane) = open(pyramid, block, logits, max, scale, floor.x, left * BLOCK as f64) else { continue };
            let x = logits[lane];
            let place = (block * BLOCK + lane) as u32;
            if !floor.keeps(x, place) {
                continue;
            }
            if nucleus.as_mut().is_none_or(|nucleus| nucleus.holds(alive, pyramid, x, place)) {
                return place;
            }
            floor = before(x, place);
            pyramid.weigh(alive.maxima(), max, scale, floor.x);
        }
    }
    last_resort(alive, nucleus, floor, philox::uniforms(random(MOST_PAIRS))[0])
}

/// Returns the lane of a block in which `left` falls. If that is beyond the block's weights, lowers its bound and returns `None`.
fn open(
    pyramid: &mut Pyramid,
    block: usize,
    logits: &Block,
    max: f32,
    scale: f32,
    floor: f32,
    left: f64,
) -> Option<usize> {
    let rough = kernels::most_mass(logits, max, scale, floor);
    let mut mass = rough;
    if left < f64::from(mass) {
        let terms = kernels::terms(logits, max, scale, floor);
        mass = kernels::block_sum(&terms);
        if left < f64::from(mass) {
            let lane = lane_of(&terms, left);
            if lane.is_some() {
                return lane;
            }
        }
    }
    pyramid.lower(block, rough, mass);
    None
}

/// The floor that keeps every token before this one.
fn before(x: f32, place: u32) -> Floor {
    match place.checked_sub(1) {
        Some(place) => Floor { x, place },
        None => Floor::at(x.next_up()),
    }
}

#[cold]
fn last_resort(alive: &mut Survivors<'_>, nucleus: Option<Membership>, floor: Floor, u: f64) -> u32 {
    if nucleus.is_some() {
        crate::keep::top_p::cut_deferred(alive);
    }
    alive.cut_after(floor);
    super::inverse::draw(alive, u)
}
