//! Top-h (Potraghloo et al. 2025, arXiv 2509.02510): keep the best tokens as long as they hold at most a given share of the
//! entropy.

use crate::key;
use crate::math::ln;
use crate::options::Options;
use crate::stage::Stage;
use crate::survivors::Floor;

/// Like transformers, this looks only at the best 100 tokens, renormalised: a share of 1 still cuts to 100.
const BEST: usize = 100;

pub(crate) static STAGE: Stage = Stage {
    short: is_on,
    ..Stage::keep("topH", is_on, |alive, step| {
        let share = step.options.top_h.unwrap_or(1.0);
        alive.gather_best(BEST.max(alive.min_keep()));
        let mut exponents = [0.0; BEST];
        let mut floors = [Floor::NONE; BEST];
        let mut count = 0;
        let (max, temperature) = (f64::from(alive.max()), alive.temperature());
        for key in alive.best(BEST) {
            let (x, place) = key::unpack(*key);
            exponents[count] = (f64::from(x) - max) / temperature;
            floors[count] = Floor { x, place };
            count += 1;
        }
        let mass: f64 = exponents[..count].iter().map(|y| crate::math::exp(*y)).sum();
        let whole = ln(mass);
        // -p ln p of each.
        let entropies = exponents.map(|y| {
            let log = y - whole;
            -log * crate::math::exp(log)
        });
        // A margin for the rounding of equal terms.
        let limit = share * entropies[..count].iter().sum::<f64>() * (1.0 + 1e-12);
        let mut sum = entropies[0];
        let mut kept = 1;
        while kept < count {
            sum += entropies[kept];
            if sum > limit {
                break;
            }
            kept += 1;
        }
        alive.cut_after(floors[kept - 1]);
        alive.compact();
        Ok(())
    })
};

fn is_on(options: &Options) -> bool {
    options.top_h.is_some()
}
