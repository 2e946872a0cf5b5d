// A user's program: every option and method once, under the settings of types.test.ts.

import {
  argmax,
  bincount,
  Generator,
  LogitdrawError,
  LogitsBuffer,
  type LogprobsOf,
  manualSeed,
  maskTopK,
  multinomial,
  type SampleOptions,
  Sampler,
  type SamplerOptions,
  type StageName,
  sampleBatch,
  softmax,
  type TokenLogprob,
  topK,
} from "logitdraw";

const order: StageName[] = ["logitBias", "temperature", "topK"];
const options: SamplerOptions = {
  vocabSize: 9,
  temperature: 0.8,
  topK: 40,
  topKTies: "exact",
  topP: 0.9,
  minP: 0.05,
  typicalP: 0.9,
  epsilonCutoff: 3e-4,
  etaCutoff: 3e-4,
  topH: 0.4,
  topA: 0.1,
  topNSigma: 1,
  tailFree: 0.9,
  pLess: "norm",
  minK: 3,
  minTokensToKeep: 2,
  xtc: { probability: 0.5, threshold: 0.1, protect: [1] },
  dynamicTemperature: { low: 0.5, high: 1.5, exponent: 1 },
  smoothing: { factor: 0.2, curve: 1.5 },
  mirostat: { version: 2, tau: 5, eta: 0.1, m: 100 },
  adaptiveP: { target: 0.3, decay: 0.9 },
  repetitionPenalty: 1.1,
  presencePenalty: 0.1,
  frequencyPenalty: 0.1,
  penaltyWindow: 64,
  penaltyScope: { repetition: "output" },
  dry: { multiplier: 0.8, base: 1.75, allowedLength: 2, window: 64, sequenceBreakers: [[1], [2, 3]] },
  noRepeatNgram: { size: 3, window: 64, exempt: [1] },
  badWords: [[1, 2]],
  logitBias: { 1: -2, 5: -Infinity },
  sequenceBias: [[[1, 2], -1.5]],
  allowedTokenIds: [1, 2, 3],
  prefixAllowedTokens: (history: Uint32Array) => [...history],
  suppressTokens: [4],
  beginSuppressTokens: [5],
  eosTokenId: [6, 7],
  minNewTokens: 1,
  maxNewTokens: 10,
  forcedBosTokenId: 1,
  forcedEosTokenId: 6,
  exponentialDecayLengthPenalty: [5, 1.1],
  thinkingBudget: { tokens: 9, start: [1], end: [2] },
  removeInvalidValues: true,
  order,
  generator: () => 0.5,
  seed: 2n ** 64n,
  sequence: 1,
};
const biases: SamplerOptions = { vocabSize: 9, logitBias: new Map([[1, -2]]), dynamicTemperature: { range: 0.5 } };
// @ts-expect-error: a typo in a stage's name does not compile
const typo: SamplerOptions = { vocabSize: 9, order: ["temprature"] };
// @ts-expect-error: neither does one in an option's
const wrong: SamplerOptions = { vocabSize: 9, temprature: 1 };

const logits: Float32Array = new Float32Array(9);
const half = new Uint16Array(9);
const of: LogprobsOf = "processed";
const call: SampleOptions = {
  dtype: "float16",
  mask: new Int32Array(1),
  guidance: { unconditional: half, scale: 1.5 },
};
try {
  using sampler = new Sampler(options);
  const token: number = sampler
    .prompt([1n, 2n] as const)
    .sync(BigInt64Array.of(1n, 2n, 3n))
    .sample(half, call);
  const best: TokenLogprob[] = sampler.sampleWithLogprobs(logits, { top: 5, of }).top;
  const own: TokenLogprob[] = sampler.logprobs(logits, { tokens: [token], top: 1 });
  const law: Float32Array = sampler.distribution(logits, { out: new Float32Array(9) });
  sampler.accept(best.length + own.length + law.length);
  sampler.rollback(1).update({ temperature: 0.2, topK: undefined, xtc: undefined });
  // @ts-expect-error: the seed cannot be updated
  sampler.update({ seed: 1 });
  const twin: Sampler = Sampler.restore(sampler.save());
  twin.clone({ seed: 1, sequence: 2n }).reset();
  const rows = new LogitsBuffer(9, 2);
  rows.data.set(logits, 9);
  sampler.sample(rows.row(1));
  const errors: (LogitdrawError | undefined)[] = [];
  const tokens: Uint32Array = sampleBatch([sampler, twin], rows, { errors, masks: [new Uint32Array(1), undefined] });
  bincount(tokens, { minLength: 3 });
} catch (error) {
  if (error instanceof LogitdrawError)
    console.log(error.code === "INVALID_OPTION", error.option, error.index, error.row);
}
manualSeed(1n);
const generator = new Generator({ algorithm: "numpy", seed: 2n ** 100n });
multinomial(softmax(maskTopK(logits, 3), { temperature: 2 }), 2, { replacement: true, generator });
console.log(argmax(logits), topK(logits, 2).indices, biases, typo, wrong, Generator.restore(generator.save()).random());
