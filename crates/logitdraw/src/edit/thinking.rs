//! Thinking budget (vLLM): once a thought has lasted the given number of tokens, the sequence that ends it is forced, token by token.

use crate::history::{History, Memory, growth};
use crate::options::{Options, ThinkingBudget};
use crate::stage::Stage;
use alloc::boxed::Box;
use alloc::vec::Vec;

pub(crate) static STAGE: Stage = Stage {
    remember: Some(|options| Box::new(Thoughts::new(options))),
    ..Stage::edit(
        "thinkingBudget",
        |options| options.thinking_budget.is_some(),
        |alive, step| {
            if let Some(memory) = step.memory
                && let Some(next) = memory.downcast::<Thoughts>().forced(step.history)
            {
                alive.retain(&[next]);
            }
            Ok(())
        },
    )
};

/// Where thoughts began and ended.
#[derive(Clone)]
struct Thoughts {
    budget: usize,
    start: Vec<u32>,
    end: Vec<u32>,
    /// The length of the history after each `start` (true) and `end` (false).
    marks: Vec<(u32, bool)>,
}

impl Thoughts {
    fn new(options: &Options) -> Self {
        let ThinkingBudget { tokens, start, end } = options.thinking_budget.clone().unwrap_or_default();
        Self { budget: tokens.unwrap_or(0), start, end, marks: Vec::new() }
    }

    /// Once the budget is used up, returns the token that must come next: the one after the longest beginning of `end` with which the
    /// tokens beyond the budget end.
    fn forced(&self, history: &History) -> Option<u32> {
        let (began, true) = self.marks.last()? else { return None };
        let beyond = history.tokens().get((*began as usize).saturating_add(self.budget)..)?;
        // If other tokens were accepted instead, `end` starts over.
        let longest = (0..self.end.len()).rev().find(|len| beyond.ends_with(&self.end[..*len]));
        longest.map(|len| self.end[len])
    }
}

impl Memory for Thoughts {
    fn push(&mut self, history: &History, _: Option<f64>) {
        let tokens = history.tokens();
        let open = self.marks.last().is_some_and(|mark| mark.1);
        if open && tokens.ends_with(&self.end) {
            self.marks.push((tokens.len() as u32, false));
        } else if tokens.ends_with(&self.start) {
            self.marks.push((tokens.len() as u32, true));
        }
    }

    fn pop(&mut self, history: &History) {
        if self.marks.last().is_some_and(|mark| mark.0 as usize == history.len()) {
            self.marks.pop();
        }
    }

    fn growth(&self) -> usize {
        growth(&self.marks)
    }

    fn twin(&self) -> Box<dyn Memory> {
        Box::new(self.clone())
    }
}
