import { describe, expect, test } from "vitest";
import { argmax, type Logits, LogitsBuffer, maskTopK, Sampler, type SamplerOptions, softmax } from "../src/index.js";
import { Float16Like, float16, NINE, refusal, row, vectors } from "./helpers.js";

const INF = Number.POSITIVE_INFINITY;

/** Draws `n` tokens from the same row. */
function draws(sampler: Sampler, logits: Logits, n: number): number[] {
  return Array.from({ length: n }, () => sampler.sample(logits));
}

describe("tokens", () => {
  test("greedy takes the largest logit, the first of equal ones", () => {
    const sampler = new Sampler({ vocabSize: 5, temperature: 0 });
    expect(draws(sampler, [1, 3, 3, 2, -INF], 3)).toEqual([1, 1, 1]);
    expect(new Sampler({ vocabSize: 1, temperature: 0 }).sample([-3.4e38])).toBe(0);
    for (const vocabSize of [1, 31, 32, 33, 1000, 32769]) {
      const logits = row(vocabSize);
      expect(new Sampler({ vocabSize, temperature: 0 }).sample(logits)).toBe(argmax(logits));
    }
  });

  test("only survivors are drawn, in proportion to their probabilities", () => {
    const sampler = new Sampler({ vocabSize: 9, temperature: 2, topK: 3, seed: 11 });
    const law = softmax(Float32Array.from(maskTopK(NINE, 3)), { temperature: 2 });
    const counts = new Uint32Array(9);
    for (const token of draws(sampler, NINE, 20_000)) counts[token] = (counts[token] as number) + 1;
    law.forEach((p, id) => {
      const error = Math.abs((counts[id] as number) - 20_000 * p);
      expect(error).toBeLessThanOrEqual(5 * Math.sqrt(20_000 * p * (1 - p)));
    });
    sampler.distribution(NINE).forEach((p, id) => {
      expect(p).toBeCloseTo(law[id] as number, 6);
    });
  });

  test("torch's generator draws torch's tokens", () => {
    const { logits, cases } = vectors("textbook");
    const [plain] = cases;
    const sampler = new Sampler({ vocabSize: 9, generator: "torch", seed: 123 });
    expect(draws(sampler, Float32Array.from(logits), 200)).toEqual(plain.first200);
  });

  test("a generator function is called once per draw and picks by the inverse CDF", () => {
    let calls = 0;
    const values = [0, 0.999_999, 0.5];
    const generator = () => values[calls++ % 3] as number;
    const sampler = new Sampler({ vocabSize: 4, generator });
    expect(draws(sampler, [0, 0, 0, 0], 3)).toEqual([0, 3, 2]);
    expect(calls).toBe(3);
    sampler.clone().sample([0, 0, 0, 0]);
    expect(calls).toBe(4);
    expect(refusal(() => sampler.sample([0, Number.NaN, 0, 0]))).toEqual({ code: "INVALID_LOGITS", index: 1 });
    expect(calls).toBe(4);
  });

  test("a generator function's result is checked, and its errors pass through", () => {
    for (const bad of [1, -0.1, Number.NaN, INF, "0.5", undefined, null, 1n]) {
      const sampler = new Sampler({ vocabSize: 2, generator: () => bad as number });
      expect(refusal(() => sampler.sample([0, 0]))).toEqual({ code: "INVALID_OPTION", option: "generator" });
      expect([sampler.step, sampler.history.length]).toEqual([0, 0]);
    }
    const sampler = new Sampler({
      vocabSize: 2,
      generator: () => {
        throw new RangeError("mine");
      },
    });
    expect(() => sampler.sample([0, 0])).toThrow(RangeError);
    expect(sampler.step).toBe(0);
  });

  test("a generator function may draw from another sampler", () => {
    const inner = new Sampler({ vocabSize: 40, temperature: 0 });
    const outer = new Sampler({ vocabSize: 40, generator: () => inner.sample(row(40, 9)) / 40 });
    const plain = new Sampler({ vocabSize: 40, generator: () => argmax(row(40, 9)) / 40 });
    expect(draws(outer, row(40), 3)).toEqual(draws(plain, row(40), 3));
  });
});

