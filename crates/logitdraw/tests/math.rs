//! exp, ln, sqrt, powf and floor against a reference of about 100 bits, at the ends of their range and in between.

#[path = "../src/rows.rs"]
mod rows;

use logitdraw::math::{exp, expf, floor, ln, powf, sqrt};

/// An unevaluated sum of two doubles, the second below half an ulp of the first: about 106 bits.
#[derive(Clone, Copy)]
struct Double(f64, f64);

impl Double {
    fn sum(a: f64, b: f64) -> Self {
        let s = a + b;
        let t = s - a;
        Self(s, (a - (s - t)) + (b - t))
    }
    fn product(a: f64, b: f64) -> Self {
        let p = a * b;
        Self(p, a.mul_add(b, -p))
    }
    fn add(self, other: Self) -> Self {
        let (s, t) = (Self::sum(self.0, other.0), Self::sum(self.1, other.1));
        let s = Self::sum(s.0, s.1 + t.0);
        Self::sum(s.0, s.1 + t.1)
    }
    fn mul(self, other: Self) -> Self {
        let p = Self::product(self.0, other.0);
        Self::sum(p.0, p.1 + (self.0 * other.1 + self.1 * other.0))
    }
    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self.add(other.mul(Self(-first, 0.0)));
        let second = rest.0 / other.0;
        let rest = rest.add(other.mul(Self(-second, 0.0)));
        Self::sum(first, second).add(Self(rest.0 / other.0, 0.0))
    }
}

/// ln 2 split into hexadecimal digits 1 to 8, 9 to 16 and the rest. The first two stay exact when multiplied by a factor below 2^11.
const LN2: [f64; 3] = [
    0xb172_17f7_u32 as f64 / 4_294_967_296.0,
    0xd1cf_79ab_u32 as f64 / 18_446_744_073_709_551_616.0,
    0xc9e3_b398_03f2_f6af_u64 as f64 / 18_446_744_073_709_551_616.0 / 18_446_744_073_709_551_616.0,
];

fn times_ln2(k: f64) -> Double {
    Double::sum(k * LN2[0], k * LN2[1]).add(Double::product(k, LN2[2]))
}

/// e^x as (m, k): m 2^k, m near 1.
fn exp_reference(x: Double) -> (Double, i32) {
    let k = (x.0 / std::f64::consts::LN_2).round();
    let r = x.add(times_ln2(-k));
    // The series for a 512th of it, then nine squarings.
    let small = Double(r.0 / 512.0, r.1 / 512.0);
    let mut sum = Double(1.0, 0.0);
    for n in (1..=12).rev() {
        sum = Double(1.0, 0.0).add(small.mul(sum).div(Double(f64::from(n), 0.0)));
    }
    for _ in 0..9 {
        sum = sum.mul(sum);
    }
    (sum, k as i32)
}

/// ln x by 2 atanh((m - 1) / (m + 1)) of the mantissa.
fn ln_reference(x: f64) -> Double {
    let (scaled, shift) = if x < f64::MIN_POSITIVE { (x * 2f64.powi(54), -54.0) } else { (x, 0.0) };
    let mut k = ((scaled.to_bits() >> 52) as i32 - 1023) as f64;
    let mut m = f64::from_bits(scaled.to_bits() & ((1 << 52) - 1) | 1023 << 52);
    if m > std::f64::consts::SQRT_2 {
        (m, k) = (m / 2.0, k + 1.0);
    }
    let s = Double(m - 1.0, 0.0).div(Double::sum(m, 1.0));
    let square = s.mul(s);
    let mut sum = Double(0.0, 0.0);
    for n in (0..24).rev() {
        sum = sum.mul(square).add(Double(2.0, 0.0).div(Double(f64::from(2 * n + 1), 0.0)));
    }
    times_ln2(k + shift).add(sum.mul(s))
}

fn ulp(x: f64) -> f64 {
    let x = x.abs();
    (f64::from_bits(x.to_bits() + 1) - x).max(f64::from_bits(1))
}

/// x times 2^k, k as small as -2200.
fn scale(x: f64, k: i32) -> f64 {
    let half = k / 2;
    x * 2f64.powi(half) * 2f64.powi(k - half)
}

/// Returns by how many ulp of the exact value `got` differs from m 2^k; if that is subnormal, an ulp is 2^-1074.
fn error_of_scaled(got: f64, (m, k): (Double, i32)) -> f64 {
    let unit = ulp(m.0).max(scale(1.0, (-1074 - k).max(-1000)));
    ((scale(got, -k) - m.0) - m.1).abs() / unit
}

fn error_of(got: f64, exact: Double) -> f64 {
    ((got - exact.0) - exact.1).abs() / ulp(exact.0)
}

