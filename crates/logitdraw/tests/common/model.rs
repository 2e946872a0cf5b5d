//! Every truncation in plain float64, written from its paper (or from docs/strategies.md), with a full sort each time.
//!
//! If a decision is so close to its boundary that rounding may flip it, the model does not pretend to know: the token is `unsure`.

const DEAD: f64 = f64::NEG_INFINITY;
/// Logits within this relative distance of a threshold may fall on either side of it; so may shares of the mass within `NEAR_MASS`.
const NEAR: f64 = 1e-5;
const NEAR_MASS: f64 = 3e-6;

pub struct Model {
    /// Logits, divided by the temperature so far; -infinity marks a dead token.
    pub x: Vec<f64>,
    pub unsure: Vec<bool>,
    /// Whether another stage came after an unsure one.
    pub shaky: bool,
    pub min_keep: usize,
    /// Whether exactly k tokens stay if some tie with the k-th.
    pub exact_ties: bool,
    /// The current value of mirostat's mu or of adaptive-p's average.
    pub state: f64,
    /// The probabilities before adaptive-p reshapes them.
    pub before: Vec<f64>,
}

impl Model {
    pub fn new(logits: &[f32]) -> Self {
        let x = logits.iter().map(|x| f64::from(*x)).collect();
        let unsure = vec![false; logits.len()];
        Self { x, unsure, shaky: false, min_keep: 1, exact_ties: false, state: f64::NAN, before: Vec::new() }
    }

    /// Whether rounding can flip no decision so far.
    pub fn is_sure(&self) -> bool {
        !self.shaky && !self.unsure.iter().any(|unsure| *unsure)
    }

    pub fn max(&self) -> f64 {
        self.x.iter().copied().fold(DEAD, f64::max)
    }

    /// Returns the ids alive by descending logit, equal ones by ascending id.
    pub fn sorted(&self) -> Vec<usize> {
        let mut ids: Vec<usize> = (0..self.x.len()).filter(|id| self.x[*id] != DEAD).collect();
        ids.sort_by(|a, b| self.x[*b].partial_cmp(&self.x[*a]).unwrap().then(a.cmp(b)));
        ids
    }

    fn log_mass(&self) -> f64 {
        let max = self.max();
        max + self.x.iter().map(|x| (x - max).exp()).sum::<f64>().ln()
    }

