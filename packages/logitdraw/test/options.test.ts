// Options by the thousand: those in range make a sampler that draws survivors, those out of range an error that names the option. A
// refused call never draws anything.

import fc from "fast-check";
import { expect, test } from "vitest";
import { LogitdrawError, Sampler, type SamplerOptions } from "../src/index.js";
import { refusal, row } from "./helpers.js";

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Gives an option only now and then, so that most samplers have a few strategies rather than all of them. */
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, { arbitrary: value, weight: 1 });
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const unit = real(0, 1);
const id = fc.nat({ max: 9 });
const ids = fc.array(id, { maxLength: 4 });
const some = fc.array(id, { minLength: 1, maxLength: 3 });
const scope = maybe(fc.constantFrom("all" as const, "output" as const));

/** Each option's range, as documented. Vocabularies have at least ten tokens. */
const RANGES: {
  [Name in Exclude<keyof SamplerOptions, "vocabSize" | "mirostat" | "forcedEosTokenId">]-?: fc.Arbitrary<unknown>;
} = {
  temperature: fc.oneof(real(0, 100), fc.constantFrom(0, 1e-40, 3.4e38)),
  dynamicTemperature: fc.record({ range: real(0, 5), exponent: maybe(real(0, 3)) }),
  smoothing: fc.record({ factor: real(0, 3), curve: maybe(real(1, 3)) }),
  topK: fc.nat({ max: 400 }),
  topKTies: fc.constantFrom("keep", "exact"),
  topP: unit,
  minP: unit,
  typicalP: unit,
  epsilonCutoff: unit,
  etaCutoff: unit,
  topH: unit,
  topA: unit,
  topNSigma: real(0, 5),
  tailFree: unit,
  pLess: fc.constantFrom(true, false, "norm"),
  minK: real(0, 50),
  minTokensToKeep: fc.integer({ min: 1, max: 10 }),
  xtc: fc.record({ probability: unit, threshold: unit, protect: maybe(ids) }),
  adaptiveP: fc.record({ target: real(-2, 2), decay: maybe(real(-1, 2)) }),
  repetitionPenalty: real(0.1, 5),
  presencePenalty: real(-5, 5),
  frequencyPenalty: real(-5, 5),
  penaltyWindow: fc.nat({ max: 100 }),
  penaltyScope: fc.record({ repetition: scope, frequencyPresence: scope }),
  dry: fc.record({
    multiplier: real(0, 3),
    base: maybe(real(1, 3)),
    allowedLength: maybe(fc.nat({ max: 5 })),
    window: maybe(fc.nat({ max: 50 })),
    sequenceBreakers: maybe(fc.array(some, { maxLength: 3 })),
  }),
  noRepeatNgramSize: fc.constantFrom(0, 3, 4),
  noRepeatNgram: fc.constant(undefined),
  badWords: fc.array(fc.tuple(id, id), { maxLength: 3 }),
  logitBias: fc.oneof(
    fc.dictionary(id.map(String), real(-5, 5)),
    fc.array(fc.tuple(id, real(-5, 5))).map((pairs) => new Map(pairs)),
  ),
  sequenceBias: fc.array(fc.tuple(some, real(-5, 5)), { maxLength: 3 }),
  allowedTokenIds: fc.uniqueArray(id, { minLength: 8 }),
  prefixAllowedTokens: fc.constant(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  suppressTokens: fc.constantFrom([], [0], [0, 1]),
  beginSuppressTokens: fc.constantFrom([], [2]),
  eosTokenId: fc.oneof(fc.constant(3), fc.constant([3, 4])),
  minNewTokens: fc.constant(undefined),
  maxNewTokens: fc.integer({ min: 1, max: 100 }),
  forcedBosTokenId: fc.constant(undefined),
  exponentialDecayLengthPenalty: fc.constant(undefined),
  thinkingBudget: fc.record({ tokens: fc.nat({ max: 20 }), start: fc.constant([0, 0, 0, 0]), end: fc.constant([9]) }),
  removeInvalidValues: fc.boolean(),
  order: fc.constantFrom("transformers", "llama.cpp", "vllm"),
  generator: fc.constantFrom("philox", "torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp", () => 0.25),
  seed: fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 32n - 2n })),
  sequence: fc.constant(0),
};

const good = fc.record({
  vocabSize: fc.integer({ min: 10, max: 300 }),
  ...(Object.fromEntries(Object.entries(RANGES).map(([name, range]) => [name, seldom(range)])) as Record<
    string,
    fc.Arbitrary<unknown>
  >),
}) as fc.Arbitrary<unknown> as fc.Arbitrary<SamplerOptions>;

