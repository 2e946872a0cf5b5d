// The cases that golden.json pins, without the tokens. Add cases here, at the end, then run `npm run golden -- --write`.

/** @typedef {Omit<import("./golden.js").SamplerCase, "tokens"> | Omit<import("./golden.js").MultinomialCase, "tokens">} Unpinned */

import { FUNCTION } from "./samplers.js";

/** Seeds of each generator, an end of its range among them. @type {Record<string, readonly string[]>} */
const SEEDS = {
  philox: ["42", "18446744073709551615", "0", "-1"],
  torch: ["123", "-9223372036854775808", "4294967419"],
  "torch-mkl": ["123", "18446744073709551615", "0"],
  numpy: ["0", "340282366920938463463374607431768211456", "123"],
  "numpy-legacy": ["0", "4294967295", "123"],
  "llama.cpp": ["123", "4294967294", "0"],
  [FUNCTION]: ["0"],
};

/** Only philox has more than one sequence per seed. */
const SEQUENCES = ["0", "7", "18446744073709551615"];

/** Vocabulary sizes around the edges of blocks of 32, and real ones. */
const SIZES = [1, 31, 32, 33, 257, 1000, 32000, 128256];

/** @type {readonly import("./rows.js").RowKind[]} */
const ROWS = ["float32", "float16", "holes", "bfloat16", "float32"];

/** Options for each drawing rule: argmax, the whole row, a short list, membership in a nucleus, thresholds, orders of the chain. */
const RULES = [
  { temperature: 0 },
  {},
  { temperature: 0.8 },
  { temperature: 5 },
  { topK: 40 },
  { topK: 5, topKTies: "exact" },
  { topP: 0.9 },
  { topP: 0.5, temperature: 2 },
  { vocabSize: 257, topP: 0.1, minTokensToKeep: 5 },
  { minP: 0.05 },
  { minP: 0.2, temperature: 1.5 },
  { topK: 40, topP: 0.95, minP: 0.05, temperature: 0.8 },
  { topK: 40, topP: 0.95, minP: 0.05, temperature: 0.8, order: "llama.cpp" },
  { topK: 40, topP: 0.95, minP: 0.05, temperature: 0.8, order: "vllm" },
  { topP: 0.8, minP: 0.1, temperature: 3, order: ["minP", "topP", "temperature"] },
];

/** One or two per strategy; token ids are below 31. A case has 12 steps, and the prompt in `strategies`. */
const STRATEGIES = [
  { typicalP: 0.9 },
  { typicalP: 0.3, temperature: 2 },
  { epsilonCutoff: 0.003 },
  { etaCutoff: 0.01 },
  { topH: 0.5 },
  { topA: 0.2 },
  { topNSigma: 1.5, temperature: 2 },
  { tailFree: 0.9 },
  { pLess: true },
  { pLess: "norm", temperature: 1.5 },
  { minK: 3 },
  { xtc: { probability: 0.5, threshold: 0.05, protect: [0] } },
  { dynamicTemperature: { range: 0.8, exponent: 1.5 } },
  { dynamicTemperature: { low: 0.3, high: 2 } },
  { smoothing: { factor: 0.3, curve: 1.7 } },
  { mirostat: { version: 1, tau: 4 } },
  { mirostat: { version: 2, tau: 3, eta: 0.2 } },
  { adaptiveP: { target: 0.3 } },
  { repetitionPenalty: 1.3, temperature: 0.7 },
  { presencePenalty: 0.5, frequencyPenalty: 0.2, penaltyWindow: 8, topP: 0.9 },
  { dry: { multiplier: 0.8, allowedLength: 1, sequenceBreakers: [[0], [2, 3]] } },
  { noRepeatNgramSize: 1, temperature: 0.3 },
  { noRepeatNgram: { size: 2, window: 5, exempt: [0] }, temperature: 0.3 },
  {
    badWords: [[5], [3, 4]],
    sequenceBias: [
      [[7], 2.5],
      [[1, 2], -3],
    ],
  },
  { logitBias: { 3: 4.5, 8: -2 }, suppressTokens: [1, 2], beginSuppressTokens: [4] },
  { allowedTokenIds: [0, 3, 9, 17, 30] },
  { eosTokenId: [0, 9], minNewTokens: 5, maxNewTokens: 12, forcedEosTokenId: 9 },
  { eosTokenId: 7, exponentialDecayLengthPenalty: [2, 1.6] },
  { thinkingBudget: { tokens: 3, start: [5], end: [6, 7] } },
];

