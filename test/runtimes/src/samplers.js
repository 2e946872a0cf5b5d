// Creates the package's samplers from a case's options in JSON.

/** @typedef {typeof import("logitdraw")} Logitdraw */
/** @typedef {Record<string, unknown>} JsonOptions */

import { uniforms } from "./rows.js";

/** The JSON name of a generator that is a function of the caller. */
export const FUNCTION = "function";

/**
 * Creates a sampler from options by their public names. Seeds are strings of digits, since JSON's numbers end at 2^53. `uniformSeed` is
 * the seed of the function, if the generator is one.
 *
 * @param {Logitdraw} logitdraw
 * @param {JsonOptions} options
 * @param {number} [uniformSeed]
 */
export function makeSampler({ Sampler }, options, uniformSeed = 0) {
  const { generator, seed, sequence, ...rest } = options;
  return new Sampler(
    /** @type {import("logitdraw").SamplerOptions} */ ({
      ...rest,
      generator: generator === FUNCTION ? uniforms(uniformSeed) : generator,
      seed: integer(seed),
      sequence: integer(sequence),
    }),
  );
}

/**
 * @param {Logitdraw} logitdraw
 * @param {JsonOptions} options algorithm, seed and sequence
 */
export function makeGenerator({ Generator }, { algorithm, seed, sequence }) {
  return new Generator(/** @type {object} */ ({ algorithm, seed: integer(seed), sequence: integer(sequence) }));
}

/** @param {unknown} digits */
function integer(digits) {
  return digits === undefined ? undefined : BigInt(/** @type {string} */ (digits));
}

/**
 * Returns the options that `sample` needs for a row.
 *
 * @param {import("./rows.js").RowKind} kind
 * @param {Uint32Array} [mask]
 * @returns {import("logitdraw").SampleOptions | undefined}
 */
export function sampleOptions(kind, mask) {
  const dtype = kind === "float16" || kind === "bfloat16" ? kind : undefined;
  return dtype === undefined && mask === undefined ? undefined : { dtype, mask };
}
