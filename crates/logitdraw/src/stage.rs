//! What a strategy is to the chain: a stage, and what it is given.

use crate::error::Error;
use crate::history::{History, Memory};
use crate::options::Options;
use crate::randomness::Coin;
use crate::survivors::Survivors;
use alloc::boxed::Box;

/// What a stage does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes logits: greedy decoding sees it too.
    Edit,
    /// Says which tokens survive, or how flat they are: greedy decoding takes the best without it.
    Keep,
}

/// What a stage does to the survivors of a step.
type Run = for<'a, 'c> fn(&mut Survivors<'a>, &mut Step<'a, 'c>) -> Result<(), Error>;
/// Makes what a stage remembers.
type Remember = fn(&Options) -> Box<dyn Memory>;

/// One stage of the chain.
pub(crate) struct Stage {
    /// The option that turns it on, which is also its name in an order.
    pub name: &'static str,
    pub kind: Kind,
    /// Whether the options call for it.
    pub on: fn(&Options) -> bool,
    pub run: Run,
    /// What it remembers of the history, made for a sampler that has it on.
    pub memory: Option<Remember>,
    /// What it learns from the place drawn, if anything; its memory is given that with the token.
    pub observe: Option<fn(&mut Survivors<'_>, u32) -> Option<f64>>,
    /// It makes a short list, which is drawn from by inverse CDF.
    pub short: fn(&Options) -> bool,
    /// It asks for nothing but the best token, so that a top-p before it may be left to the draw.
    pub relative: bool,
    /// It may change logits in their row.
    pub overwrites: fn(&Options) -> bool,
}

impl Stage {
    /// A stage that changes logits.
    pub const fn edit(name: &'static str, on: fn(&Options) -> bool, run: Run) -> Self {
        let (memory, observe) = (None, None);
        Self {
            name,
            kind: Kind::Edit,
            on,
            run,
            memory,
            observe,
            short: |_| false,
            relative: false,
            overwrites: |_| true,
        }
    }

    /// A stage that says who survives.
    pub const fn keep(name: &'static str, on: fn(&Options) -> bool, run: Run) -> Self {
        Self { kind: Kind::Keep, overwrites: |_| false, ..Self::edit(name, on, run) }
    }
}

/// A stage that is on, with what it remembers.
pub(crate) struct Active {
    pub stage: &'static Stage,
    pub memory: Option<Box<dyn Memory>>,
}

impl Clone for Active {
    fn clone(&self) -> Self {
        Self { stage: self.stage, memory: self.memory.as_ref().map(|memory| memory.twin()) }
    }
}

/// What a stage knows beside the survivors.
pub(crate) struct Step<'a, 'c> {
    pub options: &'a Options,
    pub history: &'a History,
    /// The stage's own memory.
    pub memory: Option<&'a dyn Memory>,
    /// The stages that follow.
    pub behind: &'a [Active],
    /// The draw itself may judge what a top-p keeps.
    pub may_defer: bool,
    pub coin: &'c mut dyn Coin,
}
