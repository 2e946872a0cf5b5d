// The functions of the book's chapter on decoding, with torch's semantics: the same seed gives the same tokens.

import * as core from "../pkg/logitdraw_wasm.js";
import { ownCopy, tagOf } from "./arrays.js";
import { badOption, checked, kindOf, LogitdrawError, lastError } from "./errors.js";
import { coreOfGenerator, Generator, isGenerator } from "./generator.js";
import { integer, tokenIds } from "./integers.js";
import { classify, FLOAT32, settled } from "./logits.js";
import { isRow } from "./memory.js";
import { checkNames, integerOption, numberOption } from "./names.js";
import { checkRoom } from "./room.js";
import type { Logits } from "./types.js";
import { memory } from "./wasm.js";

/** The largest count a 32-bit module can be asked for. */
const MOST = 2 ** 32 - 1;
/** Upper bounds on the bytes that one logit or probability takes, and one drawn sample. */
const BYTES_PER_ENTRY = 48;
const BYTES_PER_SAMPLE = 16;

/** Returns logits as float32, outside of the module's memory. */
function floats(logits: Logits): Float32Array {
  const given = classify(logits, undefined);
  if (isRow(given.array)) throw new LogitdrawError("INVALID_LOGITS", "logits must be an array, not a LogitsRow");
  const { length } = given.array;
  const { array, format } = settled(given, length);
  checkRoom(BYTES_PER_ENTRY * length);
  return format === FLOAT32 ? (array as Float32Array) : checked(core.widen(array as Uint16Array));
}

/**
 * Returns the index of the largest logit; the first of equal ones. Throws `INVALID_LOGITS` for NaN and +Infinity (with their index) and
 * for an empty row; `NO_TOKEN_LEFT` if every logit is -Infinity.
 *
 * @example
 * argmax([4.51, 0.89, -1.9, 6.75]);   // 3
 */
export function argmax(logits: Logits): number {
  const index = core.argmax(floats(logits));
  if (index < 0) throw lastError();
  return index;
}

/**
 * Returns softmax(logits / temperature): one probability per logit, summing to 1 up to rounding. The temperature is finite and at least 0,
 * default 1; 0 gives everything to the largest logit. Throws as {@link argmax} does, and `INVALID_OPTION` naming `temperature`.
 *
 * @example
 * softmax([1, 2, 3], { temperature: 0.5 });
 */
export function softmax(logits: Logits, options: { temperature?: number } = {}): Float32Array {
  checkNames(options, ["temperature"]);
  const { temperature = 1 } = options;
  return checked(core.softmax(floats(logits), numberOption("temperature", temperature)));
}

/**
 * Returns the k largest logits and their ids, in descending order; of equal logits the lower id comes first. Throws `INVALID_OPTION`
 * naming `k` unless 1 <= k <= the number of logits (torch refuses more, too); `INVALID_LOGITS` as {@link argmax} does.
 *
 * @example
 * topK([4.51, 0.89, -1.9, 6.75], 2);   // { values: [6.75, 4.51], indices: [3, 0] }
 */
export function topK(logits: Logits, k: number): { values: Float32Array; indices: Uint32Array } {
  const row = floats(logits);
  const indices = checked(core.top_k(row, integerOption("k", k, 0, MOST)));
  return { values: Float32Array.from(indices, (id) => row[id] as number), indices };
}

/**
 * Returns a copy in which every logit below the k-th largest is -Infinity; logits that tie with the k-th stay, as with the chapter's
 * `torch.where(logits < top[-1], -inf, logits)`. Throws as {@link topK} does.
 *
 * @example
 * maskTopK([4.51, 0.89, -1.9, 6.75], 2);   // [4.51, -Infinity, -Infinity, 6.75]
 */
export function maskTopK(logits: Logits, k: number): Float32Array {
  return checked(core.mask_top_k(floats(logits), integerOption("k", k, 0, MOST)));
}

let shared: Generator | undefined;

/** torch's default generator: seeded by the platform's entropy until `manualSeed` is called. */
function defaultGenerator(): Generator {
  shared ??= new Generator({ algorithm: "torch" });
  return shared;
}

