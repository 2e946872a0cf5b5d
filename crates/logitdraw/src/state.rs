//! A sampler's past: tokens that come and go, and its whole state as bytes.

use crate::bytes::{Reader, Writer, invalid};
use crate::chain::Chain;
use crate::error::{Error, ErrorCode};
use crate::generator::{Generator, Seed};
use crate::history::History;
use crate::options::{Options, Source, Value};
use crate::randomness::{Position, Randomness};
use crate::sampler::Sampler;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Kind and version of a saved sampler.
const TAG: &[u8; 4] = b"LGS\x01";

impl Sampler {
    /// Adds a prompt's tokens to the history. `INVALID_TOKEN` names the first place whose id is outside the vocabulary.
    pub fn prompt(&mut self, tokens: &[u32]) -> Result<(), Error> {
        self.record(tokens, false)
    }

    /// Records a token that something else chose, as if it had been drawn. What strategies would have learned from its
    /// probability they do not learn; no random number is spent.
    pub fn accept(&mut self, token: u32) -> Result<(), Error> {
        if token as usize >= self.vocab_size() {
            return Err(self.outside(token));
        }
        self.record(&[token], true)
    }

    /// As [`accept`](Self::accept), for one token after the other: all of them, or none where `INVALID_TOKEN` names the first that is
    /// outside the vocabulary.
    pub fn accept_all(&mut self, tokens: &[u32]) -> Result<(), Error> {
        self.record(tokens, true)
    }

    /// Brings the history in line with a whole sequence: what follows its known beginning is recorded, as a prompt where
    /// nothing was known, as accepted tokens where something was. `INVALID_TOKEN` names the first place where they differ, the
    /// first id outside the vocabulary, or the end of a sequence that is shorter than the history.
    pub fn sync(&mut self, tokens: &[u32]) -> Result<(), Error> {
        let known = self.history().len();
        let differs = self.history().iter().zip(tokens).position(|(ours, theirs)| ours != theirs);
        if let Some(place) = differs.or_else(|| (tokens.len() < known).then_some(tokens.len())) {
            let message = format!("the history and the sequence differ at {place}");
            return Err(Error::new(ErrorCode::InvalidToken, message).at(place));
        }
        self.check_tokens(tokens)?;
        self.record(&tokens[known..], known != 0)
    }

    /// Takes the last `count` tokens back: history, step, generator and what strategies know are what they were before them.
    /// `INVALID_OPTION` naming `count` where there are fewer.
    pub fn rollback(&mut self, count: usize) -> Result<(), Error> {
        let Some(len) = self.history.len().checked_sub(count) else {
            let message = format!("count must be at most the {} tokens there are, not {count}", self.history.len());
            return Err(Error::option("count", message));
        };
        self.discard();
        while self.history.len() > len {
            for active in &mut self.chain.stages {
                if let Some(memory) = &mut active.memory {
                    memory.pop(&self.history);
                }
            }
            self.history.pop();
        }
        if let Randomness::Stream(stream) = &mut self.randomness {
            stream.rewind(len);
        }
        Ok(())
    }

    /// Back to step 0 of the same seed, history empty.
    pub fn reset(&mut self) {
        self.chosen = None;
        self.history.clear();
        for active in &mut self.chain.stages {
            if let Some(memory) = &mut active.memory {
                memory.clear();
            }
        }
        if let Randomness::Stream(stream) = &mut self.randomness {
            stream.marks.clear();
            stream.seek(Position::default());
        }
    }

    /// Other settings for the steps to come; history, seed and step stay, and so does what strategies that stay on have learned
    /// (mirostat's mu, adaptive-p's average). `INVALID_OPTION`, and nothing has changed, where `options` are impossible, or differ in
    /// vocabulary, seed, sequence or generator.
    pub fn update(&mut self, options: Options) -> Result<(), Error> {
        for (name, same) in [
            ("vocabSize", options.vocab_size == self.options.vocab_size),
            ("seed", options.seed == self.options.seed),
            ("sequence", options.sequence == self.options.sequence),
            ("generator", options.generator == self.options.generator),
        ] {
            if !same {
                return Err(Error::option(name, format!("{name} cannot be updated")));
            }
        }
        options.validate()?;
        let mut chain = Chain::new(&options)?;
        chain.replay(&self.history);
        chain.inherit(&self.chain);
        self.discard();
        self.options = options;
        self.chain = chain;
        Ok(())
    }

