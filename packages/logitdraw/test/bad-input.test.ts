// A refused call leaves no trace: neither history nor generator moves.

import { expect, test } from "vitest";
import { type Logits, LogitsBuffer, Sampler, type SamplerOptions } from "../src/index.js";
import { detach, NINE, REMEMBERING, refusal } from "./helpers.js";

const INF = Number.POSITIVE_INFINITY;
const floats = (...values: number[]) => Float32Array.from(values);
const nine = Float32Array.from(NINE);
const swap = (index: number, value: number) => nine.map((x, i) => (i === index ? value : x));

const ROWS: [string, unknown, object][] = [
  ["NaN first", swap(0, Number.NaN), { code: "INVALID_LOGITS", index: 0 }],
  ["NaN last", swap(8, Number.NaN), { code: "INVALID_LOGITS", index: 8 }],
  ["+Infinity", swap(4, INF), { code: "INVALID_LOGITS", index: 4 }],
  ["NaN before +Infinity", floats(1, 2, Number.NaN, 3, INF, 4, 5, 6, 7), { code: "INVALID_LOGITS", index: 2 }],
  ["NaN among plain numbers", [1, 2, Number.NaN, 4, 5, 6, 7, 8, 9], { code: "INVALID_LOGITS", index: 2 }],
  ["above float32", [1, 2, 3, 1e39, 5, 6, 7, 8, 9], { code: "INVALID_LOGITS", index: 3 }],
  ["below float32", [1, 2, 3, -1e39, 5, 6, 7, 8, 9], { code: "INVALID_LOGITS", index: 3 }],
  ["a string among plain numbers", [1, "2", 3, 4, 5, 6, 7, 8, 9], { code: "INVALID_LOGITS", index: 1 }],
  // biome-ignore lint/suspicious/noSparseArray: what is tested
  ["a hole among plain numbers", [1, , 3, 4, 5, 6, 7, 8, 9], { code: "INVALID_LOGITS", index: 1 }],
  ["every token masked", floats(...NINE.map(() => -INF)), { code: "NO_TOKEN_LEFT", index: 0 }],
  ["too short", nine.subarray(0, 8), { code: "WRONG_LENGTH", index: 8 }],
  ["too long", floats(...NINE, 1), { code: "WRONG_LENGTH", index: 9 }],
  ["an empty Float32Array", floats(), { code: "WRONG_LENGTH", index: 0 }],
  ["an empty array", [], { code: "WRONG_LENGTH", index: 0 }],
  ["a detached array", detach(new Float32Array(9)), { code: "WRONG_LENGTH", index: 0 }],
  ["null", null, { code: "INVALID_LOGITS" }],
  ["undefined", undefined, { code: "INVALID_LOGITS" }],
  ["a string", "123456789", { code: "INVALID_LOGITS" }],
  ["a number", 9, { code: "INVALID_LOGITS" }],
  ["an object", { length: 9 }, { code: "INVALID_LOGITS" }],
  ["a Float64Array", Float64Array.from(NINE), { code: "INVALID_LOGITS" }],
  ["an Int32Array", new Int32Array(9), { code: "INVALID_LOGITS" }],
  ["a DataView", new DataView(new ArrayBuffer(36)), { code: "INVALID_LOGITS" }],
  ["an ArrayBuffer", new ArrayBuffer(36), { code: "INVALID_LOGITS" }],
  ["16 bits without a dtype", new Uint16Array(9), { code: "INVALID_OPTION", option: "dtype" }],
  ["a buffer instead of its row", new LogitsBuffer(9), { code: "INVALID_LOGITS" }],
  ["a row of another vocabSize", new LogitsBuffer(8).row(0), { code: "WRONG_LENGTH" }],
  [
    "a row index outside the buffer",
    { buffer: new LogitsBuffer(9), index: 1 },
    { code: "INVALID_OPTION", option: "index" },
  ],
  ["a row of a freed buffer", freedRow(), { code: "FREED" }],
];

function freedRow() {
  const buffer = new LogitsBuffer(9);
  const row = buffer.row(0);
  buffer.free();
  return row;
}

