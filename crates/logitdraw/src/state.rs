//! A sampler's whole state as bytes.

use crate::bytes::{Reader, Writer, invalid};
use crate::error::{Error, ErrorCode};
use crate::generator::{Generator, Seed};
use crate::options::{Options, Source, Value};
use crate::randomness::{Position, Randomness};
use crate::sampler::Sampler;
use alloc::string::String;
use alloc::vec::Vec;

/// Kind and version of a saved sampler.
const TAG: &[u8; 4] = b"LGS\x01";

impl Sampler {
    /// Returns the whole state, to continue from it elsewhere or later.
    ///
    /// ```
    /// # use logitdraw::{Options, Sampler};
    /// # fn main() -> Result<(), logitdraw::Error> {
    /// let mut sampler = Sampler::new(Options::new(9))?;
    /// sampler.prompt(&[2, 7])?;
    /// let restored = Sampler::restore(&sampler.save()?)?;
    /// assert_eq!(restored.history(), [2, 7]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// INVALID_STATE if the caller is the generator: a function cannot be saved.
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
            // A draw that waits for `commit` is not part of the state.
            let position = self.chosen.map_or_else(|| stream.position(), |chosen| chosen.before);
            let mut generator = stream.generator.clone();
            generator.seek(position.draws);
            out.bytes(&generator.save());
            out.u64(position.coins);
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

    /// Restores the sampler that [`save`](Self::save) saved.
    ///
    /// # Errors
    /// INVALID_STATE for bytes that are truncated, altered, or of another version or kind.
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
}

/// Restores a saved generator; an error unless it has the algorithm and the seed that the options name.
fn restored(expected: &Generator, bytes: &[u8]) -> Result<Generator, Error> {
    let saved = Generator::restore(bytes)?;
    let same = saved.algorithm() == expected.algorithm() && saved.seed() == expected.seed();
    if same { Ok(saved) } else { Err(invalid("a generator that the options do not name")) }
}

/// Writes a value after a byte for its kind.
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
    /// Allocates nothing up front for the stated length: reading fails as soon as the bytes run out.
    fn list<T>(input: &mut Reader<'_>, read: impl Fn(&mut Reader<'_>) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        let mut list = Vec::new();
        for _ in 0..input.u32()? {
            list.push(read(input)?);
        }
        Ok(list)
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