test("every combination of options in range draws a token that distribution allows", () => {
  const property = fc.property(good, fc.integer(), fc.constantFrom(0.01, 1, 5, 1e37), (options, seed, spread) => {
    using sampler = new Sampler(options);
    const logits = row(options.vocabSize, seed, spread);
    for (let step = 1; step <= 3; step++) {
      // XTC tosses its coin at the step itself, so the law mixes both of its sides.
      const law = sampler.distribution(logits);
      expect(law.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
      const token = sampler.sample(logits);
      // A probability that underflows to 0 in float32 is not impossible, but too small to be drawn in three tries.
      expect(law[token]).toBeGreaterThan(0);
      expect([sampler.step, sampler.history.length]).toEqual([step, step]);
    }
  });
  fc.assert(property, { numRuns: 3000 });
});

const anything = fc.anything({
  withBigInt: true,
  withTypedArray: true,
  withMap: true,
  withSet: true,
  withDate: true,
  withNullPrototype: true,
});
const names = ["vocabSize", "mirostat", "forcedEosTokenId", ...Object.keys(RANGES)];
const groups: Record<string, string[]> = {
  xtc: ["probability", "threshold", "protect"],
  dynamicTemperature: ["range", "low", "high", "exponent"],
  smoothing: ["factor", "curve"],
  mirostat: ["version", "tau", "eta", "m"],
  adaptiveP: ["target", "decay"],
  penaltyScope: ["repetition", "frequencyPresence"],
  dry: ["multiplier", "base", "allowedLength", "window", "sequenceBreakers"],
  noRepeatNgram: ["size", "window", "exempt"],
  thinkingBudget: ["tokens", "start", "end"],
};

/** Checks that a call succeeds, or throws an error of this package that names the option (or one that it needs, or that excludes it). */
function outcome(call: () => unknown, name: string): void {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(LogitdrawError);
    const { code, option } = error as LogitdrawError;
    if (code === "OUT_OF_MEMORY") return;
    expect(["INVALID_OPTION", "UNKNOWN_OPTION"]).toContain(code);
    // Options that are valid by themselves but not together.
    if (code === "INVALID_OPTION" && option === "temperature") return;
    expect(option === name || option?.startsWith(`${name}.`), `${name}: ${option}`).toBe(true);
  }
}

test("the constructor and update accept any value of an option or name the option in an error", () => {
  const sampler = new Sampler({ vocabSize: 9, seed: 1 });
  const property = fc.property(fc.constantFrom(...names), anything, (name, value) => {
    // Large vocabularies are allowed, but they take gigabytes and are slow.
    if (name === "vocabSize" && typeof value === "number" && value > 1e6) return;
    outcome(() => new Sampler({ vocabSize: 9, [name]: value } as SamplerOptions).free(), name);
    using other = sampler.clone();
    outcome(() => other.update({ [name]: value } as object), name);
    expect(other.history.length).toBe(0);
  });
  fc.assert(property, { numRuns: 10_000 });
});

test("the constructor accepts any value of a part of an option or names the option in an error", () => {
  const parts = Object.entries(groups).flatMap(([group, parts]) => parts.map((part) => [group, part] as const));
  const property = fc.property(fc.constantFrom(...parts), anything, ([group, part], value) => {
    outcome(() => new Sampler({ vocabSize: 9, [group]: { [part]: value } } as SamplerOptions).free(), group);
  });
  fc.assert(property, { numRuns: 10_000 });
});

test("unknown options and unknown parts of options throw UNKNOWN_OPTION", () => {
  const other = fc.string({ minLength: 1 }).filter((name) => !names.includes(name) && name !== "__proto__");
  const sampler = new Sampler({ vocabSize: 9, seed: 1 });
  const property = fc.property(other, anything, fc.constantFrom(...Object.keys(groups)), (name, value, group) => {
    if (value === undefined) return;
    const options = { [name]: value } as object;
    const unknown = (call: () => unknown) => expect(refusal(call).code).toBe("UNKNOWN_OPTION");
    unknown(() => new Sampler({ vocabSize: 9, ...options }));
    unknown(() => sampler.update(options));
    if (!(groups[group] as string[]).includes(name)) unknown(() => sampler.update({ [group]: options } as object));
  });
  fc.assert(property, { numRuns: 3000 });
  for (const value of [1, "x", true, {}, [], null, () => 1, { a: 1 }]) {
    expect(refusal(() => new Sampler({ vocabSize: 9, nonsense: value } as SamplerOptions)).code).toBe("UNKNOWN_OPTION");
  }
});

test("dotted names are refused as unknown options", () => {
  for (const name of ["xtc.probability", "temperature.x", "a.b"]) {
    const refused = { code: "UNKNOWN_OPTION", option: name };
    expect(refusal(() => new Sampler({ vocabSize: 4, [name]: 1 }))).toEqual(refused);
    expect(refusal(() => new Sampler({ vocabSize: 4 }).update({ [name]: 1 }))).toEqual(refused);
  }
});

test("an object that refers to itself is refused like any other", () => {
  const cycle: Record<string, unknown> = {};
  cycle.cycle = cycle;
  const make = (options: object) => () => new Sampler({ vocabSize: 9, ...options });
  expect(refusal(make({ xtc: cycle }))).toEqual({ code: "UNKNOWN_OPTION", option: "xtc.cycle" });
  expect(refusal(make({ model: cycle }))).toEqual({ code: "UNKNOWN_OPTION", option: "model.cycle" });
  expect(refusal(make({ logitBias: cycle })).code).toBe("INVALID_OPTION");
  expect(refusal(make({ xtc: { probability: cycle } }))).toEqual({ code: "INVALID_OPTION", option: "xtc.probability" });
});

