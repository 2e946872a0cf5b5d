// By which options a draw changes the law of the next one: the list that `sample` goes by, against an experiment for every option.

import { Sampler } from "logitdraw";
import { expect, test } from "vitest";
import { movesLaw, type Sampling, samplingOptions } from "../src/sampling-options.js";

/** An option with others that it needs to have an effect, and these others alone (absent: none). */
interface Example {
  with: Sampling;
  without?: Sampling;
}

const END = { eosTokenId: 1 };
const PENALTY = { frequencyPenalty: 0.5 };

/** For the row below, after a prompt of token 0. A new option fails `tsc` and the first test until it has a line here. */
const EXAMPLES: Record<keyof Sampling, Example> = {
  temperature: { with: { temperature: 0.5 } },
  dynamicTemperature: { with: { dynamicTemperature: { range: 0.5 } } },
  smoothing: { with: { smoothing: { factor: 0.5 } } },
  topK: { with: { topK: 4 } },
  topKTies: { with: { topK: 1, topKTies: "exact" }, without: { topK: 1 } },
  topP: { with: { topP: 0.7 } },
  minP: { with: { minP: 0.3 } },
  typicalP: { with: { typicalP: 0.6 } },
  epsilonCutoff: { with: { epsilonCutoff: 0.1 } },
  etaCutoff: { with: { etaCutoff: 0.3 } },
  topH: { with: { topH: 0.5 } },
  topA: { with: { topA: 0.9 } },
  topNSigma: { with: { topNSigma: 1 } },
  tailFree: { with: { tailFree: 0.5 } },
  pLess: { with: { pLess: true } },
  minK: { with: { minK: 5 } },
  minTokensToKeep: { with: { minTokensToKeep: 5, topP: 0.1 }, without: { topP: 0.1 } },
  xtc: { with: { xtc: { probability: 0.5, threshold: 0.1 } } },
  mirostat: { with: { mirostat: { version: 2, tau: 2 } } },
  adaptiveP: { with: { adaptiveP: { target: 0.2 } } },
  repetitionPenalty: { with: { repetitionPenalty: 1.5 } },
  presencePenalty: { with: { presencePenalty: 0.5 } },
  frequencyPenalty: { with: PENALTY },
  penaltyWindow: { with: { ...PENALTY, penaltyWindow: 2 }, without: PENALTY },
  penaltyScope: { with: { ...PENALTY, penaltyScope: { frequencyPresence: "all" } }, without: PENALTY },
  dry: { with: { dry: { multiplier: 1, allowedLength: 1 } } },
  noRepeatNgramSize: { with: { noRepeatNgramSize: 3 } },
  noRepeatNgram: { with: { noRepeatNgram: { size: 3, window: 10 } } },
  badWords: { with: { badWords: [[2, 3]] } },
  sequenceBias: { with: { sequenceBias: [[[2, 3], -1]] } },
  logitBias: { with: { logitBias: { 2: 1 } } },
  allowedTokenIds: { with: { allowedTokenIds: [1, 2, 3] } },
  suppressTokens: { with: { suppressTokens: [2] } },
  beginSuppressTokens: { with: { beginSuppressTokens: [2] } },
  eosTokenId: { with: END },
  minNewTokens: { with: { ...END, minNewTokens: 2 }, without: END },
  maxNewTokens: { with: { forcedEosTokenId: 1, maxNewTokens: 3 } },
  forcedBosTokenId: { with: { forcedBosTokenId: 3 } },
  forcedEosTokenId: { with: { forcedEosTokenId: 1, maxNewTokens: 3 }, without: { maxNewTokens: 3 } },
  exponentialDecayLengthPenalty: { with: { ...END, exponentialDecayLengthPenalty: [2, 1.1] }, without: END },
  thinkingBudget: { with: { thinkingBudget: { tokens: 2, start: [0], end: [5] } } },
  removeInvalidValues: { with: { removeInvalidValues: true } },
  order: { with: { order: "llama.cpp", temperature: 3, topP: 0.7 }, without: { temperature: 3, topP: 0.7 } },
  generator: { with: { generator: "torch" } },
  seed: { with: { seed: 2 } },
  sequence: { with: { sequence: 3 } },
};

/** Options that change no law of a row of finite numbers, or only together with others that have a line of their own. */
const WITHOUT_EFFECT = ["eosTokenId", "removeInvalidValues", "generator", "seed", "sequence"];

const LOGITS = [0, 1, 0.5, 1, -1, 0.25, -0.5, 0];
/** So many that tokens, pairs and triples of them recur. */
const DRAWS = 30;

/** Returns the law before each of the draws. */
function laws(options: Sampling): string[] {
  using sampler = new Sampler({ seed: 1, ...options, vocabSize: LOGITS.length });
  sampler.prompt([0]);
  return Array.from({ length: DRAWS }, () => {
    const law = sampler.distribution(LOGITS).join();
    sampler.sample(LOGITS);
    return law;
  });
}

test("every option with a flag has an example", () => {
  const names = Object.keys(samplingOptions).map((name) => name.split(".")[0]);
  expect(new Set(names)).toEqual(new Set(Object.keys(EXAMPLES)));
});

test.each(Object.entries(EXAMPLES))("%s", (name, { with: options, without = {} }) => {
  const found = laws(options);
  // An example without any effect would show that no draw changes a law whatever the option does.
  expect(found.join() !== laws(without).join(), "the example has an effect").toBe(!WITHOUT_EFFECT.includes(name));
  expect(movesLaw({ [name]: options[name as keyof Sampling] }), "is in the list").toBe(new Set(found).size > 1);
});

test("movesLaw is true for options whose draws change the next distribution", () => {
  expect(movesLaw({ temperature: 1, topK: 3, seed: 1n })).toBe(false);
  expect(movesLaw({ temperature: 1, repetitionPenalty: 1.1 })).toBe(true);
  expect(movesLaw({ mirostat: { version: 2 } })).toBe(true);
});