/**
 * @template T
 * @param {readonly T[]} list
 * @param {number} n
 */
const nth = (list, n) => /** @type {T} */ (list[n % list.length]);

/** @param {string} generator @param {number} n */
function randomness(generator, n) {
  if (generator === FUNCTION) return { generator };
  const seed = nth(/** @type {readonly string[]} */ (SEEDS[generator]), n);
  return generator === "philox" ? { generator, seed, sequence: nth(SEQUENCES, n) } : { generator, seed };
}

/** Every rule with every generator; sizes, kinds of rows, seeds and masks take turns. @returns {Unpinned[]} */
function rules() {
  const generators = Object.keys(SEEDS);
  return RULES.flatMap((rule, r) =>
    generators.map((generator, g) => {
      const n = r * generators.length + g;
      return {
        options: { vocabSize: nth(SIZES, n), ...rule, ...randomness(generator, r) },
        rows: nth(ROWS, n),
        rowSeed: 100 * n,
        ...(n % 3 === 2 ? { maskSeed: n } : {}),
        ...(generator === FUNCTION ? { uniformSeed: n } : {}),
        steps: 6,
      };
    }),
  );
}

/** The default generator's ways of drawing, at every size and from every kind of row. @returns {Unpinned[]} */
function sizes() {
  const ways = [{}, { topK: 20 }, { topP: 0.7 }, { minP: 0.01 }];
  return SIZES.flatMap((vocabSize, s) =>
    [...new Set(ROWS)].map((rows, k) => {
      const n = s + k;
      return {
        options: { vocabSize, ...nth(ways, n), ...randomness("philox", n) },
        rows,
        rowSeed: 10 * n + 7,
        steps: 8,
      };
    }),
  );
}

/** multinomial by each library's rule. @returns {Unpinned[]} */
function multinomials() {
  const algorithms = Object.keys(SEEDS).filter((name) => name !== FUNCTION);
  return algorithms.flatMap((name, a) =>
    [true, false].flatMap((replacement, r) =>
      /** @type {const} */ (["float32", "float64"]).flatMap((weights, w) =>
        [1, 10].map((count, c) => {
          const n = a + r + 2 * w + 4 * c;
          const { generator: algorithm, ...seed } = randomness(name, n);
          return {
            multinomial: { algorithm, .../** @type {{ seed: string }} */ (seed) },
            weights,
            length: nth([31, 257, 1000], n),
            rowSeed: 50 * n,
            calls: count === 1 ? 6 : 2,
            count,
            replacement,
          };
        }),
      ),
    ),
  );
}

/** Every strategy of the chain, with a small vocabulary and a larger one. @returns {Unpinned[]} */
function strategies() {
  return STRATEGIES.flatMap((strategy, s) =>
    [257, 4099].map((vocabSize, v) => ({
      options: { vocabSize, ...strategy, ...randomness(nth(["philox", "torch", "llama.cpp"], s + v), s) },
      prompt: [5, 1, 2, 3, 5, 1],
      rows: /** @type {const} */ ("float32"),
      rowSeed: 20 * s + v,
      steps: 12,
    })),
  );
}

/** @type {readonly Unpinned[]} */
export const CASES = [...rules(), ...sizes(), ...multinomials(), ...strategies()];
