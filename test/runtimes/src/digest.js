// Draws many tokens with every generator and strategy of a list, and digests them. It imports nothing of any platform and is passed
// the package, so the same program runs wherever JavaScript does. Its twin in Rust is crates/logitdraw/examples/digest.

import { mask, row, STRIDE } from "./rows.js";
import { FUNCTION, makeGenerator, makeSampler, sampleOptions } from "./samplers.js";

/**
 * test/vectors/digest.json
 *
 * @typedef {object} DigestList
 * @property {readonly number[]} sizes
 * @property {readonly import("./rows.js").RowKind[]} rows
 * @property {readonly ("sample" | "batch" | "buffer")[]} ways
 * @property {readonly string[]} generators
 * @property {readonly import("./samplers.js").JsonOptions[]} options
 * @property {readonly { count: number, replacement: boolean, weights: "float32" | "float64" }[]} multinomials
 */

/**
 * @typedef {object} Digest
 * @property {number} tokens how many were drawn
 * @property {string} digest of all of them: SHA-256 of the lines of `cases`
 * @property {Record<string, string>} cases the digest of each case's tokens, to tell where two runtimes differ
 */

/** Samplers are created anew after so many turns, so that histories stay short and many seeds are used. */
const LIFE = 200;
/** The number of different rows of a kind and size. */
const ROWS = 4;
/** The number of samplers in a batch. */
const BATCH = 3;

/**
 * Draws until there are `count` tokens, in rounds of one turn per case. Larger vocabularies have fewer turns.
 *
 * @param {import("./samplers.js").Logitdraw} logitdraw
 * @param {DigestList} list
 * @param {number} count
 * @returns {Promise<Digest>}
 */
