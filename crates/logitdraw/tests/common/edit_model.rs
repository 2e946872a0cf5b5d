//! Every edit, computed naively by its formula over whole rows and whole histories.

use logitdraw::{Options, Order, Scope};

const BANNED: f32 = f32::NEG_INFINITY;

/// A history: tokens, and whether each was drawn.
#[derive(Clone, Debug, Default)]
pub struct Past {
    pub tokens: Vec<u32>,
    pub drawn: Vec<bool>,
}

impl Past {
    pub fn push(&mut self, token: u32, drawn: bool) {
        self.tokens.push(token);
        self.drawn.push(drawn);
    }

    pub fn truncate(&mut self, len: usize) {
        self.tokens.truncate(len);
        self.drawn.truncate(len);
    }

    pub fn steps(&self) -> usize {
        self.drawn.iter().filter(|drawn| **drawn).count()
    }
}

pub const TRANSFORMERS: &[&str] = &[
    "allowedTokenIds",
    "logitBias",
    "sequenceBias",
    "repetitionPenalty",
    "presencePenalty",
    "frequencyPenalty",
    "dry",
    "noRepeatNgramSize",
    "badWords",
    "minNewTokens",
    "forcedBosTokenId",
    "forcedEosTokenId",
    "thinkingBudget",
    "exponentialDecayLengthPenalty",
    "suppressTokens",
    "beginSuppressTokens",
];

/// Returns the row after the edits of the transformers order.
pub fn edited(o: &Options, past: &Past, logits: &[f32]) -> Vec<f32> {
    edited_in(o, past, logits, TRANSFORMERS)
}

/// Returns the row after the edits in `order`.
pub fn edited_in(o: &Options, past: &Past, logits: &[f32], order: &[&str]) -> Vec<f32> {
    let mut row = logits.to_vec();
    for stage in order {
        edit(stage, o, past, &mut row);
    }
    row
}

fn edit(stage: &str, o: &Options, past: &Past, row: &mut [f32]) {
    let (tokens, len) = (&past.tokens[..], past.tokens.len());
    let llama = o.order == Order::LlamaCpp;
    let window = o.penalty_window.unwrap_or(if llama { 64 } else { usize::MAX });
    let all = |scope: Option<Scope>, default| scope.unwrap_or(default) == Scope::All;
    let output = if llama { Scope::All } else { Scope::Output };
    match stage {
        "allowedTokenIds" => {
            if let Some(allowed) = &o.allowed_token_ids {
                only(row, allowed);
            }
        }
        "logitBias" => o.logit_bias.iter().for_each(|(id, bias)| add(&mut row[*id as usize], *bias)),
        "sequenceBias" => {
            for (sequence, bias) in &o.sequence_bias {
                let (last, before) = sequence.split_last().unwrap();
                if tokens.ends_with(before) {
                    add(&mut row[*last as usize], *bias);
                }
            }
        }
        "repetitionPenalty" => {
            let r = o.repetition_penalty as f32;
            let seen = counts(past, window, all(o.penalty_scope.repetition, Scope::All), row.len());
            for (x, n) in row.iter_mut().zip(seen) {
                if n > 0 && *x != BANNED {
                    *x = (if *x <= 0.0 { *x * r } else { *x / r }).clamp(f32::MIN, f32::MAX);
                }
            }
        }
        "presencePenalty" | "frequencyPenalty" => {
            let seen = counts(past, window, all(o.penalty_scope.frequency_presence, output), row.len());
            for (x, n) in row.iter_mut().zip(seen) {
                if n > 0 {
                    add(
                        x,
                        if stage == "presencePenalty" {
                            -o.presence_penalty
                        } else {
                            -(n as f64) * o.frequency_penalty
                        },
                    );
                }
            }
        }
        "dry" => {
            for (token, penalty) in dry(o, tokens).into_iter().enumerate() {
                if let Some(penalty) = penalty {
                    add(&mut row[token], -penalty);
                }
            }
        }
        "noRepeatNgramSize" => {
            let group = o.no_repeat_ngram.clone().unwrap_or_default();
            let n = group.size.unwrap_or(o.no_repeat_ngram_size);
            let first = len.saturating_sub(group.window.unwrap_or(usize::MAX));
            for start in first..len {
                let (end, tail) = (start + n, (len + 1).checked_sub(n));
                if let (Some(tail), true) = (tail, n > 0 && end <= len)
                    && tokens[start..end - 1] == tokens[tail..]
                    && !group.exempt.contains(&tokens[end - 1])
                {
                    row[tokens[end - 1] as usize] = BANNED;
                }
            }
        }
        "badWords" => {
            for word in &o.bad_words {
                let (last, before) = word.split_last().unwrap();
                let is_end = before.is_empty() && o.eos_token_id.contains(last);
                if tokens.ends_with(before) && !is_end {
                    row[*last as usize] = BANNED;
                }
            }
        }
        "minNewTokens" if past.steps() < o.min_new_tokens => ban(row, &o.eos_token_id),
        "forcedBosTokenId" if len == 1 => o.forced_bos_token_id.iter().for_each(|id| only(row, &[*id])),
        "forcedEosTokenId" if o.max_new_tokens == Some(past.steps() + 1) && !o.forced_eos_token_id.is_empty() => {
            only(row, &o.forced_eos_token_id);
        }
        "thinkingBudget" => {
            if let Some(next) = thinking(o, tokens) {
                only(row, &[next]);
            }
        }
        "exponentialDecayLengthPenalty" => {
            if let Some((start, factor)) = o.exponential_decay_length_penalty
                && past.steps() > start
            {
                let grown = factor.powi((past.steps() - start) as i32).min(f64::MAX) - 1.0;
                for (id, x) in row.iter_mut().enumerate() {
                    if o.eos_token_id.contains(&(id as u32)) {
                        add(x, f64::from(x.abs()) * grown);
                    }
                }
            }
        }
        "temperature" if o.dynamic_temperature.is_none() => divide(row, o.temperature),
        "dynamicTemperature" => {
            // Only a fixed one is modelled.
            if let Some(dynamic) = &o.dynamic_temperature {
                assert_eq!(dynamic.low, dynamic.high);
                divide(row, dynamic.low.unwrap());
            }
        }
        "smoothing" => {
            if let Some(smoothing) = &o.smoothing {
                smooth(row, smoothing.factor.unwrap(), smoothing.curve.unwrap_or(1.0));
            }
        }
        "suppressTokens" => ban(row, &o.suppress_tokens),
        "beginSuppressTokens" => {
            let behind_begin = o.forced_bos_token_id.is_some() && len - past.steps() <= 1;
            if past.steps() == usize::from(behind_begin) {
                ban(row, &o.begin_suppress_tokens);
            }
        }
        _ => (),
    }
}

