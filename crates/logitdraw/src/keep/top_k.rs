//! Top-k (Fan et al. 2018, arXiv 1805.04833): keep the k largest.

use crate::options::Ties;
use crate::stage::Stage;
use crate::survivors::{Arrangement, Survivors};

pub(crate) static STAGE: Stage = Stage {
    short: |options| (1..options.vocab_size).contains(&options.top_k),
    ..Stage::keep(
        "topK",
        |options| options.top_k != 0,
        |alive, step| {
            keep(alive, step.options.top_k, step.options.ties() == Ties::Exact);
            Ok(())
        },
    )
};

/// Keeps the `k` largest logits as a list, or leaves the row as it is if that is every token. Ties with the k-th all stay
/// (transformers, vLLM); with `exact` the lower ids stay until there are `k` (llama.cpp keeps exactly k).
pub(crate) fn keep(alive: &mut Survivors<'_>, k: usize, exact: bool) {
    let k = k.max(alive.min_keep());
    if k < alive.vocab_size() {
        alive.keep_best(k, exact);
    }
    alive.arrange(Arrangement::Descending, k);
}
