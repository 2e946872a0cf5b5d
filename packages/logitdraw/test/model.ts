// The strategies in float64, written from their papers, to compare the package's probabilities with.

import type { Sampler, SamplerOptions } from "../src/index.js";

export type Row = readonly number[];

const sum = (xs: readonly number[]) => xs.reduce((total, x) => total + x, 0);
const GONE = Number.NEGATIVE_INFINITY;

/** The probabilities of a row; 0 for a logit of -Infinity. */
export function softmax(x: Row): number[] {
  const max = Math.max(...x);
  const weights = x.map((xi) => Math.exp(xi - max));
  const whole = sum(weights);
  return weights.map((w) => w / whole);
}

const entropy = (p: readonly number[]) => -sum(p.map((pi) => (pi > 0 ? pi * Math.log(pi) : 0)));
/** The ids in descending order of their logits, lower ids first among equal ones. */
const ranked = (x: Row) => [...x.keys()].sort((a, b) => (x[b] as number) - (x[a] as number) || a - b);
const at = (x: Row, i: number | undefined) => x[i as number] as number;
const only = (x: Row, keep: (i: number) => boolean): number[] => x.map((xi, i) => (keep(i) ? xi : GONE));
const first = (x: Row, count: number) => {
  const kept = new Set(ranked(x).slice(0, Math.max(1, count)));
  return only(x, (i) => kept.has(i));
};
/** Keeps the tokens of at least a certain probability, and the best. */
const above = (x: Row, least: number) => {
  const p = softmax(x);
  const [best] = ranked(x);
  return only(x, (i) => i === best || at(p, i) >= least);
};
const scaled = (x: Row, temperature: number) => x.map((xi) => xi / temperature);
const plus = (x: Row, changes: Record<number, number>) => x.map((xi, i) => xi + (changes[i] ?? 0));
const without = (x: Row, ...ids: number[]) => only(x, (i) => !ids.includes(i));

function typical(x: Row, mass: number): number[] {
  const p = softmax(x);
  const h = entropy(p);
  const distance = p.map((pi) => Math.abs(-Math.log(pi) - h));
  const order = [...p.keys()].sort((a, b) => at(distance, a) - at(distance, b));
  let [cumulated, last] = [0, 0];
  for (const i of order) {
    last = i;
    cumulated += at(p, i);
    if (cumulated >= mass) break;
  }
  return only(x, (i) => at(distance, i) <= at(distance, last));
}

function topH(x: Row, share: number): number[] {
  const best = ranked(x).slice(0, 100);
  const p = softmax(best.map((i) => at(x, i)));
  const parts = p.map((pi) => -pi * Math.log(pi));
  const limit = share * sum(parts);
  let count = 1;
  while (count < best.length && sum(parts.slice(0, count + 1)) <= limit) count++;
  return first(x, count);
}

function tailFree(x: Row, z: number): number[] {
  const sorted = softmax(x).sort((a, b) => b - a);
  const curvature = sorted.slice(2).map((p, i) => Math.abs(at(sorted, i) - 2 * at(sorted, i + 1) + p));
  let cumulated = 0;
  const place = curvature.findIndex((c) => {
    cumulated += c;
    return cumulated > z * sum(curvature);
  });
  return place < 0 ? [...x] : first(x, place + 1);
}

function minK(x: Row, tau: number): number[] {
  const sorted = [...x].sort((a, b) => b - a);
  const range = at(sorted, 0) - at(sorted, sorted.length - 1);
  const falls = sorted.slice(1).map((xi, i) => (at(sorted, i) - xi) / (range + 1e-8) / (i + 1));
  const steepest = falls.indexOf(Math.max(...falls)) + 1;
  return first(x, Math.max(steepest, Math.floor(tau / range)));
}

function topNSigma(x: Row, n: number): number[] {
  const mean = sum(x) / x.length;
  const sigma = Math.sqrt(sum(x.map((xi) => (xi - mean) ** 2)) / x.length);
  const least = Math.max(...x) - n * sigma;
  return only(x, (i) => at(x, i) >= least);
}

function topP(x: Row, mass: number): number[] {
  const p = softmax(x);
  let [before, count] = [0, 0];
  for (const i of ranked(x)) {
    if (before >= mass) break;
    before += at(p, i);
    count++;
  }
  return first(x, count);
}

function xtc(x: Row, threshold: number, protect: readonly number[]): number[] {
  const p = softmax(x);
  const top = ranked(x).filter((i) => at(p, i) >= threshold);
  const removed = top.length < 2 ? [] : top.slice(0, -1);
  return only(x, (i) => !removed.includes(i) || protect.includes(i));
}

function smoothed(x: Row, f: number, c: number): number[] {
  const max = Math.max(...x);
  return x.map((xi) => max - ((3 - c) / 2) * f * (xi - max) ** 2 + ((c - 1) / 2) * f * (xi - max) ** 3);
}

const dynamic = (x: Row, low: number, high: number, exponent: number) =>
  scaled(x, low + (high - low) * (entropy(softmax(x)) / Math.log(x.length)) ** exponent);

