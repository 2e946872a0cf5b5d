//! Every option by its public name.

use super::Options;
use super::Order;
use super::value::{Setting, Value};
use crate::error::{Error, ErrorCode};
use crate::nearest;
use crate::text;
use alloc::string::String;
use alloc::vec::Vec;

/// One option.
struct Entry {
    name: &'static str,
    /// Returns its value, to be read or replaced; creates the group it is a part of if that is absent.
    place: fn(&mut Options) -> &mut dyn Setting,
    /// Whether the group it is a part of is present.
    present: fn(&Options) -> bool,
    /// Resets the group it is a part of, with all its values.
    clear_group: fn(&mut Options),
}

macro_rules! entry {
    ($name:literal, $field:ident) => {
        Entry { name: $name, place: |options| &mut options.$field, present: |_| true, clear_group: |_| () }
    };
    // A part of a group that may be absent.
    ($name:literal, $group:ident?.$field:ident) => {
        Entry {
            name: $name,
            place: |options| &mut made(&mut options.$group).$field,
            present: |options| options.$group.is_some(),
            clear_group: |options| options.$group = None,
        }
    };
    ($name:literal, $group:ident.$field:ident) => {
        Entry {
            name: $name,
            place: |options| &mut options.$group.$field,
            present: |_| true,
            clear_group: |options| options.$group = Default::default(),
        }
    };
}

/// Returns a group, creating it if it is absent. Not inlined, since each of its parts calls it.
#[inline(never)]
fn made<T: Default>(group: &mut Option<T>) -> &mut T {
    group.get_or_insert_default()
}

const ENTRIES: &[Entry] = &[
    entry!("vocabSize", vocab_size),
    entry!("temperature", temperature),
    entry!("topK", top_k),
    entry!("topKTies", top_k_ties),
    entry!("topP", top_p),
    entry!("minP", min_p),
    entry!("typicalP", typical_p),
    entry!("epsilonCutoff", epsilon_cutoff),
    entry!("etaCutoff", eta_cutoff),
    entry!("topH", top_h),
    entry!("topA", top_a),
    entry!("topNSigma", top_n_sigma),
    entry!("tailFree", tail_free),
    entry!("pLess", p_less),
    entry!("minK", min_k),
    entry!("minTokensToKeep", min_tokens_to_keep),
    entry!("xtc.probability", xtc?.probability),
    entry!("xtc.threshold", xtc?.threshold),
    entry!("xtc.protect", xtc?.protect),
    entry!("dynamicTemperature.range", dynamic_temperature?.range),
    entry!("dynamicTemperature.low", dynamic_temperature?.low),
    entry!("dynamicTemperature.high", dynamic_temperature?.high),
    entry!("dynamicTemperature.exponent", dynamic_temperature?.exponent),
    entry!("smoothing.factor", smoothing?.factor),
    entry!("smoothing.curve", smoothing?.curve),
    entry!("mirostat.version", mirostat?.version),
    entry!("mirostat.tau", mirostat?.tau),
    entry!("mirostat.eta", mirostat?.eta),
    entry!("mirostat.m", mirostat?.m),
    entry!("adaptiveP.target", adaptive_p?.target),
    entry!("adaptiveP.decay", adaptive_p?.decay),
    entry!("repetitionPenalty", repetition_penalty),
    entry!("presencePenalty", presence_penalty),
    entry!("frequencyPenalty", frequency_penalty),
    entry!("penaltyWindow", penalty_window),
    entry!("penaltyScope.repetition", penalty_scope.repetition),
    entry!("penaltyScope.frequencyPresence", penalty_scope.frequency_presence),
    entry!("dry.multiplier", dry?.multiplier),
    entry!("dry.base", dry?.base),
    entry!("dry.allowedLength", dry?.allowed_length),
    entry!("dry.window", dry?.window),
    entry!("dry.sequenceBreakers", dry?.sequence_breakers),
    entry!("noRepeatNgramSize", no_repeat_ngram_size),
    entry!("noRepeatNgram.size", no_repeat_ngram?.size),
    entry!("noRepeatNgram.window", no_repeat_ngram?.window),
    entry!("noRepeatNgram.exempt", no_repeat_ngram?.exempt),
    entry!("badWords", bad_words),
    entry!("logitBias", logit_bias),
    entry!("sequenceBias", sequence_bias),
    entry!("allowedTokenIds", allowed_token_ids),
    entry!("suppressTokens", suppress_tokens),
    entry!("beginSuppressTokens", begin_suppress_tokens),
    entry!("eosTokenId", eos_token_id),
    entry!("minNewTokens", min_new_tokens),
    entry!("maxNewTokens", max_new_tokens),
    entry!("forcedBosTokenId", forced_bos_token_id),
    entry!("forcedEosTokenId", forced_eos_token_id),
    entry!("exponentialDecayLengthPenalty", exponential_decay_length_penalty),
    entry!("thinkingBudget.tokens", thinking_budget?.tokens),
    entry!("thinkingBudget.start", thinking_budget?.start),
    entry!("thinkingBudget.end", thinking_budget?.end),
    entry!("removeInvalidValues", remove_invalid_values),
    entry!("order", order),
    entry!("generator", generator),
    entry!("seed", seed),
    entry!("sequence", sequence),
];

