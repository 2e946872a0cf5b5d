//! The chapter's functions, after torch's: argmax, softmax, top-k, multinomial, bincount.

use crate::decimal::Decimal;
use crate::draw::cdf;
use crate::draw::library;
use crate::draw::precision::Precision;
use crate::error::{Error, ErrorCode};
use crate::generator::Generator;
use crate::kernels::{self, Division};
use crate::key;
use crate::logits::checked_max;
use crate::text;
use alloc::vec::Vec;

/// Returns the largest logit, after checking that there are logits and that all are valid.
fn max_of(logits: &[f32]) -> Result<f32, Error> {
    if logits.is_empty() {
        return Err(Error::new(ErrorCode::InvalidLogits, "the row of logits is empty"));
    }
    checked_max("logit", logits)
}

/// Like [`max_of`], but also an error if no token is left.
fn finite_max(logits: &[f32]) -> Result<f32, Error> {
    match max_of(logits)? {
        f32::NEG_INFINITY => Err(Error::new(ErrorCode::NoTokenLeft, "every logit is -Infinity").at(0)),
        max => Ok(max),
    }
}

/// The index of the largest logit; the first of equal ones.
///
/// # Errors
/// INVALID_LOGITS for an empty row and, with the index, for NaN and +Infinity; NO_TOKEN_LEFT if all are -Infinity.
pub fn argmax(logits: &[f32]) -> Result<u32, Error> {
    let max = finite_max(logits)?;
    Ok(logits.iter().position(|x| *x == max).unwrap_or(0) as u32)
}

/// Writes softmax(logits / temperature) to `out`, which has the same length. Exponentials and their sum are in float64, rounded
/// to float32 once.
///
/// As in torch, logits are divided by the temperature in float32; where that would overflow, their distances from the largest
/// logit are divided instead. Temperature 0 gives everything to the largest logit, the first of equal ones.
///
/// # Errors
/// As [`argmax`]; INVALID_OPTION `temperature` unless finite and >= 0; WRONG_LENGTH if `out` has another length.
pub fn softmax(logits: &[f32], temperature: f64, out: &mut [f32]) -> Result<(), Error> {
    if out.len() != logits.len() {
        return Err(Error::new(ErrorCode::WrongLength, text!(logits.len(), " logits into ", out.len(), " places")));
    }
    if !(0.0..f64::INFINITY).contains(&temperature) {
        return Err(Error::option(
            "temperature",
            text!("temperature is a finite number >= 0, not ", Decimal(temperature)),
        ));
    }
    let max = finite_max(logits)?;
    if temperature == 0.0 {
        out.fill(0.0);
        out[argmax(logits)? as usize] = 1.0;
        return Ok(());
    }
    let least = logits.iter().copied().filter(|x| *x > f32::NEG_INFINITY).fold(max, f32::min);
    let division = Division::torch(max, least, temperature);
    let mut sum = 0.0;
    weigh(logits, division, &mut |weight| sum += weight);
    let mut places = out.iter_mut();
    weigh(logits, division, &mut |weight| {
        if let Some(probability) = places.next() {
            *probability = (weight / sum) as f32;
        }
    });
    Ok(())
}

/// Calls `f` with the weight of each logit, first to last.
#[inline(never)]
fn weigh(logits: &[f32], division: Division, f: &mut dyn FnMut(f64)) {
    let mut weights = [0.0; 256];
    for logits in logits.chunks(weights.len()) {
        let weights = &mut weights[..logits.len()];
        for (weight, x) in weights.iter_mut().zip(logits) {
            *weight = division.exponent(*x);
        }
        kernels::exps(weights);
        weights.iter().for_each(|weight| f(*weight));
    }
}

/// Checks that `k` is from 1 to the row's length.
fn check_k(k: usize, len: usize) -> Result<(), Error> {
    if k == 0 || k > len {
        return Err(Error::option("k", text!("k must be from 1 to ", len, ", not ", k)));
    }
    Ok(())
}

/// The row as sortable keys, whose ascending order is best first.
fn keys_of(logits: &[f32]) -> Result<Vec<u64>, Error> {
    let mut keys = reserved(logits.len())?;
    keys.extend((0..).zip(logits).map(|(id, x)| key::pack(*x, id)));
    Ok(keys)
}

/// The `k` largest logits and their ids, descending, ties to the lower id. The row is not sorted: selection takes linear time.
///
/// # Errors
/// INVALID_OPTION `k` unless 1 <= k <= the number of logits (torch refuses more too); INVALID_LOGITS as [`argmax`].
pub fn top_k(logits: &[f32], k: usize) -> Result<(Vec<f32>, Vec<u32>), Error> {
    max_of(logits)?;
    check_k(k, logits.len())?;
    let mut keys = keys_of(logits)?;
    key::select(&mut keys, k - 1);
    keys.truncate(k);
    key::sort(&mut keys);
    let ids: Vec<u32> = keys.iter().map(|key| *key as u32).collect();
    Ok((ids.iter().map(|id| logits[*id as usize]).collect(), ids))
}