const KINDS: [string, Partial<SamplerOptions>][] = [
  ["philox", {}],
  ["philox, topK", { topK: 5 }],
  ["greedy", { temperature: 0 }],
  ["torch", { generator: "torch" }],
  ["torch-mkl", { generator: "torch-mkl" }],
  ["numpy", { generator: "numpy" }],
  ["numpy-legacy", { generator: "numpy-legacy" }],
  ["llama.cpp", { generator: "llama.cpp", topP: 0.9, order: "llama.cpp" }],
  ["a generator function", { generator: () => 0.3 }],
];

test.each(KINDS)("bad logits leave the sampler unchanged: %s", (_, options) => {
  const sampler = new Sampler({ vocabSize: 9, seed: 1, ...options });
  const twin = sampler.clone();
  for (const [name, logits, error] of ROWS) {
    expect(
      refusal(() => sampler.sample(logits as Logits)),
      name,
    ).toEqual(error);
    expect(
      refusal(() => sampler.distribution(logits as Logits)),
      name,
    ).toEqual(error);
    for (const of of ["raw", "processed"] as const) {
      expect(
        refusal(() => sampler.sampleWithLogprobs(logits as Logits, { of, top: 2 })),
        name,
      ).toEqual(error);
      // This draws nothing, so only the logits themselves can be refused.
      expect(
        refusal(() => sampler.logprobs(logits as Logits, { of, top: 2 })),
        name,
      ).toEqual(error);
    }
    expect([sampler.step, sampler.history.length]).toEqual([0, 0]);
  }
  for (let i = 0; i < 20; i++) {
    refusal(() => sampler.sample(swap(i % 9, Number.NaN)));
    expect(sampler.sample(nine)).toBe(twin.sample(nine));
  }
});

const REQUESTS: [object, object][] = [
  [{ dtype: "float16" }, { code: "INVALID_OPTION", option: "dtype" }],
  [{ dtype: "int8" }, { code: "INVALID_OPTION", option: "dtype" }],
  [{ dtype: null }, { code: "INVALID_OPTION", option: "dtype" }],
  [{ mask: [1] }, { code: "INVALID_OPTION", option: "mask" }],
  [{ mask: null }, { code: "INVALID_OPTION", option: "mask" }],
  [{ mask: new Uint8Array(2) }, { code: "INVALID_OPTION", option: "mask" }],
  [{ maks: new Uint32Array(1) }, { code: "UNKNOWN_OPTION", option: "maks" }],
];

test("bad options of a draw leave the sampler unchanged", () => {
  const sampler = new Sampler({ vocabSize: 9, seed: 1 });
  for (const [options, error] of REQUESTS) {
    expect(refusal(() => sampler.sample(nine, options))).toEqual(error);
    expect(refusal(() => sampler.distribution(nine, options))).toEqual(error);
    expect(refusal(() => sampler.sampleWithLogprobs(nine, options))).toEqual(error);
    expect(refusal(() => sampler.logprobs(nine, options))).toEqual(error);
  }
  for (const options of [null, 5, "x"]) {
    const call = () => sampler.sample(nine, options as unknown as object);
    expect(refusal(call)).toEqual({ code: "INVALID_OPTION", option: "options" });
  }
  expect(() => sampler.sample(nine, { maks: 1 } as object)).toThrow("did you mean mask?");
  expect(sampler.step).toBe(0);
});

test("prompt and accept record nothing if a token is bad", () => {
  const sampler = new Sampler({ vocabSize: 9, seed: 1 });
  for (const bad of [9, -1, 1.5, Number.NaN, "1", null, undefined, 2 ** 32, 2 ** 32 + 1, 2n ** 40n, -1n]) {
    expect(refusal(() => sampler.prompt([1, 2, bad as number]))).toEqual({ code: "INVALID_TOKEN", index: 2 });
  }
  for (const bad of [9, -1, 1.5, Number.NaN, "1", null, undefined, 2 ** 32]) {
    expect(refusal(() => sampler.accept(bad as number))).toEqual({ code: "INVALID_TOKEN" });
  }
  for (const bad of [null, undefined, 5, "12", {}, { length: -1 }, { length: 1.5 }, { length: "1" }]) {
    expect(refusal(() => sampler.prompt(bad as unknown as number[]))).toEqual({ code: "INVALID_TOKEN" });
  }
  expect([sampler.step, sampler.history.length]).toEqual([0, 0]);
});