    /// A sampler of the same settings and history, with another seed or sequence where one is given.
    ///
    /// With neither, it goes on exactly as this one would; with one, its generator starts anew from it.
    pub fn clone_with(&self, seed: Option<Seed>, sequence: Option<u64>) -> Result<Self, Error> {
        let mut twin = self.clone();
        twin.discard();
        if seed.is_some() || sequence.is_some() {
            twin.options.seed = seed.unwrap_or(twin.options.seed);
            twin.options.sequence = sequence.unwrap_or(twin.options.sequence);
            twin.randomness = Randomness::new(twin.options.generator, &twin.options.seed, twin.options.sequence)?;
        }
        Ok(twin)
    }

    /// The whole state, to go on from elsewhere or later. `INVALID_STATE` where the caller is the generator: a function cannot be
    /// saved.
    pub fn save(&self) -> Result<Vec<u8>, Error> {
        if self.options.generator == Source::Caller {
            return Err(invalid("a generator that is a function cannot be saved"));
        }
        let mut out = Writer::new(TAG);
        out.u64(self.options.vocab_size as u64);
        let values = self.options.values();
        out.u32(values.len() as u32);
        for (name, value) in &values {
            out.text(name);
            write_value(&mut out, value);
        }
        out.words(self.history.tokens());
        for place in 0..self.history.len() {
            out.u8(u8::from(self.history.was_drawn(place)));
        }
        if let Randomness::Stream(stream) = &self.randomness {
            // A draw that waits is not part of it.
            let mut stream = stream.clone();
            if let Some(chosen) = self.chosen {
                stream.seek(chosen.before());
            }
            out.bytes(&stream.generator.save());
            out.u64(stream.position().coins);
            out.u32(stream.marks.len() as u32);
            for (len, mark) in &stream.marks {
                out.u32(*len);
                out.u64(mark.draws);
                out.u64(mark.coins);
            }
        }
        for active in &self.chain.stages {
            if let Some(memory) = &active.memory {
                memory.save(&mut out);
            }
        }
        Ok(out.finish())
    }

    /// The sampler that [`save`](Self::save) saved. `INVALID_STATE` for bytes that are cut, altered, or of another version or kind.
    pub fn restore(bytes: &[u8]) -> Result<Self, Error> {
        let mut input = Reader::new(bytes, TAG)?;
        let impossible = |error: Error| error.with_code(ErrorCode::InvalidState);
        let vocab_size = usize::try_from(input.u64()?).map_err(|_| invalid("an impossible vocabulary"))?;
        let mut options = Options::new(vocab_size);
        for _ in 0..input.u32()? {
            let name = input.text()?;
            options.set(&name, read_value(&mut input)?).map_err(impossible)?;
        }
        let mut sampler = Self::new(options).map_err(impossible)?;
        let tokens = input.words()?;
        sampler.check_tokens(&tokens).map_err(impossible)?;
        for token in tokens {
            let drawn = input.u8()? != 0;
            sampler.remember(token, drawn);
        }
        if let Randomness::Stream(stream) = &mut sampler.randomness {
            stream.generator = restored(&stream.generator, input.bytes()?)?;
            let limit = Position { draws: stream.generator.position(), coins: input.u64()? };
            if limit.coins > sampler.history.steps() {
                return Err(invalid("an impossible position of the generator"));
            }
            stream.seek(limit);
            let mut former = (0, Position::default());
            for place in 0..input.u32()? {
                let mark = (input.u32()?, Position { draws: input.u64()?, coins: input.u64()? });
                let (len, position) = mark;
                let later = place == 0 || len > former.0;
                if !later || len as usize >= sampler.history.len() || !position.between(former.1, limit) {
                    return Err(invalid("an impossible position of the generator"));
                }
                stream.marks.push(mark);
                former = mark;
            }
        }
        for active in &mut sampler.chain.stages {
            if let Some(memory) = &mut active.memory {
                memory.restore(&mut input)?;
            }
        }
        input.finish()?;
        Ok(sampler)
    }

    fn check_tokens(&self, tokens: &[u32]) -> Result<(), Error> {
        match tokens.iter().position(|token| *token as usize >= self.vocab_size()) {
            Some(place) => Err(self.outside(tokens[place]).at(place)),
            None => Ok(()),
        }
    }

    /// Adds tokens to the history, all or none.
    fn record(&mut self, tokens: &[u32], drawn: bool) -> Result<(), Error> {
        self.check_tokens(tokens)?;
        self.discard();
        for token in tokens {
            self.remember(*token, drawn);
        }
        Ok(())
    }

