//! All range checks in one place, and which options exclude each other.

use super::Options;
use super::value::EXACT;
use crate::decimal::Decimal;
use crate::error::Error;
use crate::text;
use alloc::string::String;
use alloc::vec::Vec;

/// The largest temperature, bias or penalty: the largest float.
const LARGEST: f64 = f32::MAX as f64;
/// The lower bound for "above 0": the least positive normal float.
const ABOVE_0: f64 = f32::MIN_POSITIVE as f64;
/// The largest count that a double holds exactly.
const LARGEST_COUNT: f64 = EXACT;

pub(super) fn validate(o: &Options) -> Result<(), Error> {
    within("vocabSize", o.vocab_size as f64, 1.0, 2_147_483_648.0)?;
    within("temperature", o.temperature, 0.0, LARGEST)?;
    within("topP", o.top_p, 0.0, 1.0)?;
    within("minP", o.min_p, 0.0, 1.0)?;
    within("typicalP", o.typical_p, 0.0, 1.0)?;
    within("epsilonCutoff", o.epsilon_cutoff, 0.0, 1.0)?;
    within("etaCutoff", o.eta_cutoff, 0.0, 1.0)?;
    maybe("topH", o.top_h, 0.0, 1.0)?;
    within("topA", o.top_a, 0.0, 1.0)?;
    maybe("topNSigma", o.top_n_sigma, 0.0, LARGEST)?;
    within("tailFree", o.tail_free, 0.0, 1.0)?;
    maybe("minK", o.min_k, 0.0, LARGEST)?;
    within("minTokensToKeep", o.min_tokens_to_keep as f64, 1.0, o.vocab_size as f64)?;
    if let Some(xtc) = &o.xtc {
        required("xtc.probability", xtc.probability, 0.0, 1.0)?;
        required("xtc.threshold", xtc.threshold, 0.0, 1.0)?;
        ids(o, "xtc.protect", &xtc.protect)?;
    }
    dynamic_temperature(o)?;
    if let Some(smoothing) = &o.smoothing {
        required("smoothing.factor", smoothing.factor, 0.0, LARGEST)?;
        maybe("smoothing.curve", smoothing.curve, 1.0, 3.0)?;
    }
    if let Some(mirostat) = &o.mirostat {
        required("mirostat.version", mirostat.version.map(|version| version as f64), 1.0, 2.0)?;
        maybe("mirostat.tau", mirostat.tau, ABOVE_0, LARGEST)?;
        maybe("mirostat.eta", mirostat.eta, 0.0, 1.0)?;
        maybe("mirostat.m", mirostat.m.map(|m| m as f64), 2.0, LARGEST_COUNT)?;
    }
    if let Some(adaptive) = &o.adaptive_p {
        required("adaptiveP.target", adaptive.target, -LARGEST, LARGEST)?;
        maybe("adaptiveP.decay", adaptive.decay, -LARGEST, LARGEST)?;
    }
    penalties(o)?;
    sequences(o)?;
    ends(o)
}

fn dynamic_temperature(o: &Options) -> Result<(), Error> {
    let Some(dynamic) = &o.dynamic_temperature else { return Ok(()) };
    maybe("dynamicTemperature.range", dynamic.range, 0.0, LARGEST)?;
    maybe("dynamicTemperature.low", dynamic.low, 0.0, LARGEST)?;
    maybe("dynamicTemperature.high", dynamic.high, dynamic.low.unwrap_or(0.0), LARGEST)?;
    maybe("dynamicTemperature.exponent", dynamic.exponent, 0.0, LARGEST)?;
    match (dynamic.range, dynamic.low, dynamic.high) {
        (Some(_), None, None) => Ok(()),
        (None, Some(_), Some(_)) if o.temperature == 1.0 => Ok(()),
        (None, Some(_), Some(_)) => {
            Err(Error::option("temperature", "temperature and dynamicTemperature.low exclude each other"))
        }
        _ => Err(Error::option("dynamicTemperature", "dynamicTemperature needs a range, or a low and a high")),
    }
}

fn penalties(o: &Options) -> Result<(), Error> {
    within("repetitionPenalty", o.repetition_penalty, ABOVE_0, LARGEST)?;
    within("presencePenalty", o.presence_penalty, -LARGEST, LARGEST)?;
    within("frequencyPenalty", o.frequency_penalty, -LARGEST, LARGEST)?;
    if let Some(dry) = &o.dry {
        required("dry.multiplier", dry.multiplier, 0.0, LARGEST)?;
        maybe("dry.base", dry.base, 1.0, LARGEST)?;
        lists(o, "dry.sequenceBreakers", dry.sequence_breakers.iter())?;
    }
    Ok(())
}