test("the error for a bad option names the option", () => {
  const bad: [string, unknown[]][] = [
    ["vocabSize", [undefined, 0, -1, 1.5, Number.NaN, INF, "9", null, 2 ** 31 + 1, 9n, [9], {}]],
    ["temperature", [-1, Number.NaN, INF, 1e39, "1", null, true, [1], {}, 1n]],
    ["topK", [-1, 1.5, Number.NaN, "5", null, true]],
    ["topKTies", ["all", "", 1, null, true]],
    ["topP", [-0.1, 1.1, Number.NaN, "1", null]],
    ["minP", [-0.1, 1.1, Number.NaN, "1", null]],
    ["minTokensToKeep", [0, 10, 1.5, Number.NaN, null]],
    ["order", ["hf", "", null, 5, ["topK", "topK"], ["temprature"], [5], ["topK", 5]]],
    ["generator", ["mt19937", "", null, 5, {}, [], true, false]],
    ["seed", [-0, 1.5, Number.NaN, 2 ** 60, "1", null, 2n ** 64n, true]],
    ["sequence", [-0, -1, 1.5, Number.NaN, "1", null, 2n ** 64n]],
    ["suppressTokens", [1, "1", null, {}, new DataView(new ArrayBuffer(4)), new ArrayBuffer(4)]],
  ];
  for (const [option, values] of bad) {
    for (const value of values) {
      const call = () => new Sampler({ vocabSize: 9, [option]: value } as unknown as SamplerOptions);
      expect(refusal(call), `${option}: ${String(value)}`).toMatchObject({ code: "INVALID_OPTION", option });
    }
  }
  for (const options of [undefined, null, 9, "x"]) {
    const call = () => new Sampler(options as unknown as SamplerOptions);
    expect(refusal(call)).toEqual({ code: "INVALID_OPTION", option: "options" });
  }
});

test("the error for a bad element of an option's list names the first one's index", () => {
  const pairs = (...list: unknown[]) => ({ sequenceBias: [[[1], 1], ...list] });
  for (const [options, index] of [
    [{ suppressTokens: [1, 2, -1] }, 2],
    [{ allowedTokenIds: ["3", 1] }, 0],
    [{ allowedTokenIds: ["3", "4"] }, 0],
    [{ allowedTokenIds: [[1], 2] }, 0],
    [{ badWords: [[1], [2], [-1]] }, 2],
    [{ badWords: [[1], 2] }, 1],
    [{ badWords: ["3", [1]] }, 0],
    [{ badWords: [5, [1]] }, 0],
    [pairs([[3, 1.5], 1]), 1],
    [pairs([[2], 1, 1]), 1],
    [pairs([[2], "1"]), 1],
    [pairs(3), 1],
    [{ sequenceBias: ["3", [[1], 1]] }, 0],
    [{ exponentialDecayLengthPenalty: ["1", 2] }, 0],
    [{ exponentialDecayLengthPenalty: [1, "2"] }, 1],
    [{ order: [5, "topK"] }, 0],
    [{ order: ["topK", 5] }, 1],
    [{ logitBias: { 1: 1, "02": 1 } }, 1],
    [{ logitBias: { 1: 1, x: 1 } }, 1],
  ] as [object, number][]) {
    const option = Object.keys(options)[0] as string;
    const error = refusal(() => new Sampler({ vocabSize: 9, ...options }));
    expect(error, JSON.stringify(options)).toEqual({ code: "INVALID_OPTION", option, index });
  }
});

test("a vocabulary too large for memory throws OUT_OF_MEMORY, and the next sampler works", () => {
  const lists = { allowedTokenIds: [2, 1], forcedEosTokenId: [3, 1], maxNewTokens: 9, suppressTokens: [1, 2] };
  for (const options of [...Object.values(REMEMBERING), lists]) {
    expect(refusal(() => new Sampler({ ...options, vocabSize: 2 ** 31 }))).toEqual({ code: "OUT_OF_MEMORY" });
  }
  expect(refusal(() => new LogitsBuffer(2 ** 20, 2 ** 20))).toEqual({ code: "OUT_OF_MEMORY" });
  expect(new Sampler({ vocabSize: 9, temperature: 0 }).sample(nine)).toBe(3);
});
