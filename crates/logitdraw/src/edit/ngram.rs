//! Lets no n-gram occur twice (Paulus et al. 2017, arXiv 1705.04304; fairseq, transformers; window and exempt tokens as in vLLM).

use crate::history::{Counts, Followers, Memory};
use crate::kernels;
use crate::options::Options;
use crate::stage::Stage;
use crate::survivors::Waiting;
use alloc::boxed::Box;

/// Bans every token that has already followed the history's last n - 1 tokens, in n-grams that start in the last `window` tokens.
/// n = 1 bans every token of the window.
pub(crate) static STAGE: Stage = Stage {
    remember: Some(remember),
    ..Stage::edit(
        "noRepeatNgramSize",
        |options| size(options) != 0,
        |alive, step| {
            let Some(memory) = step.memory else { return Ok(()) };
            let size = size(step.options);
            if size == 1 {
                alive.edit_all(Waiting::of_counted(
                    memory.downcast(),
                    |_, _, _| f32::NEG_INFINITY,
                    |block, touched, _, _| {
                        kernels::mask_block(block, !touched);
                    },
                    [0.0; 4],
                ));
                return Ok(());
            }
            let exempt = step.options.no_repeat_ngram.as_ref().map_or(&[][..], |group| &group.exempt);
            let begin = step.history.len().saturating_sub(window(step.options));
            memory.downcast::<Followers>().for_each(step.history, |token, latest| {
                if latest + 1 - size >= begin && !exempt.contains(&token) {
                    alive.ban(&[token]);
                }
            });
            Ok(())
        },
    )
};

fn remember(options: &Options) -> Box<dyn Memory> {
    match size(options) {
        1 => {
            let exempt = options.no_repeat_ngram.as_ref().map_or(&[][..], |group| &group.exempt);
            Box::new(Counts::new(options.vocab_size, window(options)).except(exempt))
        }
        size => Box::new(Followers::new(size - 1, 0, &options.seed)),
    }
}

/// Returns n, from the group `no_repeat_ngram` if it is given.
fn size(options: &Options) -> usize {
    let group = options.no_repeat_ngram.as_ref().and_then(|group| group.size);
    group.unwrap_or(options.no_repeat_ngram_size)
}

fn window(options: &Options) -> usize {
    options.no_repeat_ngram.as_ref().and_then(|group| group.window).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Seed;

    #[test]
    fn hashes_depend_on_the_seed() {
        let basis = |seed: u64| {
            let options = Options { no_repeat_ngram_size: 3, seed: Seed::from(seed), ..Options::new(9) };
            remember(&options).downcast::<Followers>().basis()
        };
        assert_ne!(basis(1), basis(2));
    }
}
