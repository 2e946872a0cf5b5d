// Draws the golden cases, on any runtime and with whatever module it loaded.

import { mask, row, STRIDE, weights } from "./rows.js";
import { makeGenerator, makeSampler, sampleOptions } from "./samplers.js";

/**
 * A case of test/vectors/golden.json. Step s draws from the row of seed `rowSeed + 65537 * s`; a mask has seed `maskSeed + 65537 * s`.
 *
 * @typedef {object} SamplerCase
 * @property {import("./samplers.js").JsonOptions} options the sampler's, by their public names
 * @property {import("./rows.js").RowKind} rows
 * @property {number} rowSeed
 * @property {number} steps
 * @property {readonly number[]} [prompt]
 * @property {number} [maskSeed]
 * @property {number} [uniformSeed] the seed of the caller's function, if that is the generator
 * @property {readonly number[]} tokens
 */

/**
 * Call c draws `count` tokens by the weights of seed `rowSeed + 65537 * c`.
 *
 * @typedef {object} MultinomialCase
 * @property {{ algorithm: string, seed: string, sequence?: string }} multinomial the generator's options
 * @property {"float32" | "float64"} weights
 * @property {number} length
 * @property {number} rowSeed
 * @property {number} calls
 * @property {number} count
 * @property {boolean} replacement
 * @property {readonly number[]} tokens
 */

/** @typedef {SamplerCase | MultinomialCase} GoldenCase */

/**
 * Draws the tokens of a case.
 *
 * @param {import("./samplers.js").Logitdraw} logitdraw
 * @param {Omit<SamplerCase, "tokens"> | Omit<MultinomialCase, "tokens">} given
 * @returns {number[]}
 */
export function draw(logitdraw, given) {
  return "multinomial" in given ? drawMultinomial(logitdraw, given) : drawSampler(logitdraw, given);
}

/**
 * @param {import("./samplers.js").Logitdraw} logitdraw
 * @param {Omit<SamplerCase, "tokens">} given
 */
function drawSampler(logitdraw, { options, rows, rowSeed, steps, prompt, maskSeed, uniformSeed }) {
  const sampler = makeSampler(logitdraw, options, uniformSeed);
  if (prompt !== undefined) sampler.prompt(prompt);
  const { vocabSize } = sampler;
  const tokens = Array.from({ length: steps }, (_, step) => {
    const words = maskSeed === undefined ? undefined : mask(vocabSize, maskSeed + STRIDE * step);
    return sampler.sample(row(rows, vocabSize, rowSeed + STRIDE * step), sampleOptions(rows, words));
  });
  sampler.free();
  return tokens;
}

/**
 * @param {import("./samplers.js").Logitdraw} logitdraw
 * @param {Omit<MultinomialCase, "tokens">} given
 */
function drawMultinomial(logitdraw, { multinomial, weights: dtype, length, rowSeed, calls, count, replacement }) {
  const generator = makeGenerator(logitdraw, multinomial);
  const tokens = Array.from({ length: calls }, (_, call) => {
    const doubles = weights(length, rowSeed + STRIDE * call);
    const given = dtype === "float32" ? Float32Array.from(doubles) : doubles;
    return [...logitdraw.multinomial(given, count, { replacement, generator })];
  });
  generator.free();
  return tokens.flat();
}

/**
 * Returns the indices of the cases whose tokens differ from those pinned, and what was drawn instead.
 *
 * @param {import("./samplers.js").Logitdraw} logitdraw
 * @param {readonly GoldenCase[]} cases
 * @returns {{ index: number, drawn: number[] }[]}
 */
export function check(logitdraw, cases) {
  return cases.flatMap((given, index) => {
    const drawn = draw(logitdraw, given);
    return drawn.join() === given.tokens.join() ? [] : [{ index, drawn }];
  });
}
