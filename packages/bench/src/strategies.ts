// A recipe for every strategy: to measure another one, add a line.

import type { Recipe } from "./ours.js";
import { VOCAB } from "./rows.js";

/** Allows every other token. */
const halfMask = (vocabSize: number) => ({ mask: new Uint32Array(Math.ceil(vocabSize / 32)).fill(0x55555555) });
/** Allows as few tokens as a grammar often does. */
const fewMask = (vocabSize: number) => {
  const mask = new Uint32Array(Math.ceil(vocabSize / 32));
  for (let id = 0; id < vocabSize; id += Math.ceil(vocabSize / 40)) mask[id >>> 5] = 1 << (id & 31);
  return { mask };
};
/** Every other token as ids. */
const HALF = Array.from({ length: VOCAB / 2 }, (_, i) => 2 * i);
const HISTORY = 1000;

export const STRATEGIES: readonly Recipe[] = [
  { name: "none: whole vocabulary, T 1", options: {} },
  { name: "typical-p .9", options: { typicalP: 0.9 } },
  { name: "epsilon 3e-4", options: { epsilonCutoff: 3e-4 } },
  { name: "eta 3e-4", options: { etaCutoff: 3e-4 } },
  { name: "top-h .4", options: { topH: 0.4 } },
  { name: "top-a .2", options: { topA: 0.2 } },
  { name: "top-n-sigma 1", options: { topNSigma: 1 } },
  { name: "tail-free .95", options: { tailFree: 0.95 } },
  { name: "p-less", options: { pLess: true } },
  { name: "p-less norm", options: { pLess: "norm" } },
  { name: "min-k 3", options: { minK: 3 } },
  // A coin decides what a draw costs.
  { name: "xtc .5, .05", options: { xtc: { probability: 0.5, threshold: 0.05 } }, mean: true },
  { name: "dynamic temperature", options: { dynamicTemperature: { range: 0.5 } } },
  { name: "smoothing .2", options: { smoothing: { factor: 0.2 } } },
  { name: "mirostat 1", options: { mirostat: { version: 1 } }, mean: true },
  { name: "mirostat 2", options: { mirostat: { version: 2 } } },
  { name: "adaptive-p .3", options: { adaptiveP: { target: 0.3 } } },
  { name: "repetition penalty", options: { repetitionPenalty: 1.1 }, history: HISTORY },
  { name: "presence + frequency penalty", options: { presencePenalty: 0.5, frequencyPenalty: 0.1 }, history: HISTORY },
  { name: "dry", options: { dry: { multiplier: 0.8 } }, history: HISTORY },
  { name: "no repeated 3-gram", options: { noRepeatNgramSize: 3 }, history: HISTORY },
  { name: "repetition penalty, history 100,000", options: { repetitionPenalty: 1.1, topK: 40 }, history: 100_000 },
  { name: "dry, history 100,000", options: { dry: { multiplier: 0.8, window: 1024 }, topK: 40 }, history: 100_000 },
  { name: "bad words", options: { badWords: [[5, 7], [9]] }, history: HISTORY },
  { name: "logit bias", options: { logitBias: { 5: -2, 7: 1.5 } } },
  { name: "sequence bias", options: { sequenceBias: [[[5, 7], -1.5]] }, history: HISTORY },
  { name: "suppressed tokens", options: { suppressTokens: [5, 7, 9] } },
  { name: "half suppressed", options: { suppressTokens: HALF } },
  { name: "half allowed", options: { allowedTokenIds: HALF } },
  { name: "mask, 40 allowed", options: {}, sample: fewMask },
  { name: "mask, half allowed", options: {}, sample: halfMask },
  { name: "mask, half allowed, top-k 40", options: { topK: 40 }, sample: halfMask },
  { name: "float16 row, top-k 40", options: { topK: 40 }, float16: true },
  { name: "logprobs of the token and the best 5", options: {}, sample: () => ({ top: 5 }), logprobs: true },
  {
    name: "chain llama.cpp: k 40, p .95, min-p .05, T .8",
    options: { order: "llama.cpp", topK: 40, topP: 0.95, minP: 0.05, temperature: 0.8 },
  },
  { name: "chain vllm: k 40, p .95, T .8", options: { order: "vllm", topK: 40, topP: 0.95, temperature: 0.8 } },
  { name: "generator torch, whole", options: { generator: "torch" } },
  { name: "generator torch-mkl, whole", options: { generator: "torch-mkl" } },
  { name: "generator numpy, whole", options: { generator: "numpy" } },
  { name: "generator llama.cpp, top-k 40", options: { generator: "llama.cpp", topK: 40 } },
];