fn add(x: &mut f32, bias: f64) {
    if bias == f64::NEG_INFINITY {
        *x = BANNED;
    } else if *x != BANNED {
        *x = (f64::from(*x) + bias).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
    }
}

fn divide(row: &mut [f32], temperature: f64) {
    row.iter_mut().for_each(|x| *x = (f64::from(*x) / temperature) as f32);
}

/// Smooths the logits; a factor of 0 turns smoothing off.
fn smooth(row: &mut [f32], factor: f64, curve: f64) {
    let max = f64::from(row.iter().copied().fold(BANNED, f32::max));
    let (k, s) = ((3.0 - curve) / 2.0 * factor, (curve - 1.0) / 2.0 * factor);
    for x in row.iter_mut().filter(|x| **x != BANNED && factor != 0.0) {
        let d = f64::from(*x) - max;
        *x = (max - k * d * d + s * d * d * d) as f32;
    }
}

fn ban(row: &mut [f32], ids: &[u32]) {
    ids.iter().for_each(|id| row[*id as usize] = BANNED);
}

fn only(row: &mut [f32], ids: &[u32]) {
    for (id, x) in row.iter_mut().enumerate() {
        if !ids.contains(&(id as u32)) {
            *x = BANNED;
        }
    }
}

fn counts(past: &Past, window: usize, prompt: bool, vocab: usize) -> Vec<usize> {
    let mut counts = vec![0; vocab];
    for place in past.tokens.len().saturating_sub(window)..past.tokens.len() {
        if prompt || past.drawn[place] {
            counts[past.tokens[place] as usize] += 1;
        }
    }
    counts
}

/// Returns what DRY subtracts from each token, found by comparing every place with the end of the history.
fn dry(o: &Options, tokens: &[u32]) -> Vec<Option<f64>> {
    let mut penalties = vec![None; o.vocab_size];
    let Some(dry) = &o.dry else { return penalties };
    let window = dry.window.unwrap_or(if o.order == Order::LlamaCpp { 64 } else { usize::MAX });
    let tokens = &tokens[tokens.len().saturating_sub(window)..];
    let (base, allowed) = (dry.base.unwrap_or(1.75), dry.allowed_length.unwrap_or(2));
    let mut longest = vec![None; o.vocab_size];
    let unbroken = since_breaker(tokens, &dry.sequence_breakers);
    if tokens.len() <= allowed || unbroken < allowed {
        return penalties;
    }
    for place in 1..tokens.len() {
        let same = (1..=place).take_while(|back| tokens[place - back] == tokens[tokens.len() - back]).count();
        let length = same.min(unbroken);
        let best: &mut Option<usize> = &mut longest[tokens[place] as usize];
        *best = (*best).max((length >= allowed).then_some(length));
    }
    for (token, length) in longest.into_iter().enumerate() {
        let breaker = dry.sequence_breakers.contains(&vec![token as u32]);
        if let (Some(length), false) = (length, breaker) {
            let mut exponent = length - allowed;
            if base > 1.000_001 {
                exponent = exponent.min((88.722_839_1 / base.ln()) as usize);
            }
            penalties[token] = Some(dry.multiplier.unwrap() * base.powi(exponent as i32));
        }
    }
    penalties
}

/// Counts the tokens since the last breaker: the one that starts last, and the longest of those that start there.
fn since_breaker(tokens: &[u32], breakers: &[Vec<u32>]) -> usize {
    for start in (0..tokens.len()).rev() {
        let here = breakers.iter().filter(|breaker| tokens[start..].starts_with(breaker));
        if let Some(length) = here.map(Vec::len).max() {
            return tokens.len() - start - length;
        }
    }
    tokens.len()
}

/// Returns the token forced to end a thought that has exceeded its budget, found by scanning the text from its beginning.
fn thinking(o: &Options, tokens: &[u32]) -> Option<u32> {
    let thinking = o.thinking_budget.as_ref()?;
    let mut began = None;
    for len in 1..=tokens.len() {
        if began.is_some() && tokens[..len].ends_with(&thinking.end) {
            began = None;
        } else if tokens[..len].ends_with(&thinking.start) {
            began = Some(len);
        }
    }
    let beyond = tokens.get(began? + thinking.tokens.unwrap()..)?;
    let done = (0..thinking.end.len()).rev().find(|len| beyond.ends_with(&thinking.end[..*len]));
    Some(thinking.end[done.unwrap()])
}
