import { describe, expect, test, vi } from "vitest";
import { argmax, bincount, Generator, manualSeed, maskTopK, multinomial, softmax, topK } from "../src/index.js";
import { NINE, refusal, row, vectors } from "./helpers.js";

type Case = { V: number; input: string; dtype: string };

const BAD = [Number.NaN, Number.POSITIVE_INFINITY];

describe("the textbook's experiment", () => {
  const file = vectors("textbook");
  for (const { T, top_k: k, counts, first200, last5 } of file.cases) {
    test(`temperature ${T}, top-k ${k}: draws torch's tokens`, () => {
      manualSeed(123);
      const probabilities = softmax(k > 0 ? maskTopK(file.logits, k) : file.logits, { temperature: T });
      const tokens = Uint32Array.from({ length: 1000 }, () => multinomial(probabilities, 1)[0] as number);
      expect([...bincount(tokens, { minLength: 9 })]).toEqual(counts);
      expect([...tokens.subarray(0, 200)]).toEqual(first200);
      expect([...tokens.subarray(995)]).toEqual(last5);
    });
  }
});

describe("multinomial", () => {
  test("draws torch's tokens: one at a time, with and without replacement", () => {
    // Torch's logits, up to a constant.
    const logits = (vocabSize: number) => Array.from({ length: vocabSize }, (_, i) => ((7919 * i + 13) % 4096) / 256);
    const { cases } = vectors("multinomial");
    const known = cases.filter(({ input, dtype }: Case) => input === "logits" && dtype === "float32");
    expect(known).toHaveLength(6);
    for (const { V, T, top_k: k, seed, draws200, replacement200, no_replacement: distinct } of known) {
      const probabilities = softmax(k > 0 ? maskTopK(logits(V), k) : logits(V), { temperature: T });
      const draw = (count: number, replacement = false) => [...multinomial(probabilities, count, { replacement })];
      manualSeed(seed);
      expect(Array.from({ length: 200 }, () => draw(1)[0])).toEqual(draws200);
      manualSeed(seed);
      // The sum of so many float32s depends on how torch vectorises it.
      if (V < 50_257) expect(draw(200, true)).toEqual(replacement200);
      manualSeed(seed);
      expect(draw(distinct.length)).toEqual(distinct);
    }
  });

  test("draws the tokens of numpy's choice with numpy's generators", () => {
    const file = vectors("numpy");
    for (const [list, algorithm] of [
      ["default_rng", "numpy"],
      ["RandomState", "numpy-legacy"],
    ] as const) {
      for (const { seed, choice50 } of file[list]) {
        using generator = new Generator({ algorithm, seed: BigInt(seed) });
        expect([...multinomial(file.p, 50, { replacement: true, generator })]).toEqual(choice50);
      }
    }
  });

  test("draws the tokens of llama.cpp's dist with its generator", () => {
    const file = vectors("llama_cpp");
    using generator = new Generator({ algorithm: "llama.cpp", seed: 123 });
    expect([...multinomial(softmax(file.logits), 300, { replacement: true, generator })]).toEqual(file.dist_new_300);
  });

  test("accepts float32, float64 and plain numbers", () => {
    manualSeed(7);
    const plain = multinomial([0.25, 0.5, 0.25], 20, { replacement: true });
    manualSeed(7);
    expect(multinomial(Float32Array.of(0.25, 0.5, 0.25), 20, { replacement: true })).toEqual(plain);
    expect(multinomial(Float64Array.of(0, 1, 0), 3, { replacement: true })).toEqual(Uint32Array.of(1, 1, 1));
    expect(multinomial([0, 3, 0, 5], 2).sort()).toEqual(Uint32Array.of(1, 3));
  });

  // 1e-60 is 0 in float32.
  test("draws from float64 in float64; plain numbers are float32 only with torch's generators", () => {
    const refused = { code: "INVALID_PROBABILITIES" };
    for (const algorithm of ["philox", "torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp"] as const) {
      const draw = (probs: Float32Array | Float64Array | number[]) => [
        ...multinomial(probs, 1, { generator: new Generator({ algorithm, seed: 1 }) }),
      ];
      expect(draw(Float64Array.of(0, 1e-60)), algorithm).toEqual([1]);
      if (algorithm.startsWith("torch"))
        expect(
          refusal(() => draw([0, 1e-60])),
          algorithm,
        ).toEqual(refused);
      else expect(draw([0, 1e-60]), algorithm).toEqual([1]);
    }
  });

  test("refuses bad probabilities and options and leaves the generator unchanged", () => {
    using generator = new Generator({ algorithm: "torch", seed: 1 });
    const before = generator.save();
    const draw = (probs: unknown, n: unknown = 1, options: object = {}) =>
      refusal(() => multinomial(probs as number[], n as number, { generator, ...options }));
    const code = "INVALID_PROBABILITIES";
    expect(draw([0.5, -0.5])).toEqual({ code, index: 1 });
    for (const bad of [...BAD, Number.NEGATIVE_INFINITY]) expect(draw([0.5, 1, bad])).toEqual({ code, index: 2 });
    expect(draw([0.5, "x"])).toEqual({ code, index: 1 });
    for (const none of [[], [0, 0], null, undefined, "x", 3, {}, new Int32Array(2)])
      expect(draw(none)).toEqual({ code });
    expect(draw([1, 1, 0], 3)).toEqual({ code });
    for (const n of [0, -1, 1.5, Number.NaN, "3", null, 2 ** 32]) {
      expect(draw([1], n)).toEqual({ code: "INVALID_OPTION", option: "numSamples" });
    }
    expect(draw([1], 1, { replacement: 1 })).toEqual({ code: "INVALID_OPTION", option: "replacement" });
    expect(draw([1], 1, { replacment: true })).toEqual({ code: "UNKNOWN_OPTION", option: "replacment" });
    expect(draw([1], 1, { generator: {} })).toEqual({ code: "INVALID_OPTION", option: "generator" });
    expect(generator.save()).toEqual(before);
  });

  test("manualSeed accepts numbers and bigints and refuses seeds out of range", () => {
    const draw = (seed: number | bigint) => {
      manualSeed(seed);
      return [...multinomial(softmax(row(100)), 20)];
    };
    expect(draw(5n)).toEqual(draw(5));
    expect(draw(-1)).toEqual(draw(2n ** 64n - 1n));
    const bads: unknown[] = [1.5, Number.NaN, 2 ** 60, "5", null, undefined, 2n ** 64n, -(2n ** 63n) - 1n];
    for (const bad of bads) {
      expect(refusal(() => manualSeed(bad as number))).toEqual({ code: "INVALID_OPTION", option: "seed" });
    }
  });

  test("without manualSeed, the generator has a random seed", async () => {
    const draws = async () => {
      vi.resetModules();
      await import("./setup.js");
      const fresh = await import("../src/index.js");
      return [...fresh.multinomial(new Float32Array(100).fill(1), 20, { replacement: true })];
    };
    expect(await draws()).not.toEqual(await draws());
  });
});