describe("a prefix constraint", () => {
  const allowed: number[][] = [[1, 2, 7], [4], [0]];
  const make = () =>
    new Sampler({ vocabSize: 9, seed: 5, prefixAllowedTokens: (history) => allowed[history.length] as number[] });

  test("limits draws to its ids, and with a mask to ids that both allow", () => {
    const sampler = make();
    const p = sampler.distribution(NINE);
    expect([...p.keys()].filter((id) => (p[id] as number) > 0)).toEqual([1, 2, 7]);
    expect(sampler.clone().sample(NINE, { mask: Uint32Array.of(0b110) })).toBeLessThan(3);
    expect(allowed[0]).toContain(sampler.sample(Float32Array.from(NINE)));
    expect([sampler.sample(NINE), sampler.clone().sample(NINE), sampler.sample(NINE)]).toEqual([4, 0, 0]);
  });

  test("is refused if it allows nothing, returns bad ids or is not a function", () => {
    const mask = Uint32Array.of(1 << 3);
    expect(refusal(() => make().sample(NINE, { mask })).code).toBe("NO_TOKEN_LEFT");
    for (const [ids, code] of [
      [[], "NO_TOKEN_LEFT"],
      [[1, 9], "INVALID_TOKEN"],
      [[1, -1], "INVALID_TOKEN"],
      [null, "INVALID_TOKEN"],
      ["12", "INVALID_TOKEN"],
    ] as const) {
      const sampler = new Sampler({ vocabSize: 9, prefixAllowedTokens: () => ids as readonly number[] });
      expect(refusal(() => sampler.sample(NINE)).code).toBe(code);
      expect(sampler.step).toBe(0);
    }
    const forgetful = new Sampler({ vocabSize: 9, prefixAllowedTokens: () => undefined as never });
    expect(() => forgetful.sample(NINE)).toThrow("what prefixAllowedTokens returns must be an array, not undefined");
    for (const prefixAllowedTokens of [null, 5, "x", [1]] as never[]) {
      const call = () => new Sampler({ vocabSize: 9, prefixAllowedTokens });
      expect(refusal(call)).toEqual({ code: "INVALID_OPTION", option: "prefixAllowedTokens" });
    }
  });

  test("with a mask that ends before the vocabulary allows nothing past its end", () => {
    const sampler = new Sampler({ vocabSize: 77, prefixAllowedTokens: () => [2, 5, 40, 76] });
    const p = sampler.distribution(new Float32Array(77), { mask: Uint32Array.of(0b100110) });
    expect([...p.keys()].filter((id) => (p[id] as number) > 0)).toEqual([2, 5]);
  });
});