fn sequences(o: &Options) -> Result<(), Error> {
    if let Some(ngram) = &o.no_repeat_ngram {
        required("noRepeatNgram.size", ngram.size.map(|size| size as f64), 1.0, LARGEST_COUNT)?;
        ids(o, "noRepeatNgram.exempt", &ngram.exempt)?;
        if o.no_repeat_ngram_size != 0 {
            return Err(Error::option("noRepeatNgramSize", "noRepeatNgramSize and noRepeatNgram exclude each other"));
        }
    }
    lists(o, "badWords", o.bad_words.iter())?;
    lists(o, "sequenceBias", o.sequence_bias.iter().map(|(sequence, _)| sequence))?;
    for (index, (_, bias)) in o.sequence_bias.iter().enumerate() {
        bias_in_range("sequenceBias", *bias, index)?;
    }
    for (index, (id, bias)) in o.logit_bias.iter().enumerate() {
        inside(o, "logitBias", *id, index)?;
        bias_in_range("logitBias", *bias, index)?;
    }
    if let Some(allowed) = &o.allowed_token_ids {
        if allowed.is_empty() {
            return Err(Error::option("allowedTokenIds", "allowedTokenIds is empty"));
        }
        ids(o, "allowedTokenIds", allowed)?;
    }
    ids(o, "suppressTokens", &o.suppress_tokens)?;
    ids(o, "beginSuppressTokens", &o.begin_suppress_tokens)
}

fn ends(o: &Options) -> Result<(), Error> {
    ids(o, "eosTokenId", &o.eos_token_id)?;
    ids(o, "forcedEosTokenId", &o.forced_eos_token_id)?;
    if let Some(begin) = o.forced_bos_token_id {
        inside(o, "forcedBosTokenId", begin, 0)?;
    }
    maybe("maxNewTokens", o.max_new_tokens.map(|tokens| tokens as f64), 1.0, LARGEST_COUNT)?;
    if let Some((_, factor)) = o.exponential_decay_length_penalty {
        within("exponentialDecayLengthPenalty", factor, ABOVE_0, LARGEST)?;
    }
    let needs = |name, needed, given: bool| {
        if given { Ok(()) } else { Err(Error::option(name, text!(name, " needs ", needed))) }
    };
    let has_end = !o.eos_token_id.is_empty();
    needs("minNewTokens", "eosTokenId", has_end || o.min_new_tokens == 0)?;
    needs("exponentialDecayLengthPenalty", "eosTokenId", has_end || o.exponential_decay_length_penalty.is_none())?;
    needs("forcedEosTokenId", "maxNewTokens", o.max_new_tokens.is_some() || o.forced_eos_token_id.is_empty())?;
    if let Some(thinking) = &o.thinking_budget {
        required("thinkingBudget.tokens", thinking.tokens.map(|tokens| tokens as f64), 0.0, LARGEST_COUNT)?;
        for (name, sequence) in [("thinkingBudget.start", &thinking.start), ("thinkingBudget.end", &thinking.end)] {
            if sequence.is_empty() {
                return Err(Error::option(name, text!(name, " must be a sequence of at least one token")));
            }
            ids(o, name, sequence)?;
        }
    }
    Ok(())
}

/// Returns `INVALID_OPTION` unless `low <= x <= high`; NaN is in no range.
pub(crate) fn within(name: &str, x: f64, low: f64, high: f64) -> Result<(), Error> {
    if x >= low && x <= high {
        return Ok(());
    }
    let highest = bound(high);
    let range = match low {
        ABOVE_0 => text!("above 0, at most ", highest),
        _ => text!("from ", bound(low), " to ", highest),
    };
    Err(Error::option(name, text!(name, " must be ", range, ", not ", Decimal(x))))
}

/// A bound as people write it.
fn bound(x: f64) -> String {
    if x.abs() == LARGEST {
        String::from(if x < 0.0 { "-3.4e38" } else { "3.4e38" })
    } else if x == LARGEST_COUNT {
        String::from("2^53")
    } else {
        text!(Decimal(x))
    }
}

/// As [`within`], if a value is given.
fn maybe(name: &str, x: Option<f64>, low: f64, high: f64) -> Result<(), Error> {
    x.map_or(Ok(()), |x| within(name, x, low, high))
}

/// As [`within`], and a value must be given.
fn required(name: &str, x: Option<f64>, low: f64, high: f64) -> Result<(), Error> {
    let x = x.ok_or_else(|| Error::option(name, text!(name, " is missing")))?;
    within(name, x, low, high)
}

fn bias_in_range(name: &str, bias: f64, index: usize) -> Result<(), Error> {
    // -infinity bans.
    if bias == f64::NEG_INFINITY || bias.abs() <= LARGEST {
        return Ok(());
    }
    Err(Error::option(
        name,
        text!(name, " must hold numbers from -3.4e38 to 3.4e38, or -Infinity, not ", Decimal(bias)),
    )
    .at(index))
}

/// Checks that a token id is in the vocabulary.
fn inside(o: &Options, name: &str, id: u32, index: usize) -> Result<(), Error> {
    if (id as usize) < o.vocab_size {
        Ok(())
    } else {
        Err(Error::option(name, text!(name, " holds ", id, ", outside the vocabulary of ", o.vocab_size)).at(index))
    }
}

fn ids(o: &Options, name: &str, ids: &[u32]) -> Result<(), Error> {
    ids.iter().enumerate().try_for_each(|(index, id)| inside(o, name, *id, index))
}

/// Checks that sequences have at least one token each, all in the vocabulary.
fn lists<'a>(o: &Options, name: &str, lists: impl Iterator<Item = &'a Vec<u32>>) -> Result<(), Error> {
    for (index, list) in lists.enumerate() {
        if list.is_empty() {
            return Err(Error::option(name, text!(name, " holds an empty sequence")).at(index));
        }
        list.iter().try_for_each(|id| inside(o, name, *id, index))?;
    }
    Ok(())
}
