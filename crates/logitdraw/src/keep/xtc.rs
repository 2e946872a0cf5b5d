//! XTC, exclude top choices (Weidmann 2024, text-generation-webui #6335): now and then, of the likely tokens only the least
//! likely stays.

use crate::chain::Stage;
use crate::key;
use crate::survivors::{Arrangement, Floor};

pub(crate) static STAGE: Stage = Stage::keep(
    "xtc",
    |options| {
        options.xtc.as_ref().is_some_and(|xtc| {
            // No two tokens have more than half the mass each.
            xtc.probability.unwrap_or(0.0) > 0.0 && xtc.threshold.unwrap_or(1.0) <= 0.5
        })
    },
    |alive, step| {
        let Some(xtc) = &step.options.xtc else { return Ok(()) };
        // With fewer than two candidates no coin is tossed.
        if alive.best(2).len() < 2 || !step.coin.falls(xtc.probability.unwrap_or(0.0)) {
            return Ok(());
        }
        alive.arrange(Arrangement::Descending);
        let mass = alive.mass();
        let least = alive.logit_of_probability(xtc.threshold.unwrap_or(1.0), mass);
        let keys = alive.collect(least);
        if keys.len() < 2 {
            return Ok(());
        }
        let last = keys.iter().copied().max().map(key::unpack);
        if let Some((x, place)) = last {
            alive.cut_before(Floor { x, place }, |id| xtc.protect.contains(&id));
        }
        Ok(())
    },
);