describe("input", () => {
  const vocabSize = 77;
  const exact = Float32Array.from({ length: vocabSize }, (_, i) => ((i * 37) % 64) / 8 - 4);
  const options = { vocabSize, temperature: 0.7, topK: 20, seed: 5 };
  const expected = draws(new Sampler(options), exact, 30);

  test("numbers, float32, float16 and bfloat16 bits give the same tokens", () => {
    expect(draws(new Sampler(options), Array.from(exact), 30)).toEqual(expected);
    const half = Uint16Array.from(exact, float16);
    const brain = Uint16Array.from(new Uint32Array(exact.buffer), (bits) => bits >>> 16);
    for (const [bits, dtype] of [
      [half, "float16"],
      [brain, "bfloat16"],
    ] as const) {
      const sampler = new Sampler(options);
      expect(Array.from({ length: 30 }, () => sampler.sample(bits, { dtype }))).toEqual(expected);
    }
    const sampler = new Sampler(options);
    const like = new Float16Like(half.buffer);
    expect(Array.from({ length: 30 }, () => sampler.sample(like))).toEqual(expected);
  });

  test("the caller's array is unchanged, and a subarray is read from its own offset", () => {
    const large = new Float32Array(vocabSize + 9).fill(99);
    large.set(exact, 5);
    const view = large.subarray(5, 5 + vocabSize);
    expect(draws(new Sampler({ ...options, minP: 0.01 }), view, 30).length).toBe(30);
    expect(draws(new Sampler(options), view, 30)).toEqual(expected);
    expect([...large.subarray(5, 5 + vocabSize)]).toEqual([...exact]);
    expect(large[4]).toBe(99);
  });

  test("a mask allows the ids of its set bits and nothing past its end", () => {
    const mask = new Uint32Array(3);
    for (const id of [3, 40, 76]) mask[id >>> 5] = (mask[id >>> 5] as number) | (1 << (id & 31));
    const sampler = new Sampler({ vocabSize, seed: 1 });
    const flat = new Float32Array(vocabSize);
    const seen = new Set(Array.from({ length: 200 }, () => sampler.sample(flat, { mask })));
    expect([...seen].sort((a, b) => a - b)).toEqual([3, 40, 76]);
    const short = new Int32Array([-1, 1 << 31, -1]).subarray(1, 2);
    expect(sampler.sample(exact, { mask: short })).toBe(31);
    const p = sampler.distribution(exact, { mask: short });
    expect(p[31]).toBe(1);
    expect(sampler.sample(exact, { mask: new Uint32Array([0, 0, 1, 7, 7]) })).toBe(64);
    for (const none of [new Uint32Array(3), new Uint32Array(0)]) {
      expect(refusal(() => sampler.sample(exact, { mask: none })).code).toBe("NO_TOKEN_LEFT");
    }
  });

  test("the extremes of float32 are valid logits", () => {
    const sampler = new Sampler({ vocabSize: 4, seed: 3 });
    expect(sampler.sample([-3.4e38, 3.4e38, -INF, 1e-45])).toBe(1);
    expect(sampler.sample([-INF, -INF, -3.4e38, -INF])).toBe(2);
  });
});

