import { describe, expect, test, vi } from "vitest";
import { Generator, type GeneratorName, Sampler } from "../src/index.js";
import { refusal, vectors } from "./helpers.js";

const ALL: readonly GeneratorName[] = ["philox", "torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp"];

const stream = (generator: Generator, n = 5) => Array.from({ length: n }, () => generator.random());

test("random returns numpy's and llama.cpp's own doubles", () => {
  const file = vectors("numpy");
  for (const { seed, random } of file.default_rng) {
    expect(stream(new Generator({ algorithm: "numpy", seed: BigInt(seed) }), random.length)).toEqual(random);
  }
  for (const { seed, random_sample } of file.RandomState) {
    const generator = new Generator({ algorithm: "numpy-legacy", seed });
    expect(stream(generator, random_sample.length)).toEqual(random_sample);
  }
  const llama = vectors("llama_cpp");
  expect(stream(new Generator({ algorithm: "llama.cpp", seed: 123 }), 6)).toEqual(llama.uniform6);
});

describe.each(ALL)("%s", (algorithm) => {
  test("repeats its numbers for the same seed", () => {
    const generator = new Generator({ algorithm, seed: 7 });
    expect(generator.algorithm).toBe(algorithm);
    const first = stream(generator, 700);
    expect(first.every((u) => u >= 0 && u < 1)).toBe(true);
    generator.manualSeed(8n);
    expect(stream(generator)).not.toEqual(first.slice(0, 5));
    generator.manualSeed(7);
    expect(stream(generator, 700)).toEqual(first);
  });

  test("continues with the same numbers when restored or cloned", () => {
    const generator = new Generator({ algorithm, seed: 3 });
    stream(generator, 11);
    const [restored, clone] = [Generator.restore(generator.save()), generator.clone()];
    const next = stream(generator, 700);
    expect(stream(restored, 700)).toEqual(next);
    expect(stream(clone, 700)).toEqual(next);
    expect(restored.algorithm).toBe(algorithm);
  });

  test("refuses altered and truncated states", () => {
    const state = new Generator({ algorithm, seed: 3 }).save();
    for (let i = 0; i < state.length; i += Math.ceil(state.length / 40)) {
      const altered = state.slice();
      altered[i] = (altered[i] as number) ^ 4;
      expect(refusal(() => Generator.restore(altered))).toEqual({ code: "INVALID_STATE" });
      expect(refusal(() => Generator.restore(state.slice(0, i)))).toEqual({ code: "INVALID_STATE" });
    }
    for (const bad of [null, undefined, "x", [1], new Uint16Array(4)]) {
      expect(refusal(() => Generator.restore(bad as unknown as Uint8Array))).toEqual({ code: "INVALID_STATE" });
    }
  });

  test("takes a random seed if none is given", () => {
    expect(stream(new Generator({ algorithm }))).not.toEqual(stream(new Generator({ algorithm })));
  });
});

test("llama.cpp's marker for a random seed (2^32 - 1) is never chosen as the seed", () => {
  const ones = vi.spyOn(globalThis.crypto, "getRandomValues").mockImplementation((words) => {
    (words as unknown as Uint32Array).fill(0xffffffff);
    return words;
  });
  try {
    expect(new Sampler({ vocabSize: 2, generator: "llama.cpp" }).seed).toBe(2n ** 32n - 2n);
    expect(new Sampler({ vocabSize: 2, generator: "philox" }).seed).toBe(2n ** 64n - 1n);
    expect(new Sampler({ vocabSize: 2, generator: "numpy" }).seed).toBe(2n ** 128n - 1n);
  } finally {
    ones.mockRestore();
  }
});

test("options out of range are refused, such as seeds and sequences of each algorithm", () => {
  const make = (algorithm: string, seed: unknown, sequence?: unknown) => () =>
    new Generator({ algorithm: algorithm as GeneratorName, seed: seed as number, sequence: sequence as number }).free();
  const good: [string, bigint][] = [
    ["philox", 2n ** 64n - 1n],
    ["philox", -(2n ** 63n)],
    ["torch", -1n],
    ["numpy", 2n ** 200n],
    ["numpy-legacy", 2n ** 32n - 1n],
    ["llama.cpp", 2n ** 32n - 2n],
  ];
  for (const [algorithm, seed] of good) make(algorithm, seed)();
  const bad: [string, unknown][] = [
    ["philox", 2n ** 64n],
    ["torch", -(2n ** 63n) - 1n],
    ["numpy", -1],
    ["numpy-legacy", 2n ** 32n],
    ["llama.cpp", 2n ** 32n - 1n],
    ["philox", 0.5],
    ["philox", Number.MAX_VALUE],
    ["philox", "1"],
    ["philox", null],
  ];
  for (const [algorithm, seed] of bad) {
    expect(refusal(make(algorithm, seed))).toEqual({ code: "INVALID_OPTION", option: "seed" });
  }
  make("philox", 1, 2n ** 64n - 1n)();
  for (const sequence of [-1, 2n ** 64n, 1.5, "0"]) {
    expect(refusal(make("philox", 1, sequence))).toEqual({ code: "INVALID_OPTION", option: "sequence" });
  }
  expect(refusal(make("torch", 1, 1))).toEqual({ code: "INVALID_OPTION", option: "sequence" });
  for (const name of ["Philox", "", 5, null]) {
    expect(refusal(make(name as string, 1))).toEqual({ code: "INVALID_OPTION", option: "algorithm" });
  }
  expect(refusal(() => new Generator({ sed: 1 } as object))).toEqual({ code: "UNKNOWN_OPTION", option: "sed" });
  expect(refusal(() => new Generator(null as unknown as object))).toEqual({
    code: "INVALID_OPTION",
    option: "options",
  });
});

test("a refused seed leaves the generator unchanged", () => {
  const generator = new Generator({ algorithm: "llama.cpp", seed: 1 });
  const twin = generator.clone();
  expect(refusal(() => generator.manualSeed(-1))).toEqual({ code: "INVALID_OPTION", option: "seed" });
  expect(stream(generator)).toEqual(stream(twin));
});

test("after free every call throws FREED, and a second free does nothing", () => {
  const generator = new Generator({ seed: 1 });
  generator[Symbol.dispose]();
  expect(refusal(() => generator.random())).toEqual({ code: "FREED" });
  generator.free();
  const calls = [
    () => generator.random(),
    () => generator.algorithm,
    () => generator.save(),
    () => generator.clone(),
    () => generator.manualSeed(1),
  ];
  for (const call of calls) expect(refusal(call)).toEqual({ code: "FREED" });
});
