//! exp, ln, sqrt and a few helpers: the same bits on every target.
//!
//! They use only `+ - * /` of IEEE 754 doubles and integer operations, in the order written, with no fused multiply-add and no
//! libm, so that x86, ARM and WebAssembly agree to the last bit. `exp` and `ln` follow FreeBSD's msun (fdlibm, Sun
//! Microsystems 1993), whose bound of less than 1 ulp `tests/math.rs` measures again.

pub(crate) const INV_LN2: f64 = f64::from_bits(0x3ff7_1547_652b_82fe);
pub(crate) const LN2_HI: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
pub(crate) const LN2_LO: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
/// The polynomial of [`exp`].
pub(crate) const EXP_P: [f64; 5] = [
    f64::from_bits(0x3fc5_5555_5555_553e),
    f64::from_bits(0xbf66_c16c_16be_bd93),
    f64::from_bits(0x3f11_566a_af25_de2c),
    f64::from_bits(0xbebb_bd41_c5d2_6bf1),
    f64::from_bits(0x3e66_3769_72be_a4d0),
];
/// Below this [`exp`] is 0.
pub(crate) const EXP_ZERO: f64 = -745.133_219_101_941_1;

/// 2^k for k in -1022..=1023.
#[inline]
const fn exp2i(k: i32) -> f64 {
    f64::from_bits(((1023 + k) as u64) << 52)
}

/// e^x. Error < 1 ulp, subnormal results included; overflows to infinity above 709.78, to 0 below -745.13; NaN stays NaN.
#[inline]
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 709.782_712_893_384 {
        return f64::INFINITY;
    }
    if x < EXP_ZERO {
        return 0.0;
    }
    let k = (INV_LN2 * x + if x < 0.0 { -0.5 } else { 0.5 }) as i32;
    let y = exp_of_rest(x, f64::from(k));
    if k > 1023 {
        y * 2.0 * exp2i(1023)
    } else if k < -1022 {
        // Scale in two steps, so that a subnormal result is rounded once, by the last product.
        y * exp2i(k + 1000) * exp2i(-1000)
    } else {
        y * exp2i(k)
    }
}

/// e^r, where x = n ln 2 + r with an integer n and |r| <= ln(2) / 2.
#[inline(always)]
pub(crate) fn exp_of_rest(x: f64, n: f64) -> f64 {
    let [p1, p2, p3, p4, p5] = EXP_P;
    // r is kept as hi - lo.
    let hi = x - n * LN2_HI;
    let lo = n * LN2_LO;
    let r = hi - lo;
    let t = r * r;
    let c = r - t * (p1 + t * (p2 + t * (p3 + t * (p4 + t * p5))));
    1.0 - ((lo - (r * c) / (2.0 - c)) - hi)
}

/// The float32 exponential of llama.cpp's draws: `exp` in double, rounded once. At most 0.500001 ulp from e^x.
#[inline]
pub fn expf(x: f32) -> f32 {
    exp(f64::from(x)) as f32
}

/// The natural logarithm. Error < 1 ulp; ln(0) is -infinity, and ln of a negative number is NaN.
#[inline]
pub fn ln(x: f64) -> f64 {
    const L1: f64 = f64::from_bits(0x3fe5_5555_5555_5593);
    const L2: f64 = f64::from_bits(0x3fd9_9999_9997_fa04);
    const L3: f64 = f64::from_bits(0x3fd2_4924_9422_9359);
    const L4: f64 = f64::from_bits(0x3fcc_71c5_1d8e_78af);
    const L5: f64 = f64::from_bits(0x3fc7_4664_96cb_03de);
    const L6: f64 = f64::from_bits(0x3fc3_9a09_d078_c69f);
    const L7: f64 = f64::from_bits(0x3fc2_f112_df3e_5244);
    let (mut bits, mut k) = (x.to_bits(), 0i32);
    if bits >= f64::INFINITY.to_bits() || bits < 1 << 52 {
        if x == 0.0 {
            return f64::NEG_INFINITY;
        }
        if x.is_nan() || x == f64::INFINITY {
            return x;
        }
        if x < 0.0 {
            return f64::NAN;
        }
        bits = (x * exp2i(54)).to_bits();
        k = -54;
    }
    // x = 2^k (1 + f) with 1 + f between sqrt(2) / 2 and sqrt(2).
    let high = (bits >> 32) as u32 + (0x3ff0_0000 - 0x3fe6_a09e);
    k += (high >> 20) as i32 - 0x3ff;
    let high = (high & 0x000f_ffff) + 0x3fe6_a09e;
    let f = f64::from_bits(u64::from(high) << 32 | bits & 0xffff_ffff) - 1.0;
    let half = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let t1 = w * (L2 + w * (L4 + w * L6));
    let t2 = z * (L1 + w * (L3 + w * (L5 + w * L7)));
    let r = t2 + t1;
    let k = f64::from(k);
    s * (half + r) + k * LN2_LO - half + f + k * LN2_HI
}

/// The square root, correctly rounded; NaN for negative numbers.
pub fn sqrt(x: f64) -> f64 {
    if x.is_nan() || x == 0.0 || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    if x < f64::MIN_POSITIVE {
        return sqrt(x * exp2i(108)) * exp2i(-54);
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i32 - 1023;
    let odd = exponent & 1;
    // The root of a 107- or 108-bit integer has 54 bits: one more than a double holds, so that the last bit rounds.
    let radicand = u128::from(bits & ((1 << 52) - 1) | 1 << 52) << (54 + odd);
    let mut root = 0u128;
    let mut bit = 1u128 << 53;
    while bit != 0 {
        let tried = root | bit;
        if tried * tried <= radicand {
            root = tried;
        }
        bit >>= 1;
    }
    // A root of a 53-bit number is never half way between two doubles, so adding a half and truncating rounds to nearest.
    (((root + 1) >> 1) as u64) as f64 * exp2i((exponent - odd) / 2 - 52)
}

/// x^y for x >= 0, as exp(y ln x): error below (1 + 3 |y ln x|) ulp. 0^0 is 1.
pub fn powf(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 { 1.0 } else { exp(y * ln(x)) }
}

/// The largest integer not above x (infinities and NaN are returned as they are).
pub fn floor(x: f64) -> f64 {
    // From 2^52 on every double is an integer.
    if x.is_nan() || x.abs() >= 4_503_599_627_370_496.0 {
        return x;
    }
    let whole = (x as i64) as f64;
    if whole > x { whole - 1.0 } else { whole }
}