/// Returns numbers uniform over [0, 1), the same ones each time.
fn uniforms(seed: u64) -> impl Iterator<Item = f64> {
    let mut random = rows::Random(seed);
    std::iter::repeat_with(move || random.uniform())
}

/// Returns the doubles around `x`, counting by their bits, across zero if necessary.
fn around(x: f64) -> impl Iterator<Item = f64> {
    let key = if x < 0.0 { -((x.to_bits() & !(1 << 63)) as i64) } else { x.to_bits() as i64 };
    (key - 20..=key + 20).map(|key| if key < 0 { -f64::from_bits(-key as u64) } else { f64::from_bits(key as u64) })
}

#[test]
fn exp_is_within_one_ulp() {
    let mut points: Vec<f64> = Vec::new();
    for (seed, low, high) in
        [(1, -745.13, 709.78), (2, -1.0, 1.0), (3, -40.0, 0.0), (4, -745.0, -708.0), (5, -1e-9, 1e-9)]
    {
        points.extend(uniforms(seed).take(40_000).map(|u| low + u * (high - low)));
    }
    for k in -1075..=1024 {
        points.extend(around((f64::from(k) + 0.5) * std::f64::consts::LN_2));
        points.extend(around(f64::from(k) * std::f64::consts::LN_2));
    }
    points.extend((-1074..=9).flat_map(|k| [2f64.powi(k), -2f64.powi(k)]).filter(|x| *x > -745.13));
    points.extend(
        around(709.782_712_893_384).chain(around(-708.396_418_532_264_1)).chain(around(-745.133_219_101_941_1)),
    );
    let mut worst = (0.0, 0.0);
    for x in points {
        if exp_overflows(x) {
            assert_eq!(exp(x), f64::INFINITY, "exp({x:e})");
            continue;
        }
        let error = error_of_scaled(exp(x), exp_reference(Double(x, 0.0)));
        if error > worst.0 {
            worst = (error, x);
        }
    }
    assert!(worst.0 < 1.0, "exp({:e}) misses by {} ulp", worst.1, worst.0);
    println!("exp: at most {} ulp, at {:e}", worst.0, worst.1);
}

/// Whether e^x rounds to infinity: ln(2^1024 - 2^970) lies between this double and the next.
fn exp_overflows(x: f64) -> bool {
    x > f64::from_bits(0x4086_2e42_fefa_39ef)
}

#[test]
fn exp_handles_limits_and_special_values() {
    assert_eq!([exp(0.0), exp(-0.0)], [1.0; 2]);
    assert_eq!([exp(f64::INFINITY), exp(f64::NEG_INFINITY)], [f64::INFINITY, 0.0]);
    assert_eq!([exp(1e308), exp(-1e308), exp(709.79), exp(-745.14)], [f64::INFINITY, 0.0, f64::INFINITY, 0.0]);
    assert_eq!(exp(-745.13), f64::from_bits(1));
    assert!(exp(f64::NAN).is_nan());
}

#[test]
fn ln_is_within_one_ulp() {
    let mut points: Vec<f64> = Vec::new();
    points.extend(uniforms(6).take(50_000));
    points.extend(uniforms(7).take(50_000).map(|u| 0.6 + u));
    points.extend(uniforms(8).take(50_000).map(|u| 1.0 + (u - 0.5) * 1e-5));
    // Any finite positive double, subnormals included.
    points.extend(uniforms(9).take(50_000).map(|u| f64::from_bits(1 + (u * 9_218_868_437_227_405_310.0) as u64)));
    points.extend(uniforms(10).take(20_000).map(|u| f64::from_bits(1 + (u * 4_503_599_627_370_495.0) as u64)));
    points.extend((-1074..=1023).map(|k| 2f64.powi(k)));
    points.extend((-1022..=1022).flat_map(|k| around(2f64.powi(k) * std::f64::consts::SQRT_2)));
    points.extend(around(1.0).chain([f64::from_bits(1), f64::MIN_POSITIVE, f64::MAX]));
    let mut worst = (0.0, 0.0);
    for x in points.into_iter().filter(|x| *x > 0.0) {
        let exact = ln_reference(x);
        if x == 1.0 {
            assert_eq!(ln(x), 0.0);
            continue;
        }
        let error = error_of(ln(x), exact);
        if error > worst.0 {
            worst = (error, x);
        }
    }
    assert!(worst.0 < 1.0, "ln({:e}) misses by {} ulp", worst.1, worst.0);
    println!("ln: at most {} ulp, at {:e}", worst.0, worst.1);
}

