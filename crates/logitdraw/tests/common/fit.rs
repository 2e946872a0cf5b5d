//! How well draws fit a law.

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