test("a misspelt option, or part of one, is answered with the nearest name", () => {
  for (const [options, near] of [
    [{ xtc: { probabilty: 1 } }, "xtc.probability"],
    [{ dry: { multiplyer: 1 } }, "dry.multiplier"],
    [{ repetition_penalty: 1 }, "repetitionPenalty"],
    [{ prefixAllowedToken: () => [1] }, "prefixAllowedTokens"],
    [{ top_k: 1 }, "topK"],
    [{ temprature: 1 }, "temperature"],
    [{ minp: 1 }, "minP"],
    [{ vocabsize: 1 }, "vocabSize"],
  ] as const) {
    const call = () => new Sampler({ vocabSize: 9, ...options } as SamplerOptions);
    const [name, value] = Object.entries(options)[0] as [string, object];
    const option = near.includes(".") ? `${name}.${Object.keys(value)[0]}` : name;
    expect(refusal(call)).toEqual({ code: "UNKNOWN_OPTION", option });
    expect(call).toThrow(`did you mean ${near}?`);
  }
});

/** Returns the message of the error that options cause. */
const message = (options: object) => {
  try {
    new Sampler({ vocabSize: 10, ...options });
  } catch (error) {
    return (error as LogitdrawError).message;
  }
  return "";
};

test("messages write ranges and values in readable notation", () => {
  for (const [options, said] of [
    [{ temperature: -1 }, "temperature must be from 0 to 3.4e38, not -1"],
    [{ presencePenalty: 1e39 }, "presencePenalty must be from -3.4e38 to 3.4e38, not 1e39"],
    [{ topP: 2 }, "topP must be from 0 to 1, not 2"],
    [{ repetitionPenalty: 0 }, "repetitionPenalty must be above 0, at most 3.4e38, not 0"],
    [{ minTokensToKeep: 11 }, "minTokensToKeep must be from 1 to 10, not 11"],
    [{ seed: 2n ** 64n }, "a seed of philox is an integer in [-2^63, 2^64); this one is 18446744073709551616"],
    [
      { generator: "numpy", seed: -12345678901234567890123n },
      "a seed of numpy is an integer >= 0; this one is -12345678901234567890123",
    ],
    [{ order: "huggingface" }, 'unknown order "huggingface": transformers, llama.cpp or vllm'],
  ] as const) {
    expect(message(options)).toBe(said);
  }
});

test("messages state the type an option must have, or the bad token id of a list", () => {
  for (const list of [[0.8], [5], [], ["0.8"], [[1]], Float32Array.of(0.8)]) {
    expect(message({ temperature: list })).toBe("temperature must be a number");
  }
  expect(message({ topK: 1e300 })).toBe("topK must be an integer from 0 to 2^53");
  expect(message({ topK: 1.5 })).toBe("topK must be an integer from 0 to 2^53");
  expect(message({ suppressTokens: [1, -1] })).toBe("suppressTokens must hold token ids, not -1");
  expect(message({ logitBias: { 3: 1, hello: -2 } })).toBe(
    'logitBias must map token ids to numbers, not "hello" to -2',
  );
  for (const eosTokenId of [2 ** 32, 2 ** 40, -1, 1.5])
    expect(message({ eosTokenId })).toBe(`eosTokenId must hold token ids, not ${eosTokenId}`);
  expect(message({ eosTokenId: 10 })).toBe("eosTokenId holds 10, outside the vocabulary of 10");
});

test("only options for end tokens accept a number instead of a list", () => {
  const one = (options: object) => () => new Sampler({ vocabSize: 5, ...options });
  expect(one({ eosTokenId: 3, maxNewTokens: 1, forcedEosTokenId: 3 })).not.toThrow();
  for (const name of ["allowedTokenIds", "suppressTokens", "beginSuppressTokens"]) {
    expect(one({ [name]: 3 })).toThrow(`${name} must be a list of token ids`);
  }
  expect(one({ xtc: { probability: 1, threshold: 0.1, protect: 3 } })).toThrow(
    "xtc.protect must be a list of token ids",
  );
  expect(one({ noRepeatNgram: { size: 1, exempt: 3 } })).toThrow("noRepeatNgram.exempt must be a list of token ids");
  expect(one({ thinkingBudget: { tokens: 1, start: 1, end: [2] } })).toThrow("thinkingBudget.start must be a list of");
});

test("a dynamic temperature with a range of 0 is off", () => {
  const options: SamplerOptions = {
    vocabSize: 2,
    temperature: 0.5,
    logitBias: { 1: 1 },
    order: ["temperature", "logitBias", "dynamicTemperature"],
  };
  const law = (more: Partial<SamplerOptions>) => new Sampler({ ...options, ...more }).distribution([0, 0]);
  const dynamicTemperature = { range: 0 };
  expect(law({ dynamicTemperature })).toEqual(law({}));
  expect(law({ dynamicTemperature, order: ["temperature", "logitBias"] })).toEqual(law({}));
  expect(law({ dynamicTemperature, temperature: 0 })).toEqual(Float32Array.of(0, 1));
});
