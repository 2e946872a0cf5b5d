//! A strategy as the chain sees it: a stage, and what it is given.

use crate::error::Error;
use crate::history::{History, Memory};
use crate::options::Options;
use crate::randomness::Coin;
use crate::survivors::Survivors;
use alloc::boxed::Box;

/// What a stage does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Changes logits; it runs in greedy decoding too.
    Edit,
    /// Decides which tokens survive, or how flat the row is; greedy decoding skips it.
    Keep,
}

/// Runs a stage on the survivors of a step.
type Run = for<'a, 'c> fn(&mut Survivors<'a>, &mut Step<'a, 'c>) -> Result<(), Error>;
/// Creates a stage's memory.
type Remember = fn(&Options) -> Box<dyn Memory>;

/// One stage of the chain.
pub(crate) struct Stage {
    /// The option that turns it on, which is also its name in an order.
    pub name: &'static str,
    pub kind: Kind,
    /// Whether the options call for it.
    pub on: fn(&Options) -> bool,
    pub run: Run,
    /// Creates its memory of the history, for a sampler that has the stage on.
    pub remember: Option<Remember>,
    /// Returns what it learns from the place drawn, if anything; its memory gets that along with the token.
    pub observe: Option<fn(&mut Survivors<'_>, u32) -> Option<f64>>,
    /// Whether it makes a short list, which is drawn from by inverse CDF.
    pub short: fn(&Options) -> bool,
    /// Whether it needs nothing but the best token, so that a top-p before it may be left to the draw.
    pub reads_best_only: bool,
    /// Whether it depends on how large logits are, not only on their differences.
    pub by_size: bool,
    /// Whether it may change logits in the row (`remove`, `drop_above`, any edit): raw log-probabilities are then taken from a copy.
    pub overwrites: fn(&Options) -> bool,
}

impl Stage {
    /// A stage that changes logits.
    pub const fn edit(name: &'static str, on: fn(&Options) -> bool, run: Run) -> Self {
        let (remember, observe) = (None, None);
        Self {
            name,
            kind: Kind::Edit,
            on,
            run,
            remember,
            observe,
            short: |_| false,
            reads_best_only: false,
            by_size: false,
            overwrites: |_| true,
        }
    }

    /// A stage that decides which tokens survive, by the floor or a list alone; one that changes logits has to set `overwrites`.
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

/// What a stage is given besides the survivors.
pub(crate) struct Step<'a, 'c> {
    pub options: &'a Options,
    pub history: &'a History,
    /// The stage's own memory.
    pub memory: Option<&'a dyn Memory>,
    /// The stages that follow.
    pub after: &'a [Active],
    /// Whether a top-p may be left to the draw.
    pub may_defer: bool,
    pub coin: &'c mut dyn Coin,
}