    /// Adds a token to the history and to what strategies know of it.
    fn remember(&mut self, token: u32, drawn: bool) {
        self.history.push(token, drawn);
        for active in &mut self.chain.stages {
            if let Some(memory) = &mut active.memory {
                memory.push(&self.history, None);
            }
        }
    }
}

impl Chain {
    /// Shows a history to the memories, as if its tokens came now.
    fn replay(&mut self, history: &History) {
        let mut growing = History::default();
        for (place, token) in history.tokens().iter().enumerate() {
            growing.push(*token, history.was_drawn(place));
            for active in &mut self.stages {
                if let Some(memory) = &mut active.memory {
                    memory.push(&growing, None);
                }
            }
        }
    }

    /// Takes over what only the draws themselves told another chain's memories.
    fn inherit(&mut self, other: &Self) {
        for active in &mut self.stages {
            let same = other.stages.iter().find(|theirs| core::ptr::eq(theirs.stage, active.stage));
            if let (Some(memory), Some(theirs)) = (&mut active.memory, same.and_then(|same| same.memory.as_deref())) {
                memory.inherit(theirs);
            }
        }
    }
}

/// The generator that was saved, if it is of the algorithm and the seed that the options say.
fn restored(expected: &Generator, bytes: &[u8]) -> Result<Generator, Error> {
    let saved = Generator::restore(bytes)?;
    let same = saved.algorithm() == expected.algorithm() && saved.seed() == expected.seed();
    if same { Ok(saved) } else { Err(invalid("a generator that the options do not name")) }
}

/// Values by their kind.
fn write_value(out: &mut Writer, value: &Value) {
    match value {
        Value::Null => out.u8(0),
        Value::Number(x) => {
            out.u8(1);
            out.u64(x.to_bits());
        }
        Value::Seed(seed) => {
            out.u8(2);
            out.u8(u8::from(seed.is_negative()));
            out.words(seed.words());
        }
        Value::Flag(flag) => {
            out.u8(3);
            out.u8(u8::from(*flag));
        }
        Value::Text(text) => {
            out.u8(4);
            out.text(text);
        }
        Value::Texts(texts) => {
            out.u8(5);
            out.u32(texts.len() as u32);
            texts.iter().for_each(|text| out.text(text));
        }
        Value::Ids(ids) => {
            out.u8(6);
            out.words(ids);
        }
        Value::Numbers(numbers) => {
            out.u8(7);
            out.u32(numbers.len() as u32);
            numbers.iter().for_each(|x| out.u64(x.to_bits()));
        }
        Value::Sequences(sequences) => {
            out.u8(8);
            out.u32(sequences.len() as u32);
            sequences.iter().for_each(|ids| out.words(ids));
        }
        Value::Biases(biases) => {
            out.u8(9);
            out.u32(biases.len() as u32);
            for (id, bias) in biases {
                out.u32(*id);
                out.u64(bias.to_bits());
            }
        }
        Value::SequenceBiases(biases) => {
            out.u8(10);
            out.u32(biases.len() as u32);
            for (ids, bias) in biases {
                out.words(ids);
                out.u64(bias.to_bits());
            }
        }
    }
}

fn read_value(input: &mut Reader<'_>) -> Result<Value, Error> {
    fn number(input: &mut Reader<'_>) -> Result<f64, Error> {
        Ok(f64::from_bits(input.u64()?))
    }
    /// Lengths are believed only as far as there are bytes: a list stops where they end.
    fn list<T>(input: &mut Reader<'_>, read: impl Fn(&mut Reader<'_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        (0..input.u32()?).map(|_| read(input)).collect()
    }
    Ok(match input.u8()? {
        0 => Value::Null,
        1 => Value::Number(number(input)?),
        2 => {
            let negative = input.u8()? != 0;
            Value::Seed(Seed::new(negative, input.words()?))
        }
        3 => Value::Flag(input.u8()? != 0),
        4 => Value::Text(input.text()?),
        5 => Value::Texts(list(input, |input| -> Result<String, Error> { input.text() })?),
        6 => Value::Ids(input.words()?),
        7 => Value::Numbers(list(input, number)?),
        8 => Value::Sequences(list(input, |input| input.words())?),
        9 => Value::Biases(list(input, |input| Ok((input.u32()?, number(input)?)))?),
        10 => Value::SequenceBiases(list(input, |input| Ok((input.words()?, number(input)?)))?),
        _ => return Err(invalid("an unknown kind of value")),
    })
}
