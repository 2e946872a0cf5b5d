// Shared by the tests: rows, vectors, errors as plain objects, and statistics.

import { readFileSync } from "node:fs";
import { LogitdrawError, type SamplerOptions } from "../src/index.js";

/** The textbook's nine logits. */
export const NINE = [4.51, 0.89, -1.9, 6.75, 1.63, -1.62, -1.89, 6.28, 1.79] as const;

/** Reads a file of `test/vectors`. */
export function vectors(name: string) {
  return JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}.json`, import.meta.url), "utf8"));
}

/** Returns logits that look like a model's, always the same for a seed: sums of four uniforms, with a standard deviation of about 3. */
export function row(vocabSize: number, seed = 1, spread = 5): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length: vocabSize }, () => spread * (uniform() + uniform() + uniform() + uniform() - 2));
}

/** Returns the code and places of the error that a call throws. Rethrows anything but a LogitdrawError. */
export function refusal(call: () => unknown): Partial<LogitdrawError> {
  try {
    call();
  } catch (error) {
    if (!(error instanceof LogitdrawError)) throw error;
    const { code, option, index, row: at, message } = error;
    if (message === "") throw new Error("an error without a message");
    return Object.fromEntries(
      Object.entries({ code, option, index, row: at }).filter(([, value]) => value !== undefined),
    );
  }
  throw new Error("nothing was thrown");
}

/** Returns the bits of the float16 nearest to x, for an x that float16 can hold exactly or nearly. */
export function float16(x: number): number {
  if (x === 0) return 0;
  const sign = x < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(x);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  const fraction = Math.round((magnitude / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + fraction);
}

/** Stands in for Float16Array on runtimes that lack it: all that this package sees of one. */
export class Float16Like extends Uint16Array {
  override get [Symbol.toStringTag](): never {
    return "Float16Array" as never;
  }
}

/** Returns the array with its buffer detached, as `postMessage` does it. */
export function detach<A extends { buffer: ArrayBufferLike }>(array: A): A {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** Options for every strategy with a memory and for every generator; for vocabularies of at least ten tokens. */
export const REMEMBERING: Record<string, Partial<SamplerOptions>> = {
  defaults: {},
  penalties: { repetitionPenalty: 1.4, presencePenalty: 0.3, frequencyPenalty: 0.2, penaltyWindow: 9 },
  dry: { dry: { multiplier: 2, allowedLength: 1, window: 30, sequenceBreakers: [[3], [4, 5]] }, topK: 20 },
  "n-grams": { noRepeatNgram: { size: 2, window: 20, exempt: [1] }, badWords: [[1, 2], [3]], topK: 8 },
  "mirostat 1": { mirostat: { version: 1, tau: 3 } },
  "mirostat 2": { mirostat: { version: 2, tau: 3, eta: 0.3 } },
  adaptiveP: { adaptiveP: { target: 0.3, decay: 0.8 }, minP: 0.01 },
  xtc: { xtc: { probability: 0.5, threshold: 0.05 } },
  thinkingBudget: { thinkingBudget: { tokens: 3, start: [7], end: [8, 9] }, topK: 30 },
  "length limits": {
    eosTokenId: 2,
    minNewTokens: 4,
    exponentialDecayLengthPenalty: [3, 1.2],
    beginSuppressTokens: [1],
  },
  torch: { generator: "torch", topK: 30 },
  "torch-mkl": { generator: "torch-mkl" },
  numpy: { generator: "numpy", repetitionPenalty: 1.2 },
  "numpy-legacy": { generator: "numpy-legacy", topP: 0.9 },
  "llama.cpp": { generator: "llama.cpp", order: "llama.cpp", topK: 20, xtc: { probability: 0.5, threshold: 0.05 } },
  "llama.cpp, mirostat": { generator: "llama.cpp", order: "llama.cpp", mirostat: { version: 2, tau: 2 } },
  "llama.cpp, adaptive-p": { generator: "llama.cpp", order: "llama.cpp", adaptiveP: { target: 0.4 } },
};

/**
 * Returns how far draws are from their law, in standard deviations: Pearson's chi-square, whose cube root is nearly normal (Wilson and
 * Hilferty 1931). Infinite if a token of probability 0 was drawn, or rare ones too often.
 */
export function deviation(counts: Uint32Array, law: ArrayLike<number>): number {
  const draws = counts.reduce((sum, count) => sum + count, 0);
  // Tokens expected less than ten times are counted together.
  const cells: [count: number, expected: number][] = [];
  const rare: [count: number, expected: number] = [0, 0];
  for (const [id, count] of counts.entries()) {
    const expected = draws * (law[id] as number);
    if (expected === 0 && count > 0) return Number.POSITIVE_INFINITY;
    if (expected >= 10) cells.push([count, expected]);
    else {
      rare[0] += count;
      rare[1] += expected;
    }
  }
  if (rare[1] >= 10) cells.push(rare);
  else if (isTooOften(...rare)) return Number.POSITIVE_INFINITY;
  if (cells.length < 2) return 0;
  const freedom = cells.length - 1;
  const spread = 2 / (9 * freedom);
  const chi = cells.reduce((sum, [count, expected]) => sum + (count - expected) ** 2 / expected, 0);
  return (Math.cbrt(chi / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** Whether a count this far above a small expected one occurs at most once in ten thousand times (Chernoff's bound for Poisson's law). */
function isTooOften(count: number, expected: number): boolean {
  return count > expected && count * Math.log(count / expected) - count + expected > Math.log(1e4);
}
