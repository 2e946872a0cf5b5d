// Rows, weights, masks and uniforms computed by integer formulas, so that every language produces the same ones. The Rust version is
// crates/logitdraw/tests/common/hashed_rows.rs.

/** @typedef {"float32" | "holes" | "float16" | "bfloat16"} RowKind */

/** The difference between the seeds of consecutive rows: a golden section of the row. Neighbouring seeds give nearly the same rows. */
export const STRIDE = 65537;

/**
 * Returns the 32-bit hash of a place: (i * 2654435761 + seed * 40503) mod 2^32, as in llama_samplers.json.
 *
 * @param {number} i
 * @param {number} seed
 */
export function hash(i, seed) {
  return (Math.imul(i, 2654435761) + Math.imul(seed, 40503)) >>> 0;
}

/**
 * Returns logits from -8 to 16, few of them high. "holes": an eighth is masked, never the first token. "float16" and "bfloat16": bits of
 * any number below 16 in magnitude, subnormal ones too, and many of them equal in a large row.
 *
 * @param {RowKind} kind
 * @param {number} vocabSize
 * @param {number} seed
 * @returns {Float32Array | Uint16Array}
 */
export function row(kind, vocabSize, seed) {
  return kind === "float32" || kind === "holes"
    ? floats(kind === "holes", vocabSize, seed)
    : bits(kind === "float16" ? 0x4c00 : 0x4180, vocabSize, seed);
}

/** @param {boolean} holes @param {number} vocabSize @param {number} seed */
function floats(holes, vocabSize, seed) {
  const logits = new Float32Array(vocabSize);
  for (let i = 0; i < vocabSize; i++) {
    const h = hash(i, seed);
    const f = (h >>> 8) / 2 ** 24;
    const t = f * f;
    logits[i] = holes && i > 0 && h % 8 === 7 ? Number.NEGATIVE_INFINITY : 24 * (t * t) - 8;
  }
  return logits;
}

/** @param {number} sixteen the bits of 16 @param {number} vocabSize @param {number} seed */
function bits(sixteen, vocabSize, seed) {
  const logits = new Uint16Array(vocabSize);
  for (let i = 0; i < vocabSize; i++) {
    const h = hash(i, seed);
    logits[i] = ((h >>> 31) << 15) | (((h >>> 16) & 0x7fff) % sixteen);
  }
  return logits;
}

/**
 * Integers up to 2^24 as weights, exact in float32 and float64; an eighth is 0, never the first.
 *
 * @param {number} length
 * @param {number} seed
 */
export function weights(length, seed) {
  return Float64Array.from({ length }, (_, i) => {
    const h = hash(i, seed);
    return i > 0 && h % 8 === 7 ? 0 : (h >>> 8) + 1;
  });
}

/**
 * Returns a mask that allows half of the vocabulary, the first token among them.
 *
 * @param {number} vocabSize
 * @param {number} seed
 */
export function mask(vocabSize, seed) {
  const words = Uint32Array.from({ length: Math.ceil(vocabSize / 32) }, (_, i) => hash(i, seed));
  words[0] = /** @type {number} */ (words[0]) | 1;
  return words;
}

/**
 * Returns what a caller may use as a generator: a function that gives one number in [0, 1) per draw.
 *
 * @param {number} seed
 */
export function uniforms(seed) {
  let draw = 0;
  return () => hash(draw++, seed) / 2 ** 32;
}
