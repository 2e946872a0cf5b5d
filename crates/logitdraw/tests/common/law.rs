//! The law of a draw in plain float64, written from the formulas, and how well draws fit a law.

use logitdraw::{Options, Order, Ties};

/// The probability of each token.
pub struct Law {
    pub p: Vec<f64>,
    /// Whether some token lies so close to a cutoff that rounding may decide.
    pub is_close: bool,
}

/// The share of the mass, and the relative distance of logits, within which rounding may decide.
const CLOSE: f64 = 3e-6;

/// Returns the law of a row after temperature, top-k, top-p and min-p.
pub fn law(options: &Options, row: &[f32], mask: Option<&[u32]>) -> Law {
    let x: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
    let allowed = |id: usize| mask.is_none_or(|mask| mask.get(id / 32).is_some_and(|word| word >> (id % 32) & 1 == 1));
    // Best first; equal ones by ascending id.
    let mut alive: Vec<usize> = (0..row.len()).filter(|id| allowed(*id) && x[*id] > f64::NEG_INFINITY).collect();
    alive.sort_by(|a, b| x[*b].partial_cmp(&x[*a]).unwrap());
    let best = x[alive[0]];
    let weights = |alive: &[usize], temperature: f64| -> Vec<f64> {
        alive.iter().map(|id| ((x[*id] - best) / temperature).exp()).collect()
    };
    let mut temperature = 1.0;
    let mut is_close = false;
    for stage in stages(&options.order) {
        let spared = options.min_tokens_to_keep.min(alive.len());
        match stage {
            "temperature" => temperature = options.temperature,
            "topK" if options.top_k > 0 => {
                let k = options.top_k.max(spared).min(alive.len());
                let ties = options.top_k_ties.unwrap_or(match options.order {
                    Order::LlamaCpp => Ties::Exact,
                    _ => Ties::Keep,
                });
                let last = x[alive[k - 1]];
                let tied = alive.iter().filter(|id| x[**id] >= last).count();
                alive.truncate(if ties == Ties::Exact { k } else { tied });
            }
            "topP" if options.top_p < 1.0 => {
                let weights = weights(&alive, temperature);
                let whole: f64 = weights.iter().sum();
                let (mut before, mut kept) = (0.0, 0);
                for weight in weights {
                    is_close |= kept > 0 && (before / whole - options.top_p).abs() < CLOSE;
                    kept += usize::from(kept < spared || before / whole < options.top_p);
                    before += weight;
                }
                alive.truncate(kept);
            }
            "minP" if options.min_p > 0.0 => {
                let threshold = best + options.min_p.ln() * temperature;
                let spared = x[alive[spared - 1]];
                let near = |x: f64| x != threshold && (x - threshold).abs() < CLOSE * (1.0 + threshold.abs());
                is_close |= alive.iter().any(|id| near(x[*id]));
                alive.retain(|id| x[*id] >= threshold || x[*id] >= spared);
            }
            _ => {}
        }
    }
    let mut p = vec![0.0; row.len()];
    if options.temperature == 0.0 {
        // Greedy takes the best allowed token, whatever the truncations.
        let id = (0..row.len()).find(|id| allowed(*id) && x[*id] == best).unwrap();
        p[id] = 1.0;
        return Law { p, is_close: false };
    }
    let weights = weights(&alive, temperature);
    let whole: f64 = weights.iter().sum();
    for (id, weight) in alive.iter().zip(weights) {
        p[*id] = weight / whole;
    }
    Law { p, is_close }
}

fn stages(order: &Order) -> Vec<&str> {
    match order {
        Order::Transformers => vec!["temperature", "topK", "topP", "minP"],
        Order::LlamaCpp => vec!["topK", "topP", "minP", "temperature"],
        Order::Vllm => vec!["temperature", "minP", "topK", "topP"],
        Order::Custom(names) => names.iter().map(String::as_str).collect(),
    }
}

/// Panics if draws so far from the law are impossible, or come at most once in a million times.
pub fn assert_fits(counts: &[u32], p: &[impl Copy + Into<f64>], what: &str) {
    // 4.75 standard deviations are 1e-6.
    let z = deviation(counts, p, what);
    assert!(z < 4.75, "{what}: {z} standard deviations from the law");
}

/// Returns how far draws are from the law, in standard deviations: Pearson's chi-square, whose cube root is nearly normal (Wilson and
/// Hilferty 1931). Panics if a token of probability 0 was drawn, or rare ones too often.
pub fn deviation(counts: &[u32], p: &[impl Copy + Into<f64>], what: &str) -> f64 {
    let p: Vec<f64> = p.iter().map(|p| (*p).into()).collect();
    let draws: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let whole: f64 = p.iter().sum();
    // Tokens expected fewer than ten times are counted together.
    let (mut rare, mut rare_expected) = (0.0, 0.0);
    let (mut statistic, mut cells) = (0.0, 0);
    let mut add = |count: f64, expected: f64| {
        statistic += (count - expected) * (count - expected) / expected;
        cells += 1;
    };
    for (id, (count, p)) in counts.iter().zip(&p).enumerate() {
        assert!(*count == 0 || *p > 0.0, "{what}: token {id} has probability 0 and was drawn {count} times");
        let (count, expected) = (f64::from(*count), p / whole * draws);
        if expected < 10.0 {
            rare += count;
            rare_expected += expected;
        } else {
            add(count, expected);
        }
    }
    // Even if they are together too rare for a cell of their own, they must not come too often. By chance this fails at most once in ten
    // thousand times (Chernoff's bound for the Poisson distribution).
    if rare_expected >= 10.0 {
        add(rare, rare_expected);
    } else if rare > rare_expected {
        let bound = rare * (rare / rare_expected).ln() - rare + rare_expected;
        assert!(bound < 1e4_f64.ln(), "{what}: {rare} draws of rare tokens, {rare_expected} expected");
    }
    if cells < 2 {
        return 0.0;
    }
    let freedom = f64::from(cells - 1);
    let spread = 2.0 / (9.0 * freedom);
    ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}