describe("state", () => {
  test("seed, sequence, step and history are readable, and reset starts over", () => {
    const sampler = new Sampler({ vocabSize: 9, seed: -(2n ** 63n), sequence: 2n ** 64n - 1n });
    expect([sampler.seed, sampler.sequence, sampler.step, sampler.vocabSize]).toEqual([
      -(2n ** 63n),
      2n ** 64n - 1n,
      0,
      9,
    ]);
    expect(sampler.prompt([1, 2]).prompt(BigInt64Array.of(8n)).prompt(Uint32Array.of(0))).toBe(sampler);
    const token = sampler.sample(NINE);
    sampler.accept(5);
    expect([...sampler.history]).toEqual([1, 2, 8, 0, token, 5]);
    expect(sampler.step).toBe(2);
    sampler.history[0] = 7;
    expect(sampler.history[0]).toBe(1);
    sampler.reset();
    expect([sampler.step, sampler.history.length]).toEqual([0, 0]);
    expect(sampler.sample(NINE)).toBe(token);
  });

  test("a random seed is readable and repeats the draws", () => {
    const sampler = new Sampler({ vocabSize: 500 });
    const logits = row(500, 1, 1);
    const again = new Sampler({ vocabSize: 500, seed: sampler.seed });
    expect(draws(again, logits, 20)).toEqual(draws(sampler, logits, 20));
    expect(new Sampler({ vocabSize: 500 }).seed).not.toBe(sampler.seed);
  });

  test.each(["philox", "torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp"] as const)(
    "a clone continues the draws and reset repeats them: %s",
    (generator) => {
      const logits = row(300, 2, 1);
      const sampler = new Sampler({ vocabSize: 300, generator, seed: 9 });
      const first = draws(sampler, logits, 10);
      const clone = sampler.clone();
      expect([...clone.history]).toEqual(first);
      const next = draws(sampler, logits, 10);
      expect(draws(clone, logits, 10)).toEqual(next);
      const other = sampler.clone({ seed: 10n });
      expect([other.seed, other.step]).toEqual([10n, 20]);
      expect(draws(other, logits, 10)).not.toEqual(next);
      sampler.reset();
      expect(draws(sampler, logits, 20)).toEqual([...first, ...next]);
    },
  );

  test("options of clone are checked", () => {
    const sampler = new Sampler({ vocabSize: 9, generator: "llama.cpp", seed: 1 });
    for (const seed of [-1, 1.5, "1", null]) {
      expect(refusal(() => sampler.clone({ seed: seed as number }))).toEqual({
        code: "INVALID_OPTION",
        option: "seed",
      });
    }
    for (const sequence of [-1, 2n ** 64n, 1]) {
      expect(refusal(() => sampler.clone({ sequence }))).toEqual({ code: "INVALID_OPTION", option: "sequence" });
    }
    const philox = new Sampler({ vocabSize: 9, seed: 1 });
    for (const sequence of [-1, -5n, 2n ** 64n, 1.5]) {
      expect(refusal(() => philox.clone({ sequence }))).toEqual({ code: "INVALID_OPTION", option: "sequence" });
    }
    expect(refusal(() => sampler.clone({ sed: 1 } as object))).toEqual({ code: "UNKNOWN_OPTION", option: "sed" });
  });

  test("distribution writes to out and leaves the sampler unchanged", () => {
    const sampler = new Sampler({ vocabSize: 9, seed: 4, topP: 0.9 });
    const twin = sampler.clone();
    const out = new Float32Array(9);
    expect(sampler.distribution(NINE, { out })).toBe(out);
    expect(sampler.distribution(NINE)).toEqual(out);
    expect(out.reduce((sum, p) => sum + p)).toBeCloseTo(1, 6);
    expect(draws(sampler, NINE, 10)).toEqual(draws(twin, NINE, 10));
    expect(refusal(() => sampler.distribution(NINE, { out: new Float32Array(8) }))).toEqual({
      code: "WRONG_LENGTH",
      option: "out",
    });
    const wrong = new Float64Array(9) as unknown as Float32Array;
    expect(refusal(() => sampler.distribution(NINE, { out: wrong }))).toEqual({
      code: "INVALID_OPTION",
      option: "out",
    });
  });

  test("a thousand samplers of one vocabSize share the memory of a row", () => {
    const vocabSize = 100_003;
    const logits = row(vocabSize);
    const first = new Sampler({ vocabSize, topK: 40, seed: 1 });
    const other = new LogitsBuffer(1);
    const bytes = () => other.data.buffer.byteLength;
    first.sample(logits);
    const before = bytes();
    const all = Array.from({ length: 1000 }, (_, sequence) => new Sampler({ vocabSize, topK: 40, seed: 1, sequence }));
    for (const sampler of all) sampler.sample(logits);
    expect(bytes() - before).toBeLessThan(2e6);
    for (const sampler of all) sampler.free();
  });

  test("freeing the last sampler of a vocabSize frees the memory of its row", () => {
    const probe = new LogitsBuffer(1);
    const cycle = (vocabSize: number) => {
      const sampler = new Sampler({ vocabSize, temperature: 0 });
      const logits = new Float32Array(vocabSize);
      logits[vocabSize - 1] = 1;
      expect(sampler.sample(logits)).toBe(vocabSize - 1);
      sampler.free();
    };
    for (let i = 0; i < 3; i++) cycle(200_000 + i);
    const before = probe.data.buffer.byteLength;
    for (let i = 0; i < 50; i++) cycle(200_000 - i);
    expect(probe.data.buffer.byteLength).toBe(before);
  });

  test("after free every call throws FREED, and a second free does nothing", () => {
    const make = () => new Sampler({ vocabSize: 9 });
    const sampler = make();
    const scoped = make();
    {
      using same = scoped;
      same.sample(NINE);
    }
    expect(refusal(() => scoped.step)).toEqual({ code: "FREED" });
    sampler.free();
    sampler.free();
    sampler[Symbol.dispose]();
    const calls = [
      () => sampler.sample(NINE),
      () => sampler.sample(Float32Array.from(NINE)),
      () => sampler.distribution(NINE),
      () => sampler.prompt([1]),
      () => sampler.accept(1),
      () => sampler.reset(),
      () => sampler.clone(),
      () => sampler.sample(NINE, { guidance: { unconditional: NINE, scale: 2 } }),
      () => sampler.sampleWithLogprobs(NINE),
      () => sampler.logprobs(NINE, { top: 1 }),
      () => sampler.sync([1]),
      () => sampler.rollback(0),
      () => sampler.update({}),
      () => sampler.save(),
      () => sampler.seed,
      () => sampler.sequence,
      () => sampler.step,
      () => sampler.history,
    ];
    for (const call of calls) expect(refusal(call)).toEqual({ code: "FREED" });
    // No member of the class is missing above.
    const known = ["constructor", "vocabSize", "free"];
    const names = Object.getOwnPropertyNames(Sampler.prototype).filter((name) => !known.includes(name));
    const text = calls.map(String).join("\n");
    for (const name of names) expect(text).toContain(`.${name}`);
    expect(sampler.vocabSize).toBe(9);
  });

  test("16-bit logits and masks are read correctly after a vocabSize was freed and used again", () => {
    const bits = Uint16Array.from({ length: 4096 }, (_, i) => float16(i % 50));
    const mask = new Uint32Array(128).fill(1);
    for (let i = 0; i < 5; i++) {
      const sampler = new Sampler({ vocabSize: 4096, seed: i });
      const plain = new Sampler({ vocabSize: 4096, seed: i });
      const floats = Float32Array.from({ length: 4096 }, (_, i) => i % 50);
      expect(sampler.sample(bits, { dtype: "float16", mask })).toBe(plain.sample(floats, { mask }));
      sampler.free();
      plain.free();
      // Puts something else where the scratch was.
      new LogitsBuffer(1000 + i, 3).data.fill(i);
    }
  });

  test("unreferenced samplers are garbage-collected, a buffer with a live view is not", async () => {
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const bytes = () => new LogitsBuffer(1).data.buffer.byteLength;
    const before = bytes();
    const views: Float32Array[] = [];
    for (let round = 0; round < 20; round++) {
      const view = new LogitsBuffer(10_000, 2).data;
      view.fill(round);
      views.push(view);
      // Each has a size of its own, since samplers of one size share most of their memory.
      for (let i = 0; i < 100; i++) new Sampler({ vocabSize: 5000 + 100 * round + i });
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    views.forEach((view, round) => {
      expect(view.length === 0 || view.every((x) => x === round)).toBe(true);
    });
    // Growing memory detaches views, but not those made afterwards.
    expect(views.some((view) => view.length > 0)).toBe(true);
    // All 2,000 samplers together would take 1.5 GB.
    expect(bytes() - before).toBeLessThan(150e6);
  });
});

test("numpy accepts seeds beyond 64 bits and refuses negative ones", () => {
  expect(new Sampler({ vocabSize: 9, generator: "numpy", seed: 2n ** 300n }).seed).toBe(2n ** 300n);
  const options: SamplerOptions = { vocabSize: 9, generator: "numpy", seed: -1 };
  expect(refusal(() => new Sampler(options))).toEqual({ code: "INVALID_OPTION", option: "seed" });
});

test("a prefix constraint that writes to its history changes only its own copy", () => {
  const prefixAllowedTokens = (history: Uint32Array) => [...history.fill(8), 1];
  const sampler = new Sampler({ vocabSize: 9, prefixAllowedTokens }).prompt([1, 2]);
  sampler.sample(new Float32Array(9));
  expect([...sampler.history.subarray(0, 2)]).toEqual([1, 2]);
});

test("topKTies decides whether tokens equal to the k-th stay, and removeInvalidValues what invalid ones count as", () => {
  const law = (options: object, logits: number[]) => [
    ...new Sampler({ vocabSize: 4, seed: 1, ...options }).distribution(logits),
  ];
  expect(law({ topK: 1 }, [0, 3, 3, 1])).toEqual([0, 0.5, 0.5, 0]);
  expect(law({ topK: 1, topKTies: "exact" }, [0, 3, 3, 1])).toEqual([0, 1, 0, 0]);
  const invalid = [Number.NaN, 0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  expect(law({ removeInvalidValues: true }, invalid)).toEqual([0.5, 0.5, 0, 0]);
  expect(law({ removeInvalidValues: true }, [1, Number.POSITIVE_INFINITY, 2, 3])).toEqual([0, 1, 0, 0]);
});