/// Copies the logits to `out`, with everything below the k-th largest set to -Infinity; ties with the k-th stay.
///
/// # Errors
/// As [`top_k`]; WRONG_LENGTH if `out` has another length.
pub fn mask_top_k(logits: &[f32], k: usize, out: &mut [f32]) -> Result<(), Error> {
    if out.len() != logits.len() {
        return Err(Error::new(ErrorCode::WrongLength, text!(logits.len(), " logits into ", out.len(), " places")));
    }
    max_of(logits)?;
    check_k(k, logits.len())?;
    let (least, _) = key::unpack(key::select(&mut keys_of(logits)?, k - 1));
    for (to, from) in out.iter_mut().zip(logits) {
        *to = if *from < least { f32::NEG_INFINITY } else { *from };
    }
    Ok(())
}

/// Draws `num_samples` indices from float32 probabilities, by the rule of the generator's library.
///
/// The probabilities need not sum to 1. torch and torch-mkl draw the tokens of `torch.multinomial`; numpy and numpy-legacy those
/// of as many calls of `choice(V, p=p)`, or of one `choice(V, n, replace=False, p=p)`; llama.cpp those of `dist` over the
/// probabilities in the order given. philox takes one uniform per sample and inverts the float64 cumulative sum; without
/// replacement (and more than one sample) it runs an exponential race in float64, one uniform for every index, and returns its
/// first arrivals.
///
/// # Errors
/// INVALID_PROBABILITIES, with the index, for a negative number, NaN or infinity; without one for an empty row, a sum of 0 or
/// one that overflows (float32, where torch sums in it), and more samples without replacement than entries above 0 (where torch
/// would draw impossible ones). INVALID_OPTION `numSamples` for 0. OUT_OF_MEMORY if row or samples do not fit. On any error, the
/// generator has not moved.
pub fn multinomial_f32(
    probabilities: &[f32],
    num_samples: usize,
    replacement: bool,
    generator: &mut Generator,
) -> Result<Vec<u32>, Error> {
    let mut wide = reserved(probabilities.len())?;
    wide.extend(probabilities.iter().map(|p| f64::from(*p)));
    multinomial(&wide, Precision::Single, num_samples, replacement, generator)
}

/// Like [`multinomial_f32`], for float64 probabilities; torch's rule then divides and sums in float64.
///
/// # Errors
/// As [`multinomial_f32`].
pub fn multinomial_f64(
    probabilities: &[f64],
    num_samples: usize,
    replacement: bool,
    generator: &mut Generator,
) -> Result<Vec<u32>, Error> {
    multinomial(probabilities, Precision::Double, num_samples, replacement, generator)
}

fn multinomial(
    weights: &[f64],
    precision: Precision,
    num_samples: usize,
    replacement: bool,
    generator: &mut Generator,
) -> Result<Vec<u32>, Error> {
    let invalid = |message| Error::new(ErrorCode::InvalidProbabilities, message);
    if num_samples == 0 {
        return Err(Error::option("numSamples", "numSamples must be at least 1"));
    }
    let mut possible = 0;
    for (index, weight) in weights.iter().enumerate() {
        if !(0.0..f64::INFINITY).contains(weight) {
            return Err(invalid(text!("probability ", index, " is ", Decimal(*weight))).at(index));
        }
        possible += usize::from(*weight > 0.0);
    }
    if possible == 0 {
        return Err(invalid(text!("no probability of ", weights.len(), " is above 0")));
    }
    if !replacement && num_samples > possible {
        return Err(invalid(text!(
            num_samples,
            " samples without replacement, but ",
            possible,
            " probabilities above 0"
        )));
    }
    if !cdf::total(weights).is_finite() {
        return Err(invalid("the sum of the probabilities overflows".into()));
    }
    reserved::<u32>(num_samples)?;
    library::many(weights, precision, num_samples, replacement, generator)
        .ok_or_else(|| invalid("the sum of the probabilities overflows float32".into()))
}

/// Counts how often each token occurs: one count for every id up to the largest, and for at least `min_length` ids.
///
/// # Errors
/// OUT_OF_MEMORY if the largest id or `min_length` needs more counts than fit in memory.
pub fn bincount(tokens: &[u32], min_length: usize) -> Result<Vec<u32>, Error> {
    let length = tokens.iter().max().map_or(0, |id| (*id as usize).saturating_add(1)).max(min_length);
    let mut counts = reserved(length)?;
    counts.resize(length, 0);
    for id in tokens {
        counts[*id as usize] += 1;
    }
    Ok(counts)
}

/// Returns an empty list with room for `length`.
///
/// # Errors
/// OUT_OF_MEMORY if there is none.
pub fn reserved<T>(length: usize) -> Result<Vec<T>, Error> {
    let mut list = Vec::new();
    list.try_reserve_exact(length)
        .map_err(|_| Error::new(ErrorCode::OutOfMemory, text!("no memory for ", length, " numbers")))?;
    Ok(list)
}