function mirostat1(x: Row, tau: number, m: number): number[] {
  const p = softmax(x).sort((a, b) => b - a);
  const terms = Array.from({ length: Math.min(m, p.length) - 1 }, (_, i) => i);
  const t = terms.map((i) => Math.log((i + 2) / (i + 1)));
  const b = terms.map((i) => Math.log(at(p, i) / at(p, i + 1)));
  const s = sum(t.map((ti, i) => ti * at(b, i))) / sum(t.map((ti) => ti * ti));
  const k = (((s - 1) * 2 ** (2 * tau)) / (1 - x.length ** (1 - s))) ** (1 / s);
  return first(x, Math.min(Math.floor(k), x.length));
}

function adapted(x: Row, target: number): number[] {
  return softmax(x).map((p) => {
    const d = Math.abs(p - target) / 0.3;
    return 5 - (10 * d * d) / (1 + d);
  });
}

function guided(x: Row, other: Row, scale: number): number[] {
  const [c, u] = [softmax(x).map(Math.log), softmax(other).map(Math.log)];
  return c.map((ci, i) => scale * (ci - at(u, i)) + at(u, i));
}

/** One strategy: its options, the history it sees, and how it changes a row. */
export interface Case {
  options: Partial<SamplerOptions>;
  prompt?: readonly number[];
  /** Tokens accepted after the prompt. */
  drawn?: readonly number[];
  sample?: (row: Row) => Parameters<Sampler["sample"]>[1];
  model: (row: Row) => number[];
}

const HISTORY = [7, 20, 33, 7, 41, 20, 33];
const DRAWN = [20, 299, 20];