/**
 * Seeds the generator that {@link multinomial} uses when it is given none: torch's, on CPU. The seed is an integer from -2^63 to
 * 2^64 - 1, as in torch; throws `INVALID_OPTION` naming `seed` otherwise.
 *
 * @example
 * manualSeed(123);
 */
export function manualSeed(seed: number | bigint): void {
  integer("seed", seed);
  // Without asking for a random seed first, which some hosts do not have.
  shared ??= new Generator({ algorithm: "torch", seed });
  shared.manualSeed(seed);
}

/**
 * Draws `numSamples` indices, each with a probability proportional to its entry of `probs`; the entries need not sum to 1. Follows the
 * rule of the generator's library, token for token: torch's (the default), numpy's or llama.cpp's. `replacement` is false by default.
 *
 * A Float64Array is drawn from in float64, a Float32Array in float32. Plain numbers count as float32 with torch's generators, as they do
 * in a tensor, and as float64 with all others. Throws `INVALID_PROBABILITIES` for a negative number, NaN or infinity (with the index), for
 * a sum of 0, and for more samples without replacement than there are entries above 0; `INVALID_OPTION` naming `numSamples`,
 * `replacement` or `generator`. The generator has not moved then.
 *
 * @example
 * manualSeed(123);
 * const tokens = Uint32Array.from({ length: 1000 }, () => multinomial(softmax(logits), 1)[0]!);
 */
export function multinomial(
  probs: Float32Array | Float64Array | readonly number[],
  numSamples: number,
  options: { replacement?: boolean; generator?: Generator } = {},
): Uint32Array {
  checkNames(options, ["replacement", "generator"]);
  const { replacement = false, generator = defaultGenerator() } = options;
  if (typeof replacement !== "boolean")
    throw badOption("replacement", `replacement is true or false, not ${kindOf(replacement)}`);
  if (!isGenerator(generator)) throw badOption("generator", `generator is a Generator, not ${kindOf(generator)}`);
  const count = integerOption("numSamples", numSamples, 1, MOST);
  const weights = weightsOf(probs, generator.algorithm.startsWith("torch"));
  checkRoom(BYTES_PER_ENTRY * weights.length + BYTES_PER_SAMPLE * count);
  // Fetched last: reading the probabilities may have run the caller's code, which can free the generator.
  const source = coreOfGenerator(generator);
  return checked(
    tagOf(weights) === "Float64Array"
      ? core.multinomial_f64(weights as Float64Array, count, replacement, source)
      : core.multinomial_f32(weights as Float32Array, count, replacement, source),
  );
}

function weightsOf(probs: unknown, single: boolean): Float32Array | Float64Array {
  const tag = tagOf(probs);
  if (tag === "Float32Array" || tag === "Float64Array") return ownCopy(probs as Float32Array);
  if (!Array.isArray(probs)) {
    const kinds = "a Float32Array, Float64Array or an array of numbers";
    throw new LogitdrawError("INVALID_PROBABILITIES", `probabilities must be ${kinds}, not ${kindOf(probs)}`);
  }
  const index = probs.findIndex((p) => typeof p !== "number");
  if (index >= 0) {
    const message = `probability ${index} must be a number, not ${kindOf(probs[index])}`;
    throw new LogitdrawError("INVALID_PROBABILITIES", message, { index });
  }
  return single ? Float32Array.from(probs) : Float64Array.from(probs);
}

/**
 * Counts how often each token occurs: returns one count per id up to the largest, and at least `minLength` counts (default 0). Throws
 * `INVALID_TOKEN` with the index of the first element that is not an id; `OUT_OF_MEMORY` if the largest id needs too many counts.
 *
 * @example
 * bincount([3, 0, 3], { minLength: 5 });   // [1, 0, 0, 2, 0]
 */
export function bincount(tokens: ArrayLike<number>, options: { minLength?: number } = {}): Uint32Array {
  checkNames(options, ["minLength"]);
  const { minLength = 0 } = options;
  memory();
  return checked(core.bincount(tokenIds(tokens), integerOption("minLength", minLength, 0, MOST)));
}