pub(super) fn set(options: &mut Options, name: &str, value: Value) -> Result<(), Error> {
    let Some(entry) = exactly(name) else {
        if part(name).is_some() {
            return Err(not_a_group(name));
        }
        // A part of an option that has none is reported as a value of the wrong type.
        return match ENTRIES.iter().find(|entry| part_of(entry.name, name).is_some()) {
            Some(whole) => set(options, whole.name, Value::Null),
            None => Err(unknown(name)),
        };
    };
    // A wrong preset gets a message that lists the presets.
    let wrong_order = match &value {
        Value::Text(text) if name == "order" => Order::preset(text).err(),
        _ => None,
    };
    let absent = !(entry.present)(options);
    (entry.place)(options).read(value).map_err(|expected| {
        if absent {
            (entry.clear_group)(options);
        }
        wrong_order.unwrap_or_else(|| Error::option(name, text!(name, " must be ", expected)))
    })
}

pub(super) fn unset(options: &mut Options, name: &str) -> Result<(), Error> {
    let Some(entry) = exactly(name) else {
        let part = part(name).ok_or_else(|| unknown(name))?;
        (part.clear_group)(options);
        return Ok(());
    };
    if !(entry.present)(options) {
        return Ok(());
    }
    let default = (entry.place)(&mut Options::new(0)).write();
    let place = (entry.place)(options);
    match default {
        Value::Null => place.clear(),
        default => place.read(default).map_err(|expected| Error::option(name, expected))?,
    }
    Ok(())
}

pub(super) fn values(options: &Options) -> Vec<(&'static str, Value)> {
    let (mut options, mut defaults) = (options.clone(), Options::new(0));
    let mut values = Vec::new();
    for entry in ENTRIES.iter() {
        if (entry.present)(&options) {
            let value = (entry.place)(&mut options).write();
            if value != (entry.place)(&mut defaults).write() {
                values.push((entry.name, value));
            }
        }
    }
    values
}

fn exactly(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}

/// Returns what follows a group's name and a dot.
fn part_of<'a>(group: &str, name: &'a str) -> Option<&'a str> {
    name.strip_prefix(group)?.strip_prefix('.')
}

/// Returns some part of a group, if it is one.
fn part(group: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| part_of(group, entry.name).is_some())
}

fn not_a_group(name: &str) -> Error {
    let mut known = String::new();
    for entry in ENTRIES {
        if let Some(part) = part_of(name, entry.name) {
            known.push_str(if known.is_empty() { " must be an object of " } else { ", " });
            known.push_str(part);
        }
    }
    Error::option(name, text!(name, known))
}

fn unknown(name: &str) -> Error {
    let names: Vec<_> = ENTRIES.iter().map(|entry| entry.name).collect();
    let message = text!("unknown option ", name, nearest::hint(name, &names));
    Error::new(ErrorCode::UnknownOption, message).of(name)
}