/** Cases for every option but those that identify a sampler, and those that only matter on rows with ties or invalid values. */
export const CASES: Record<string, Case> = {
  temperature: { options: { temperature: 0.7 }, model: (x) => scaled(x, 0.7) },
  greedy: { options: { temperature: 0 }, model: (x) => first(x, 1) },
  topK: { options: { topK: 7 }, model: (x) => first(x, 7) },
  topP: { options: { topP: 0.8 }, model: (x) => topP(x, 0.8) },
  minP: { options: { minP: 0.1 }, model: (x) => above(x, 0.1 * Math.max(...softmax(x))) },
  typicalP: { options: { typicalP: 0.6 }, model: (x) => typical(x, 0.6) },
  epsilonCutoff: { options: { epsilonCutoff: 0.01 }, model: (x) => above(x, 0.01) },
  etaCutoff: {
    options: { etaCutoff: 0.01 },
    model: (x) => above(x, Math.min(0.01, 0.1 * Math.exp(-entropy(softmax(x))))),
  },
  topH: { options: { topH: 0.4 }, model: (x) => topH(x, 0.4) },
  topA: { options: { topA: 0.3 }, model: (x) => above(x, 0.3 * Math.max(...softmax(x)) ** 2) },
  topNSigma: { options: { topNSigma: 1.5 }, model: (x) => topNSigma(x, 1.5) },
  tailFree: { options: { tailFree: 0.9 }, model: (x) => tailFree(x, 0.9) },
  pLess: { options: { pLess: true }, model: (x) => above(x, sum(softmax(x).map((p) => p * p))) },
  "pLess norm": {
    options: { pLess: "norm" },
    model: (x) => above(x, (x.length * sum(softmax(x).map((p) => p * p)) - 1) / (x.length - 1)),
  },
  minK: { options: { minK: 60 }, model: (x) => minK(x, 60) },
  minTokensToKeep: { options: { epsilonCutoff: 1, minTokensToKeep: 5 }, model: (x) => first(x, 5) },
  xtc: {
    options: { xtc: { probability: 1, threshold: 0.02, protect: [0] } },
    model: (x) => xtc(x, 0.02, [0]),
  },
  "dynamicTemperature, range": {
    options: { temperature: 1.2, dynamicTemperature: { range: 0.5 } },
    model: (x) => dynamic(x, 0.7, 1.7, 1),
  },
  "dynamicTemperature, low and high": {
    options: { dynamicTemperature: { low: 0.2, high: 2, exponent: 1.5 } },
    model: (x) => dynamic(x, 0.2, 2, 1.5),
  },
  smoothing: { options: { smoothing: { factor: 0.3, curve: 1.6 } }, model: (x) => smoothed(x, 0.3, 1.6) },
  "mirostat 1": {
    options: { mirostat: { version: 1, tau: 2, m: 50 } },
    model: (x) => mirostat1(x, 2, 50),
  },
  "mirostat 2": { options: { mirostat: { version: 2, tau: 2 } }, model: (x) => above(x, 2 ** -4) },
  adaptiveP: { options: { adaptiveP: { target: 0.2 } }, model: (x) => adapted(x, 0.2) },
  repetitionPenalty: {
    options: { repetitionPenalty: 1.3 },
    prompt: HISTORY,
    model: (x) => x.map((xi, i) => (HISTORY.includes(i) ? (xi > 0 ? xi / 1.3 : xi * 1.3) : xi)),
  },
  presencePenalty: {
    options: { presencePenalty: 0.7 },
    prompt: HISTORY,
    drawn: DRAWN,
    model: (x) => plus(x, { 20: -0.7, 299: -0.7 }),
  },
  "frequencyPenalty, scope all": {
    options: { frequencyPenalty: 0.5, penaltyScope: { frequencyPresence: "all" } },
    prompt: HISTORY,
    drawn: DRAWN,
    model: (x) => plus(x, { 7: -1, 20: -2, 33: -1, 41: -0.5, 299: -0.5 }),
  },
  penaltyWindow: {
    options: { frequencyPenalty: 0.5, penaltyWindow: 2 },
    prompt: HISTORY,
    drawn: DRAWN,
    model: (x) => plus(x, { 20: -0.5, 299: -0.5 }),
  },
  // The history ends in 20 33, which was followed by 7 before.
  dry: {
    options: { dry: { multiplier: 0.8, base: 2, allowedLength: 1 } },
    prompt: HISTORY,
    model: (x) => plus(x, { 7: -0.8 * 2 }),
  },
  "dry, with a sequence breaker": {
    options: { dry: { multiplier: 0.8, base: 2, allowedLength: 1, sequenceBreakers: [[20]] } },
    prompt: HISTORY,
    model: (x) => plus(x, { 7: -0.8 }),
  },
  noRepeatNgramSize: { options: { noRepeatNgramSize: 3 }, prompt: HISTORY, model: (x) => without(x, 7) },
  noRepeatNgram: {
    options: { noRepeatNgram: { size: 1, exempt: [33] } },
    prompt: HISTORY,
    model: (x) => without(x, 7, 20, 41),
  },
  badWords: { options: { badWords: [[5], [33, 8], [20, 9]] }, prompt: HISTORY, model: (x) => without(x, 5, 8) },
  logitBias: {
    options: { logitBias: { 3: 2.5, 4: Number.NEGATIVE_INFINITY } },
    model: (x) => without(plus(x, { 3: 2.5 }), 4),
  },
  sequenceBias: {
    options: {
      sequenceBias: [
        [[20, 33, 6], 3],
        [[1, 2], 9],
        [[11], -2],
      ],
    },
    prompt: HISTORY,
    model: (x) => plus(x, { 6: 3, 11: -2 }),
  },
  allowedTokenIds: { options: { allowedTokenIds: [1, 5, 250] }, model: (x) => only(x, (i) => [1, 5, 250].includes(i)) },
  suppressTokens: { options: { suppressTokens: [0, 1, 2] }, model: (x) => without(x, 0, 1, 2) },
  beginSuppressTokens: { options: { beginSuppressTokens: [0, 1, 2] }, model: (x) => without(x, 0, 1, 2) },
  minNewTokens: { options: { eosTokenId: [4, 5], minNewTokens: 3 }, drawn: [1, 2], model: (x) => without(x, 4, 5) },
  forcedBosTokenId: { options: { forcedBosTokenId: 3 }, prompt: [9], model: (x) => only(x, (i) => i === 3) },
  forcedEosTokenId: {
    options: { forcedEosTokenId: [3, 4], maxNewTokens: 3 },
    drawn: [1, 2],
    model: (x) => only(x, (i) => i === 3 || i === 4),
  },
  exponentialDecayLengthPenalty: {
    options: { eosTokenId: 5, exponentialDecayLengthPenalty: [1, 1.5] },
    drawn: [1, 2, 3],
    model: (x) => plus(x, { 5: Math.abs(at(x, 5)) * (1.5 ** 2 - 1) }),
  },
  thinkingBudget: {
    options: { thinkingBudget: { tokens: 2, start: [8], end: [9, 10] } },
    prompt: [8, 1, 2],
    model: (x) => only(x, (i) => i === 9),
  },
  mask: {
    options: {},
    sample: () => ({ mask: Uint32Array.of(0, 0b1010) }),
    model: (x) => only(x, (i) => i === 33 || i === 35),
  },
  guidance: {
    options: {},
    sample: (x) => ({ guidance: { unconditional: Float32Array.from(x, (xi, i) => xi / 2 + (i % 3)), scale: 1.7 } }),
    model: (x) =>
      guided(
        x,
        x.map((xi, i) => Math.fround(xi / 2 + (i % 3))),
        1.7,
      ),
  },
  prefixAllowedTokens: {
    options: { prefixAllowedTokens: (history) => [history.length, 50, 51] },
    prompt: HISTORY,
    model: (x) => only(x, (i) => [7, 50, 51].includes(i)),
  },
  "order, a list of stages": {
    options: { topP: 0.8, temperature: 2, order: ["topP", "temperature"] },
    model: (x) => scaled(topP(x, 0.8), 2),
  },
  "order, llama.cpp": {
    options: { order: "llama.cpp", topP: 0.8, temperature: 2 },
    model: (x) => scaled(topP(x, 0.8), 2),
  },
};