#[test]
fn ln_handles_limits_and_special_values() {
    assert_eq!([ln(0.0), ln(-0.0)], [f64::NEG_INFINITY; 2]);
    assert_eq!(ln(f64::INFINITY), f64::INFINITY);
    assert!([ln(f64::NAN), ln(-1.0), ln(f64::NEG_INFINITY), ln(-f64::from_bits(1))].iter().all(|x| x.is_nan()));
}

#[test]
fn expf_rounds_the_exact_value() {
    let mut worst = 0.0f64;
    for x in uniforms(11).take(100_000).map(|u| (u * 192.0 - 103.5) as f32) {
        let (m, k) = exp_reference(Double(f64::from(x), 0.0));
        let got = expf(x);
        if got.is_infinite() {
            assert!(x > 88.722_83, "expf({x})");
            continue;
        }
        // An ulp of float32 at m 2^k, in units of m.
        let unit = 2f64.powi((if m.0 < 1.0 { -1 } else { 0 }) - 23).max(2f64.powi(-149 - k));
        worst = worst.max((scale(f64::from(got), -k) - m.0).abs() / unit);
    }
    assert!(worst < 0.500_001, "{worst}");
    assert_eq!(
        [expf(0.0), expf(f32::NEG_INFINITY), expf(f32::INFINITY), expf(200.0)],
        [1.0, 0.0, f32::INFINITY, f32::INFINITY]
    );
    assert!(expf(f32::NAN).is_nan());
}

#[test]
fn sqrt_is_correctly_rounded() {
    let any = |seed| uniforms(seed).map(|u| f64::from_bits((u * 9_218_868_437_227_405_311.0) as u64));
    let small = uniforms(13).map(|u| f64::from_bits((u * 4_503_599_627_370_496.0) as u64));
    let squares = uniforms(14).map(|u| (u * 94_906_265.0).floor().powi(2));
    let ends = [0.0, 1.0, 2.0, 4.0, f64::from_bits(1), f64::MIN_POSITIVE, f64::MAX, f64::INFINITY];
    for x in any(12).take(200_000).chain(small.take(50_000)).chain(squares.take(50_000)).chain(ends).chain(around(1.0))
    {
        assert_eq!(sqrt(x).to_bits(), x.sqrt().to_bits(), "sqrt({x:e})");
    }
    assert!(sqrt(-1.0).is_nan() && sqrt(f64::NAN).is_nan());
    assert_eq!(sqrt(-0.0).to_bits(), (-0.0f64).to_bits());
}

#[test]
fn powf_is_within_its_error_bound() {
    for (u, v) in uniforms(15).zip(uniforms(16)).take(50_000) {
        let (x, y) = (if u < 0.5 { u } else { u * 40.0 }, v * 40.0 - 20.0);
        if x == 0.0 {
            continue;
        }
        let product = ln_reference(x).mul(Double(y, 0.0));
        let error = error_of_scaled(powf(x, y), exp_reference(product));
        assert!(error < 1.0 + 3.0 * product.0.abs(), "{x}^{y} misses by {error} ulp");
    }
    assert_eq!([powf(0.0, 0.0), powf(0.0, 2.0), powf(1.0, f64::MAX), powf(5.0, 0.0)], [1.0, 0.0, 1.0, 1.0]);
    assert_eq!([powf(0.0, -1.0), powf(f64::INFINITY, 0.5)], [f64::INFINITY; 2]);
}

#[test]
fn floor_matches_the_standard_library() {
    let ends =
        [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 4_503_599_627_370_495.5, -4_503_599_627_370_495.5, 1e300, f64::INFINITY];
    for x in uniforms(17).take(50_000).map(|u| (u - 0.5) * 1e6).chain(ends).chain(around(3.0)).chain(around(-3.0)) {
        assert_eq!(floor(x), x.floor(), "floor({x:e})");
    }
    assert!(floor(f64::NAN).is_nan());
}

/// FNV-1a of the bits: a changed constant or a reordered sum shows here before it changes anybody's tokens.
#[test]
fn the_bits_of_exp_and_ln_are_pinned() {
    let digest = |values: &mut dyn Iterator<Item = f64>| {
        values.fold(0xcbf2_9ce4_8422_2325_u64, |hash, value| (hash ^ value.to_bits()).wrapping_mul(0x0100_0000_01b3))
    };
    let e = digest(&mut uniforms(18).take(10_000).map(|u| exp(u * 1455.0 - 745.0)));
    let l = digest(&mut uniforms(19).take(10_000).map(|u| ln(u * 4.0)));
    assert_eq!([e, l], [0x6561_47bf_ec16_3540, 0xe879_1778_923a_4553], "{e:#x} {l:#x}");
}
