//! XTC, exclude top choices (Weidmann 2024, text-generation-webui #6335): with a given probability, removes all likely tokens
//! except the least likely of them.

use crate::stage::Stage;
use crate::survivors::Arrangement;

pub(crate) static STAGE: Stage = Stage {
    overwrites: |_| true,
    ..Stage::keep(
        "xtc",
        |options| {
            options.xtc.as_ref().is_some_and(|xtc| {
                // Two tokens cannot both have more than half the mass.
                xtc.probability.unwrap_or(0.0) > 0.0 && xtc.threshold.unwrap_or(1.0) <= 0.5
            })
        },
        |alive, step| {
            let Some(xtc) = &step.options.xtc else { return Ok(()) };
            if !alive.reaches(2) {
                // With fewer than two candidates no coin is tossed, but masked tokens may count as candidates.
                if alive.has_other_candidates() {
                    step.coin.pass();
                }
                return Ok(());
            }
            if !step.coin.falls(xtc.probability.unwrap_or(0.0)) {
                return Ok(());
            }
            alive.arrange(Arrangement::Descending, usize::MAX);
            let keys = alive.collect_probable(xtc.threshold.unwrap_or(1.0));
            if keys.len() < 2 {
                return Ok(());
            }
            let Some(last) = keys.iter().copied().max() else { return Ok(()) };
            let mut gone = core::mem::take(keys);
            gone.retain(|key| *key != last && !xtc.protect.contains(&alive.id(*key as u32)));
            // If that would leave too few tokens, none is removed (llama.cpp).
            if alive.min_keep() == 1 || alive.count() >= gone.len() + alive.min_keep() {
                for key in &gone {
                    alive.remove(*key as u32);
                }
                alive.unlist(gone.len());
            }
            alive.give_back(gone);
            Ok(())
        },
    )
};