    pub fn p(&self) -> Vec<f64> {
        // Not by `log_mass`: beside a huge logit, the logarithm of a sum is smaller than its last digit.
        let max = self.max();
        let weights: Vec<f64> = self.x.iter().map(|x| (x - max).exp()).collect();
        let whole: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / whole).collect()
    }

    fn entropy(&self) -> f64 {
        let whole = self.log_mass();
        self.x.iter().filter(|x| **x != DEAD).map(|x| -(x - whole) * (x - whole).exp()).sum()
    }

    fn begin(&mut self) {
        self.shaky |= self.unsure.iter().any(|unsure| *unsure);
    }

    fn drop_if(&mut self, mut drops: impl FnMut(usize) -> bool) {
        for id in 0..self.x.len() {
            if drops(id) {
                self.x[id] = DEAD;
            }
        }
    }

    /// Keeps tokens with x >= threshold, and those at least as good as the `min_keep`-th.
    fn threshold(&mut self, threshold: f64) {
        self.begin();
        let sorted = self.sorted();
        let spared = self.x[sorted[self.min_keep.min(sorted.len()) - 1]];
        let max = self.max();
        for id in 0..self.x.len() {
            let x = self.x[id];
            if x < spared && x != DEAD {
                self.unsure[id] |= (x - threshold).abs() < NEAR * (1.0 + (max - x).abs());
                if x < threshold {
                    self.x[id] = DEAD;
                }
            }
        }
    }

    /// Keeps the first `count` of `ids`; `near` tells which ranks (from 0) may be either in or out.
    fn keep_ranks(&mut self, ids: &[usize], count: usize, near: impl Fn(usize) -> bool) {
        self.begin();
        let count = count.max(self.min_keep);
        for (rank, id) in ids.iter().enumerate().skip(self.min_keep) {
            self.unsure[*id] |= near(rank);
            if rank >= count {
                self.x[*id] = DEAD;
            }
        }
    }

    pub fn temperature(&mut self, t: f64) {
        for x in &mut self.x {
            *x /= t;
        }
    }

    pub fn top_k(&mut self, k: usize, exact: bool) {
        self.begin();
        let sorted = self.sorted();
        let k = k.max(self.min_keep).min(sorted.len());
        let last = self.x[sorted[k - 1]];
        for id in &sorted[k..] {
            if exact || self.x[*id] < last {
                self.x[*id] = DEAD;
            }
        }
    }

    pub fn top_p(&mut self, p: f64) {
        let (sorted, probabilities) = (self.sorted(), self.p());
        let mut before = 0.0;
        let mut befores = Vec::new();
        for id in &sorted {
            befores.push(before);
            before += probabilities[*id];
        }
        let count = befores.iter().filter(|before| **before < p).count().max(1);
        self.keep_ranks(&sorted, count, |rank| rank > 0 && (befores[rank] - p).abs() < NEAR_MASS);
    }

    pub fn min_p(&mut self, p: f64) {
        self.threshold(self.max() + p.ln());
    }

    pub fn top_a(&mut self, a: f64) {
        let best = self.max() - self.log_mass();
        self.threshold(self.log_mass() + a.ln() + 2.0 * best);
    }

    pub fn epsilon(&mut self, epsilon: f64) {
        self.threshold(self.log_mass() + epsilon.ln());
    }

    pub fn eta(&mut self, epsilon: f64) {
        let eta = epsilon.min(epsilon.sqrt() * (-self.entropy()).exp());
        self.threshold(self.log_mass() + eta.ln());
    }

    pub fn top_n_sigma(&mut self, n: f64, temperature: f64) {
        // The deviation is that of the undivided logits; dividing them divides it as well.
        let alive: Vec<f64> = self.x.iter().copied().filter(|x| *x != DEAD).map(|x| x * temperature).collect();
        let count = alive.len() as f64;
        let mean = alive.iter().sum::<f64>() / count;
        let sigma = (alive.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count).sqrt();
        self.threshold(self.max() - n * sigma / temperature);
    }

    pub fn p_less(&mut self, norm: bool) {
        let collision: f64 = self.p().iter().map(|p| p * p).sum();
        let n = self.sorted().len() as f64;
        if norm && n == 1.0 {
            return;
        }
        let least = if norm { (n * collision - 1.0) / (n - 1.0) } else { collision };
        // The difference of nearly equal numbers is mostly rounding error.
        if norm && least.abs() < 1e-4 * collision {
            self.unsure.fill(true);
            return;
        }
        self.threshold(self.log_mass() + least.ln());
    }

    pub fn typical(&mut self, mass: f64) {
        self.begin();
        let (whole, entropy, probabilities) = (self.log_mass(), self.entropy(), self.p());
        let score = |id: usize| ((whole - self.x[id]) - entropy).abs();
        let mut ids = self.sorted();
        ids.sort_by(|a, b| score(*a).total_cmp(&score(*b)));
        let mut sum = 0.0;
        let (mut last, mut lowest, mut highest) = (score(ids[0]), score(ids[0]), score(ids[0]));
        for (rank, id) in ids.iter().enumerate() {
            let forced = rank < self.min_keep;
            for (cut, limit) in [(&mut last, mass), (&mut lowest, mass - NEAR_MASS), (&mut highest, mass + NEAR_MASS)] {
                if forced || sum < limit {
                    *cut = score(*id);
                }
            }
            sum += probabilities[*id];
        }
        let near = 2e-6 * (1.0 + last);
        let scores: Vec<f64> = (0..self.x.len()).map(score).collect();
        let doubtful = |id: usize| scores[id] > lowest - near && scores[id] < highest + near;
        let mut edge = ids.iter().copied().filter(|id| doubtful(*id)).map(|id| self.x[id]);
        // Equal logits stay or go together.
        let first = edge.next();
        let certain = lowest == highest && edge.all(|x| Some(x) == first);
        for id in ids {
            self.unsure[id] |= doubtful(id) && !certain;
            if scores[id] > last {
                self.x[id] = DEAD;
            }
        }
    }

    pub fn top_h(&mut self, h: f64) {
        let sorted = self.sorted();
        let best = &sorted[..sorted.len().min(100)];
        let mut renormalised = Self::new(&vec![f32::NEG_INFINITY; self.x.len()]);
        for id in best {
            renormalised.x[*id] = self.x[*id];
        }
        let (whole, limit) = (renormalised.log_mass(), h * renormalised.entropy());
        let mut sum = 0.0;
        let sums: Vec<f64> = best
            .iter()
            .map(|id| {
                let log = self.x[*id] - whole;
                sum -= if log.exp() == 0.0 { 0.0 } else { log * log.exp() };
                sum
            })
            .collect();
        // All of the entropy means all of the tokens, however the sums are rounded.
        let kept = |sum: f64| h == 1.0 || sum <= limit;
        let count = sums.iter().filter(|sum| kept(**sum)).count().max(1);
        let near =
            |rank: usize| rank > 0 && rank < 100 && h < 1.0 && (sums[rank] - limit).abs() < 2.0 * NEAR * (1e-3 + limit);
        self.keep_ranks(&sorted, count, near);
    }

    pub fn tail_free(&mut self, z: f64) {
        let (sorted, probabilities) = (self.sorted(), self.p());
        let p = |rank: usize| probabilities[sorted[rank]];
        if sorted.len() < 3 {
            return;
        }
        let curvature: Vec<f64> =
            (0..sorted.len() - 2).map(|i| ((p(i) - p(i + 1)) - (p(i + 1) - p(i + 2))).abs()).collect();
        let whole: f64 = curvature.iter().sum();
        if whole == 0.0 {
            return;
        }
        let mut sum = 0.0;
        let sums: Vec<f64> = curvature
            .iter()
            .map(|c| {
                sum += c / whole;
                sum
            })
            .collect();
        let cut = |z: f64| sums.iter().position(|sum| *sum > z).unwrap_or(sorted.len() - 1);
        let (first, last) = (cut(z - NEAR), cut(z + NEAR));
        self.keep_ranks(&sorted, cut(z) + 1, |rank| rank > first && rank <= last);
    }

    pub fn min_k(&mut self, tau: f64) {
        let sorted = self.sorted();
        let x = |rank: usize| self.x[sorted[rank]];
        let range = x(0) - x(sorted.len() - 1) + 1e-8;
        let weights: Vec<f64> = (1..sorted.len()).map(|i| (x(i - 1) - x(i)) / range / i as f64).collect();
        let mut steepest = 0;
        for (i, weight) in weights.iter().enumerate() {
            if *weight > weights[steepest] {
                steepest = i;
            }
        }
        let floor = (tau / range).floor();
        let k = ((steepest + 1) as f64).max(floor).clamp(1.0, sorted.len() as f64) as usize;
        self.top_k(k, false);
    }

    /// With `probability`, XTC keeps only the least probable of the tokens at or above the threshold. The law mixes both sides of the coin.
    pub fn mix_xtc(&mut self, probability: f64, threshold: f64, protect: &[usize]) {
        self.begin();
        let (whole, sorted, stays) = (self.log_mass(), self.sorted(), self.p());
        let near = |id: &usize| (self.x[*id] - whole - threshold.ln()).abs() < NEAR * (1.0 + self.max() - self.x[*id]);
        if threshold > 0.0 && sorted.iter().any(near) {
            // Which tokens are candidates affects the whole row.
            self.shaky = true;
            return;
        }
        let candidates = sorted.iter().take_while(|id| self.x[**id] - whole >= threshold.ln()).count();
        let gone: Vec<usize> =
            sorted.iter().take(candidates.max(1) - 1).copied().filter(|id| !protect.contains(id)).collect();
        if sorted.len() - gone.len() < self.min_keep {
            return;
        }
        for id in gone {
            self.x[id] = DEAD;
        }
        let falls = self.p();
        for (x, (falls, stays)) in self.x.iter_mut().zip(falls.iter().zip(&stays)) {
            *x = (probability * falls + (1.0 - probability) * stays).ln();
        }
    }

    pub fn dynamic_temperature(&mut self, low: f64, high: f64, exponent: f64) {
        let n = self.sorted().len();
        if n > 1 {
            let bent = (self.entropy() / (n as f64).ln()).clamp(0.0, 1.0).powf(exponent);
            self.temperature((low + (high - low) * bent).max(f64::MIN_POSITIVE));
        }
    }

    pub fn smoothing(&mut self, factor: f64, curve: f64) {
        let max = self.max();
        let (k, s) = ((3.0 - curve) / 2.0, (curve - 1.0) / 2.0);
        for x in self.x.iter_mut().filter(|x| **x != DEAD) {
            let d = *x - max;
            // Logits are float32.
            *x = f64::from((-k * factor * d * d + s * factor * d * d * d).max(f64::from(f32::MIN)) as f32);
        }
    }

    pub fn mirostat_1(&mut self, m: usize, mu: f64) {
        let sorted = self.sorted();
        let n = self.x.len() as f64;
        let (mut tb, mut tt) = (0.0, 0.0);
        for i in 0..(m - 1).min(sorted.len() - 1) {
            let t = ((i + 2) as f64 / (i + 1) as f64).ln();
            tb += t * (self.x[sorted[i]] - self.x[sorted[i + 1]]);
            tt += t * t;
        }
        let s = tb / tt;
        let k = if s > 0.0 {
            let epsilon = s - 1.0;
            (epsilon * 2f64.powf(mu) / (1.0 - n.powf(-epsilon))).powf(1.0 / s)
        } else {
            f64::INFINITY
        };
        let k = if k.is_nan() { n } else { k.min(n) };
        let near = (k - k.round()).abs() < NEAR * k && k < n;
        let rank = k.round() as usize;
        self.keep_ranks(&sorted, (k as usize).max(1), |i| near && (i == rank || i + 1 == rank));
    }

    pub fn mirostat_2(&mut self, mu: f64) {
        let threshold = self.log_mass() - mu * std::f64::consts::LN_2;
        let max = self.max();
        let near = (max - threshold).abs() < NEAR;
        if max < threshold {
            let sorted = self.sorted();
            let ties = sorted.iter().filter(|id| self.x[**id] == max).count();
            self.keep_ranks(&sorted, 1, |rank| near && rank < ties);
        } else {
            self.threshold(threshold);
            for id in 0..self.x.len() {
                self.unsure[id] |= near && self.x[id] == max;
            }
        }
    }

    pub fn adaptive_p(&mut self, target: f64, average: f64) {
        self.before = self.p();
        if target < 0.0 {
            return;
        }
        let aim = (2.0 * target - average).clamp(0.0, 1.0);
        for (x, p) in self.x.iter_mut().zip(&self.before) {
            let d = (p - aim).abs() / 0.3;
            if *x != DEAD {
                *x = f64::from((5.0 - 10.0 * d * d / (1.0 + d)) as f32);
            }
        }
    }
}