export async function digest(logitdraw, list, count) {
  const cases = [...samplerCases(logitdraw, list), ...multinomialCases(logitdraw, list)];
  let tokens = 0;
  for (let round = 0; tokens < count; round++) {
    for (const one of cases) {
      if (round % one.every === 0) tokens += one.turn();
      if (tokens >= count) break;
    }
  }
  /** @type {Record<string, string>} */
  const digests = {};
  for (const { name, tape } of cases) digests[name] = await sha256(tape.bytes());
  const lines = Object.entries(digests).map(([name, hex]) => `${name} ${hex}\n`);
  return { tokens, digest: await sha256(new TextEncoder().encode(lines.join(""))), cases: digests };
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A growing list of 32-bit words. */
class Tape {
  #words = new Uint32Array(256);
  #length = 0;

  /** @param {ArrayLike<number>} words */
  push(words) {
    if (this.#length + words.length > this.#words.length) {
      const larger = new Uint32Array(2 * (this.#length + words.length));
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words.set(words, this.#length);
    this.#length += words.length;
  }

  bytes() {
    return new Uint8Array(this.#words.buffer, 0, 4 * this.#length);
  }
}

/** @param {number} vocabSize */
const everyOf = (vocabSize) => Math.ceil(vocabSize / 512);

/**
 * @template T
 * @param {readonly T[]} list
 * @param {number} n
 */
const nth = (list, n) => /** @type {T} */ (list[n % list.length]);

/** @param {import("./samplers.js").Logitdraw} logitdraw @param {DigestList} list */
function samplerCases(logitdraw, list) {
  return list.options.flatMap((options, o) =>
    list.generators.map((generator, g) => {
      const n = o * list.generators.length + g;
      return new SamplerCase(logitdraw, n, {
        options: { vocabSize: nth(list.sizes, n), ...options, generator },
        rows: nth(list.rows, n),
        way: nth(list.ways, o),
        name: `options ${o} ${generator}`,
      });
    }),
  );
}

/** Samplers with one set of options, used one after the other. */
class SamplerCase {
  tape = new Tape();
  #turns = 0;
  /** @type {import("logitdraw").Sampler[]} */
  #samplers = [];
  /** @type {import("logitdraw").LogitsBuffer | undefined} */
  #buffer;

  /**
   * @param {import("./samplers.js").Logitdraw} logitdraw
   * @param {number} n its number among all
   * @param {{ options: import("./samplers.js").JsonOptions, rows: import("./rows.js").RowKind, way: string, name: string }} given
   */
  constructor(logitdraw, n, { options, rows, way, name }) {
    this.logitdraw = logitdraw;
    this.n = n;
    this.options = options;
    this.kind = rows;
    this.vocabSize = /** @type {number} */ (options.vocabSize);
    // Buffers hold only float32.
    this.way = way === "buffer" && (rows === "float16" || rows === "bfloat16") ? "sample" : way;
    this.masked = n % 5 === 0;
    this.every = everyOf(this.vocabSize);
    this.name = `${name} ${this.vocabSize} ${rows} ${this.way}${this.masked ? " masked" : ""}`;
  }

  /** Draws once and returns how many tokens that gave. */
  turn() {
    const step = this.#turns % LIFE;
    if (step === 0) this.#begin(Math.floor(this.#turns / LIFE));
    this.#turns += 1;
    try {
      return this.way === "batch" ? this.#batch(step) : this.#single(step);
    } catch (cause) {
      throw new Error(`${this.name}: ${cause}`, { cause });
    }
  }

  /** @param {number} life */
  #begin(life) {
    for (const sampler of this.#samplers) sampler.free();
    const { vocabSize } = this;
    this.#samplers = Array.from({ length: this.way === "batch" ? BATCH : 1 }, (_, b) => {
      const { generator } = this.options;
      const seed = 1_000_003 * this.n + 101 * life;
      const own = generator === "philox" ? { seed: `${seed}`, sequence: `${b}` } : { seed: `${seed + b}` };
      const options = generator === FUNCTION ? this.options : { ...this.options, ...own };
      return makeSampler(this.logitdraw, options, seed + b).prompt([0, vocabSize - 1, vocabSize >> 1]);
    });
  }

  /** @param {number} step */
  #single(step) {
    const [sampler] = /** @type {[import("logitdraw").Sampler]} */ (this.#samplers);
    const options = sampleOptions(this.kind, this.masked ? maskOf(this.vocabSize, step) : undefined);
    let given = /** @type {import("logitdraw").Logits | import("logitdraw").LogitsRow} */ (
      rowOf(this.kind, this.vocabSize, step)
    );
    if (this.way === "buffer") {
      this.#buffer ??= new this.logitdraw.LogitsBuffer(this.vocabSize);
      this.#buffer.data.set(/** @type {Float32Array} */ (given));
      given = this.#buffer.row(0);
    }
    const law = step === 0 ? sampler.distribution(given, options) : undefined;
    const token = sampler.sample(given, options);
    this.tape.push([token]);
    // Records bits of the law as well: laws that differ in the last place nearly always draw the same tokens.
    if (law !== undefined) this.tape.push(new Uint32Array(law.buffer, law.byteOffset + 4 * token, 1));
    return 1;
  }

  /** @param {number} step */
  #batch(step) {
    const { vocabSize, kind } = this;
    const rows = this.#samplers.map((_, b) => rowOf(kind, vocabSize, step + b));
    const together =
      rows[0] instanceof Float32Array ? new Float32Array(BATCH * vocabSize) : new Uint16Array(BATCH * vocabSize);
    for (const [b, row] of rows.entries()) together.set(row, b * vocabSize);
    const { dtype } = sampleOptions(kind) ?? {};
    const masks = this.masked ? this.#samplers.map((_, b) => maskOf(vocabSize, step + b)) : undefined;
    this.tape.push(this.logitdraw.sampleBatch(this.#samplers, together, { dtype, masks }));
    return BATCH;
  }
}

/** @param {import("./samplers.js").Logitdraw} logitdraw @param {DigestList} list */
function multinomialCases(logitdraw, list) {
  return list.multinomials.flatMap(({ count, replacement, weights }, m) =>
    list.generators
      .filter((generator) => generator !== FUNCTION)
      .map((algorithm, g) => {
        const n = m * list.generators.length + g;
        const length = nth(list.sizes, n);
        // In any row, at least so many tokens have a weight above 0.
        const samples = Math.min(count, Math.ceil(length / 4));
        const tape = new Tape();
        const generator = makeGenerator(logitdraw, { algorithm, seed: `${n}` });
        let turns = 0;
        return {
          name: `multinomial ${m} ${algorithm} ${length}`,
          tape,
          every: everyOf(length),
          turn() {
            const logits = rowOf(turns % 2 === 0 ? "holes" : "float32", length, turns);
            const p = logitdraw.softmax(/** @type {Float32Array} */ (logits), { temperature: 2 });
            turns += 1;
            const given = weights === "float32" ? p : Float64Array.from(p);
            tape.push(logitdraw.multinomial(given, samples, { replacement, generator }));
            return samples;
          },
        };
      }),
  );
}

/** @type {Map<string, Float32Array | Uint16Array>} */
const made = new Map();

/**
 * Returns one of a few rows, which many cases share.
 *
 * @param {import("./rows.js").RowKind} kind
 * @param {number} vocabSize
 * @param {number} step
 */
function rowOf(kind, vocabSize, step) {
  const key = `${kind} ${vocabSize} ${step % ROWS}`;
  let found = made.get(key);
  if (found === undefined) {
    found = row(kind, vocabSize, 1 + STRIDE * (step % ROWS));
    made.set(key, found);
  }
  return found;
}

/** @param {number} vocabSize @param {number} step */
const maskOf = (vocabSize, step) => mask(vocabSize, 1 + STRIDE * (step % ROWS));
