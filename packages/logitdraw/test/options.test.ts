// Options by the thousand: those in range give a sampler that draws survivors, those out of it an error that names the option.

import fc from "fast-check";
import { expect, test } from "vitest";
import { LogitdrawError, Sampler, type SamplerOptions } from "../src/index.js";
import { refusal, row } from "./helpers.js";

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const stages = ["temperature", "topK", "topP", "minP"] as const;

const good = fc.record({
  vocabSize: fc.integer({ min: 1, max: 300 }),
  temperature: maybe(fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(0, 1e-40, 3.4e38))),
  topK: maybe(fc.nat({ max: 400 })),
  topKTies: maybe(fc.constantFrom("keep" as const, "exact" as const)),
  topP: maybe(unit),
  minP: maybe(unit),
  order: maybe(
    fc.oneof(
      fc.constantFrom("transformers" as const, "llama.cpp" as const, "vllm" as const),
      fc.shuffledSubarray([...stages], { minLength: 4 }),
    ),
  ),
  generator: maybe(fc.constantFrom("philox" as const, () => 0.25)),
  seed: maybe(fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }))),
});

test("every combination in range draws a token that the distribution allows", () => {
  const property = fc.property(good, fc.integer(), fc.constantFrom(0.01, 1, 5, 1e37), (options, seed, spread) => {
    using sampler = new Sampler(options as SamplerOptions);
    const logits = row(options.vocabSize, seed, spread);
    const law = sampler.distribution(logits);
    expect(law.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
    for (let i = 0; i < 3; i++) {
      const token = sampler.sample(logits);
      // An underflow to 0 in float32 is no impossibility, but none of these is drawn in three tries.
      expect(law[token]).toBeGreaterThan(0);
    }
    expect([sampler.step, sampler.history.length]).toEqual([3, 3]);
  });
  fc.assert(property, { numRuns: 1000 });
});

const anything = fc.anything({ withBigInt: true, withTypedArray: true, withMap: true, withSet: true, withDate: true });
const names = [
  "vocabSize",
  "temperature",
  "topK",
  "topKTies",
  "topP",
  "minP",
  "minTokensToKeep",
  "order",
  "seed",
  "sequence",
];

test("whatever an option is given, it is taken or refused by name", () => {
  const property = fc.property(fc.constantFrom(...names, "generator"), anything, (name, value) => {
    try {
      new Sampler({ vocabSize: 9, [name]: value } as SamplerOptions).free();
    } catch (error) {
      expect(error).toBeInstanceOf(LogitdrawError);
      const { code, option } = error as LogitdrawError;
      // Parts of an option that has none are unknown ones.
      if (code === "UNKNOWN_OPTION") expect(option?.startsWith(`${name}.`)).toBe(true);
      else if (code !== "OUT_OF_MEMORY") expect([code, option]).toEqual(["INVALID_OPTION", name]);
    }
  });
  fc.assert(property, { numRuns: 5000 });
});

test("no other name is taken", () => {
  const other = fc.string({ minLength: 1 }).filter((name) => ![...names, "generator"].includes(name));
  const property = fc.property(other, anything, (name, value) => {
    if (value === undefined) return;
    const options = Object.fromEntries([
      ["vocabSize", 9],
      [name, value],
    ]);
    expect(refusal(() => new Sampler(options as unknown as SamplerOptions)).code).toBe("UNKNOWN_OPTION");
  });
  fc.assert(property, { numRuns: 1000 });
});

test("undefined is absent", () => {
  const options = { vocabSize: 9, temperature: undefined, nonsense: undefined, seed: 1 };
  expect(new Sampler(options).sample(row(9))).toBe(new Sampler({ vocabSize: 9, seed: 1 }).sample(row(9)));
});