describe("argmax, softmax, topK, maskTopK", () => {
  test("return the expected values", () => {
    expect(argmax(NINE)).toBe(3);
    expect(argmax([1, 3, 3])).toBe(1);
    expect([...softmax([0, 0, 0, Number.NEGATIVE_INFINITY])].map((p) => p.toFixed(4))).toEqual([
      "0.3333",
      "0.3333",
      "0.3333",
      "0.0000",
    ]);
    expect(softmax(NINE, { temperature: 0 })[3]).toBe(1);
    expect(topK(NINE, 3)).toEqual({ values: Float32Array.of(6.75, 6.28, 4.51), indices: Uint32Array.of(3, 7, 0) });
    expect([...topK([1, 2, 2, 2], 2).indices]).toEqual([1, 2]);
    expect([...maskTopK([1, 2, 2, 0], 1)]).toEqual([Number.NEGATIVE_INFINITY, 2, 2, Number.NEGATIVE_INFINITY]);
  });

  test("accept float32 and plain numbers and leave the array unchanged", () => {
    const floats = Float32Array.from(NINE);
    const copy = floats.slice();
    expect(softmax(floats, { temperature: 2 })).toEqual(softmax(NINE, { temperature: 2 }));
    expect(maskTopK(floats, 2)).toEqual(maskTopK(NINE, 2));
    expect(topK(floats, 2)).toEqual(topK(NINE, 2));
    expect(argmax(floats)).toBe(argmax(NINE));
    expect(floats).toEqual(copy);
  });

  test("refuse bad logits and name the index", () => {
    for (const call of [argmax, softmax, (x: number[]) => topK(x, 1), (x: number[]) => maskTopK(x, 1)]) {
      const refuse = (logits: unknown) => refusal(() => call(logits as number[]));
      for (const bad of BAD) expect(refuse([1, 2, bad, 3])).toEqual({ code: "INVALID_LOGITS", index: 2 });
      for (const bad of [1e39, -1e39, "1", null, undefined, 1n]) {
        expect(refuse([1, bad])).toEqual({ code: "INVALID_LOGITS", index: 1 });
      }
      for (const none of [[], null, undefined, {}, "1,2", 5, new Float64Array(2), new DataView(new ArrayBuffer(8))]) {
        expect(refuse(none)).toEqual({ code: "INVALID_LOGITS" });
      }
      expect(refuse(new Uint16Array(2))).toEqual({ code: "INVALID_OPTION", option: "dtype" });
    }
    for (const call of [argmax, softmax]) {
      const masked = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
      expect(refusal(() => call(masked))).toEqual({ code: "NO_TOKEN_LEFT", index: 0 });
    }
  });

  test("refuse bad options", () => {
    for (const temperature of [-1, Number.NaN, Number.POSITIVE_INFINITY, "1", null]) {
      const call = () => softmax(NINE, { temperature: temperature as number });
      expect(refusal(call)).toEqual({ code: "INVALID_OPTION", option: "temperature" });
    }
    expect(refusal(() => softmax(NINE, { temprature: 1 } as object))).toEqual({
      code: "UNKNOWN_OPTION",
      option: "temprature",
    });
    expect(() => softmax(NINE, { temprature: 1 } as object)).toThrow("did you mean temperature?");
    for (const k of [0, 10, -1, 1.5, Number.NaN, "2", null, undefined]) {
      expect(refusal(() => topK(NINE, k as number))).toEqual({ code: "INVALID_OPTION", option: "k" });
      expect(refusal(() => maskTopK(NINE, k as number))).toEqual({ code: "INVALID_OPTION", option: "k" });
    }
  });
});

describe("bincount", () => {
  test("counts tokens and pads to minLength", () => {
    expect([...bincount([3, 0, 3], { minLength: 5 })]).toEqual([1, 0, 0, 2, 0]);
    expect([...bincount(Uint32Array.of(2, 2))]).toEqual([0, 0, 2]);
    expect([...bincount({ length: 2, 0: 1, 1: 0 })]).toEqual([1, 1]);
    expect([...bincount([])]).toEqual([]);
  });

  test("refuses bad tokens and a bad minLength", () => {
    for (const bad of [-1, 1.5, Number.NaN, "1", null, 2 ** 32]) {
      expect(refusal(() => bincount([0, bad as number]))).toEqual({ code: "INVALID_TOKEN", index: 1 });
    }
    for (const none of [null, undefined, 5, "12"]) {
      expect(refusal(() => bincount(none as unknown as number[]))).toEqual({ code: "INVALID_TOKEN" });
    }
    expect(refusal(() => bincount([1], { minLength: -1 }))).toEqual({ code: "INVALID_OPTION", option: "minLength" });
    expect(refusal(() => bincount([2 ** 32 - 1]))).toEqual({ code: "OUT_OF_MEMORY" });
  });
});
