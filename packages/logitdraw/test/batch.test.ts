import { describe, expect, test } from "vitest";
import { type BatchOptions, type LogitdrawError, LogitsBuffer, Sampler, sampleBatch } from "../src/index.js";
import { float16, REMEMBERING, refusal, row } from "./helpers.js";

const V = 120;
const N = 7;
const OPTIONS = { vocabSize: V, temperature: 0.9, topK: 30, seed: 21 };

const batch = (n = N) => Array.from({ length: n }, (_, sequence) => new Sampler({ ...OPTIONS, sequence }));
const logits = row(N * V, 4);
const rowOf = (b: number) => logits.subarray(b * V, (b + 1) * V);
const singly = (samplers: readonly Sampler[]) => Uint32Array.from(samplers, (sampler, b) => sampler.sample(rowOf(b)));

describe("a batch", () => {
  test("draws the same tokens as single calls", () => {
    const [together, apart] = [batch(), batch()];
    for (let step = 0; step < 5; step++) expect(sampleBatch(together, logits)).toEqual(singly(apart));
    together.forEach((sampler, b) => {
      expect(sampler.history).toEqual(apart[b]?.history);
      expect(sampler.step).toBe(5);
    });
  });

  test("reads 16-bit rows", () => {
    const bits = Uint16Array.from(logits, float16);
    const [together, apart] = [batch(), batch()];
    const expected = apart.map((sampler, b) => sampler.sample(bits.subarray(b * V, (b + 1) * V), { dtype: "float16" }));
    expect([...sampleBatch(together, bits, { dtype: "float16" })]).toEqual(expected);
    expect(refusal(() => sampleBatch(together, bits))).toEqual({ code: "INVALID_OPTION", option: "dtype" });
  });

  test("finds rows by rowOffset and rowStride, such as the last position of [B, T, V]", () => {
    const T = 3;
    const all = new Float32Array(N * T * V).fill(Number.NaN);
    for (let b = 0; b < N; b++) all.set(rowOf(b), (b * T + T - 1) * V);
    const expected = singly(batch());
    const where = { rowOffset: (T - 1) * V, rowStride: T * V };
    expect(sampleBatch(batch(), all, where)).toEqual(expected);
    const buffer = new LogitsBuffer(V, N * T);
    buffer.data.set(all);
    expect(sampleBatch(batch(), buffer, where)).toEqual(expected);
    const one = batch().map((sampler) => sampler.sample(rowOf(0)));
    expect([...sampleBatch(batch(), rowOf(0), { rowStride: 0 })]).toEqual(one);
  });

  test("accepts extra logits after the last row if rowOffset or rowStride is given", () => {
    const longer = new Float32Array(N * V + 40).fill(Number.NaN);
    longer.set(logits);
    const expected = singly(batch());
    expect(sampleBatch(batch(), longer, { rowOffset: 0 })).toEqual(expected);
    expect(sampleBatch(batch(), longer, { rowStride: V })).toEqual(expected);
    expect(sampleBatch(batch(), longer.copyWithin(40, 0, N * V), { rowOffset: 40 })).toEqual(expected);
  });

  test("applies one mask per row", () => {
    const masks = Array.from({ length: N }, (_, b) => (b % 2 ? Uint32Array.of(1 << b) : undefined));
    const tokens = sampleBatch(batch(), logits, { masks });
    const expected = batch().map((sampler, b) => sampler.sample(rowOf(b), { mask: masks[b] }));
    expect([...tokens]).toEqual(expected);
    expect(tokens[3]).toBe(3);
  });

  test("writes to out", () => {
    const out = new Uint32Array(N);
    expect(sampleBatch(batch(), logits, { out })).toBe(out);
    expect(out).toEqual(singly(batch()));
  });

  test("may be empty", () => {
    const none = new Uint32Array(0);
    expect(sampleBatch([], new Float32Array(0))).toEqual(none);
    expect(sampleBatch([], new Float32Array(0), { rowOffset: 5, rowStride: 9 })).toEqual(none);
    expect(refusal(() => sampleBatch([], new Float32Array(1)))).toEqual({ code: "WRONG_LENGTH", index: 0 });
  });
});

describe("failures and callbacks of a batch", () => {
  const bad = logits.slice();
  bad[3 * V + 17] = Number.NaN;

  test.each(["philox", "numpy", "numpy-legacy", "llama.cpp", "torch"] as const)(
    "a bad row leaves all samplers and out unchanged: %s",
    (generator) => {
      const make = () => Array.from({ length: N }, (_, b) => new Sampler({ vocabSize: V, generator, seed: b }));
      const [samplers, fresh] = [make(), make()];
      const out = new Uint32Array(N).fill(77);
      const error = { code: "INVALID_LOGITS", index: 17, row: 3 };
      for (let i = 0; i < 3; i++) expect(refusal(() => sampleBatch(samplers, bad, { out }))).toEqual(error);
      expect(out).toEqual(new Uint32Array(N).fill(77));
      expect(samplers.map(({ step, history }) => step + history.length)).toEqual(new Array(N).fill(0));
      expect(sampleBatch(samplers, logits)).toEqual(singly(fresh));
    },
  );

  test("a batch refused from a buffer can be drawn after its bad row is replaced", () => {
    const buffer = new LogitsBuffer(V, N);
    buffer.data.set(bad);
    const samplers = batch();
    expect(refusal(() => sampleBatch(samplers, buffer)).row).toBe(3);
    expect(buffer.data).toEqual(bad);
    buffer.data.set(rowOf(3), 3 * V);
    expect(sampleBatch(samplers, buffer)).toEqual(singly(batch()));
  });

  test("a buffer of longer rows is refused unless rowStride is given", () => {
    const buffer = new LogitsBuffer(V + 5, N);
    for (let row = 0; row < N; row++) buffer.data.set(rowOf(row), row * (V + 5));
    expect(refusal(() => sampleBatch(batch(), buffer))).toEqual({ code: "WRONG_LENGTH" });
    expect(sampleBatch(batch(), buffer, { rowStride: V + 5 })).toEqual(singly(batch()));
  });

  test("an error thrown by a generator function leaves all samplers unchanged", () => {
    const samplers = batch();
    samplers[4] = new Sampler({
      vocabSize: V,
      generator: () => {
        throw new RangeError("mine");
      },
    });
    expect(() => sampleBatch(samplers, logits)).toThrow(RangeError);
    expect(samplers.map(({ step }) => step)).toEqual(new Array(N).fill(0));
  });

  test("a generator function that frees a sampler fails the batch and leaves the others unchanged", () => {
    const samplers = batch();
    const free = () => {
      samplers[1]?.free();
      return 0.5;
    };
    samplers[4] = new Sampler({ vocabSize: V, generator: free });
    expect(refusal(() => sampleBatch(samplers, logits))).toEqual({ code: "FREED", row: 1 });
    samplers[1] = batch()[1] as Sampler;
    samplers[4] = batch()[4] as Sampler;
    expect(samplers.map(({ step }) => step)).toEqual(new Array(N).fill(0));
    expect(sampleBatch(samplers, logits)).toEqual(singly(batch()));
  });

  const MOVES: [string, (sampler: Sampler) => unknown][] = [
    ["sample", (sampler) => sampler.sample(rowOf(1))],
    ["a refused sample", (sampler) => refusal(() => sampler.sample(bad.subarray(3 * V, 4 * V)))],
    ["sampleWithLogprobs", (sampler) => sampler.sampleWithLogprobs(rowOf(1))],
    ["sampleBatch", (sampler) => sampleBatch([sampler], rowOf(1))],
    ["a refused sampleBatch", (sampler) => refusal(() => sampleBatch([sampler], bad.subarray(3 * V, 4 * V)))],
    ["prompt", (sampler) => sampler.prompt([1])],
    ["accept", (sampler) => sampler.accept(1)],
    ["sync", (sampler) => sampler.sync([...sampler.history, 1])],
    ["update", (sampler) => sampler.update({ temperature: 0.5 })],
    ["rollback", (sampler) => sampler.rollback(1)],
    ["reset", (sampler) => sampler.reset()],
  ];

  test.each(MOVES)("a generator function that changes an earlier sampler fails that row: %s", (_, move) => {
    const make = () => {
      const samplers = batch();
      for (const sampler of samplers) sampler.accept(2);
      samplers[4] = new Sampler({
        vocabSize: V,
        generator: () => {
          move(samplers[1] as Sampler);
          return 0.5;
        },
      });
      return samplers;
    };
    const samplers = make();
    expect(refusal(() => sampleBatch(samplers, logits))).toEqual({ code: "INVALID_STATE", row: 1 });
    expect(samplers.filter((_, b) => b !== 1).map(({ step }) => step)).toEqual([1, 1, 1, 0, 1, 1]);

    const errors: (LogitdrawError | undefined)[] = [];
    const others = make();
    const tokens = sampleBatch(others, logits, { errors });
    expect(errors.map((error) => error && [error.code, error.row])).toEqual([
      undefined,
      ["INVALID_STATE", 1],
      ...new Array(N - 2).fill(undefined),
    ]);
    expect(tokens[1]).toBe(0xffffffff);
    for (const [b, sampler] of others.entries()) if (b !== 1) expect(sampler.history.at(-1)).toBe(tokens[b]);
  });

  test("a sampler listed twice is refused even if a nested batch draws it in between", () => {
    const make = () => {
      const samplers = batch();
      const inner = () => {
        sampleBatch([samplers[1] as Sampler], rowOf(1));
        return 0.5;
      };
      samplers[3] = new Sampler({ vocabSize: V, generator: inner });
      return [...samplers.slice(0, 5), samplers[1] as Sampler, samplers[6] as Sampler];
    };
    expect(refusal(() => sampleBatch(make(), logits))).toEqual({ code: "INVALID_STATE", row: 1 });
    const errors: (LogitdrawError | undefined)[] = [];
    const samplers = make();
    const tokens = sampleBatch(samplers, logits, { errors });
    expect(errors.map((error) => error?.row)).toEqual([undefined, 1, ...new Array(5).fill(undefined)]);
    expect(samplers[5]?.history.at(-1)).toBe(tokens[5]);
    expect(samplers[5]?.step).toBe(2);
  });

  test("a generator function may read any sampler and change those not yet drawn", () => {
    const [samplers, fresh] = [batch(), batch()];
    const stranger = batch()[0] as Sampler;
    const look = () => {
      stranger.sample(rowOf(0));
      samplers[6]?.accept(5);
      sampleBatch([samplers[5] as Sampler], rowOf(0));
      return (
        (samplers[1]?.step ?? 0) + (samplers[1]?.history.length ?? 0) + (samplers[1]?.distribution(rowOf(1))[0] ?? 0)
      );
    };
    samplers[4] = new Sampler({ vocabSize: V, generator: () => look() * 0 + 0.5 });
    fresh[4] = new Sampler({ vocabSize: V, generator: () => 0.5 });
    fresh[6]?.accept(5);
    fresh[5]?.sample(rowOf(0));
    expect(sampleBatch(samplers, logits)).toEqual(singly(fresh));
  });

  test("a generator function that replaces samplers and masks of the batch changes nothing", () => {
    const masks = Array.from({ length: N }, (_, b) => Uint32Array.of(1 << (b + 3)));
    const [samplers, others] = [batch(), batch()];
    const swap = () => {
      samplers[2] = others[2] as Sampler;
      masks[2] = Uint32Array.of(1);
      samplers.length = 4;
      masks.length = 4;
      return 0.5;
    };
    const given = [...samplers];
    given[1] = samplers[1] = new Sampler({ vocabSize: V, generator: swap });
    expect([...sampleBatch(samplers, logits, { masks })]).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(given.map(({ step }) => step)).toEqual(new Array(N).fill(1));
    expect(others[2]?.step).toBe(0);
  });

  test("with errors, an error thrown by a function names its option and is kept as the cause", () => {
    class Mine extends Error {}
    const fail = () => {
      throw new Mine("mine");
    };
    const samplers = batch();
    samplers[1] = new Sampler({ vocabSize: V, generator: fail });
    samplers[2] = new Sampler({ vocabSize: V, prefixAllowedTokens: fail, generator: () => 0.5 });
    samplers[3] = new Sampler({ vocabSize: V, generator: () => 2 });
    samplers[4] = new Sampler({ vocabSize: V, prefixAllowedTokens: () => [V] });
    const inner = new Sampler({ vocabSize: 1 });
    samplers[5] = new Sampler({ vocabSize: V, prefixAllowedTokens: () => [inner.sample([Number.NaN])] });
    const errors: (LogitdrawError | undefined)[] = [];
    const tokens = sampleBatch(samplers, logits, { errors });
    expect(errors.map((error) => error && [error.code, error.option, error.index, error.row])).toEqual([
      undefined,
      ["INVALID_OPTION", "generator", undefined, 1],
      ["INVALID_OPTION", "prefixAllowedTokens", undefined, 2],
      ["INVALID_OPTION", "generator", undefined, 3],
      ["INVALID_TOKEN", undefined, 0, 4],
      ["INVALID_OPTION", "prefixAllowedTokens", undefined, 5],
      undefined,
    ]);
    expect([errors[1]?.cause, errors[2]?.cause].every((cause) => cause instanceof Mine)).toBe(true);
    expect(errors[5]?.cause).toMatchObject({ code: "INVALID_LOGITS" });
    expect([...tokens.subarray(1, 6)]).toEqual(new Array(5).fill(0xffffffff));
    expect(samplers.map(({ step }) => step)).toEqual([1, 0, 0, 0, 0, 0, 1]);
  });

  test("a refused batch leaves every strategy and generator unchanged", () => {
    const make = () =>
      Object.values(REMEMBERING).map((options) => new Sampler({ ...options, vocabSize: V, seed: 3 }).prompt([7, 3, 7]));
    const [samplers, fresh] = [make(), make()];
    const rows = (step: number) => row(samplers.length * V, 90 + step, 3);
    for (let step = 0; step < 8; step++) {
      const last = rows(step);
      last[last.length - 1] = Number.POSITIVE_INFINITY;
      const error = { code: "INVALID_LOGITS", index: V - 1, row: samplers.length - 1 };
      expect(refusal(() => sampleBatch(samplers, last))).toEqual(error);
      expect([...sampleBatch(samplers, rows(step))]).toEqual(
        fresh.map((sampler, b) => sampler.sample(rows(step).subarray(b * V, (b + 1) * V))),
      );
    }
    samplers.forEach((sampler, b) => {
      expect(sampler.save()).toEqual(fresh[b]?.save());
    });
  });

  test("with errors, all rows but the failing ones are drawn", () => {
    const [samplers, fresh] = [batch(), batch()];
    const errors: (LogitdrawError | undefined)[] = ["stale" as never];
    samplers[5]?.free();
    const tokens = sampleBatch(samplers, bad, { errors });
    expect(errors.map((error) => error && [error.code, error.row, error.index])).toEqual([
      undefined,
      undefined,
      undefined,
      ["INVALID_LOGITS", 3, 17],
      undefined,
      ["FREED", 5, undefined],
      undefined,
    ]);
    expect(errors[3]?.cause).toMatchObject({ code: "INVALID_LOGITS", index: 17 });
    fresh.forEach((sampler, b) => {
      const lost = b === 3 || b === 5;
      expect(tokens[b]).toBe(lost ? 0xffffffff : sampler.sample(rowOf(b)));
      if (b !== 5) expect(samplers[b]?.step).toBe(lost ? 0 : 1);
    });
  });
});

test("bad logits, options and samplers of a batch are refused and leave the samplers unchanged", () => {
  const samplers = batch();
  const refuse = (options: unknown, from: unknown = logits, who: unknown = samplers) =>
    refusal(() => sampleBatch(who as Sampler[], from as Float32Array, options as BatchOptions));
  const option = (name: string) => ({ code: "INVALID_OPTION", option: name });
  expect(refuse({}, logits.subarray(1))).toEqual({ code: "WRONG_LENGTH", index: N * V - 1 });
  expect(refuse({}, row(N * V + 1))).toEqual({ code: "WRONG_LENGTH", index: N * V });
  expect(refuse({ rowOffset: 1 })).toEqual({ code: "WRONG_LENGTH", index: N * V });
  expect(refuse({ rowStride: V + 1 })).toEqual({ code: "WRONG_LENGTH", index: N * V });
  expect(refuse({ rowStride: 2 ** 52 })).toEqual({ code: "WRONG_LENGTH", index: N * V });
  for (const bad of [-1, 1.5, Number.NaN, "1", null]) {
    expect(refuse({ rowOffset: bad })).toEqual(option("rowOffset"));
    expect(refuse({ rowStride: bad })).toEqual(option("rowStride"));
  }
  for (const length of [0, N - 1, N + 1]) {
    expect(refuse({ masks: new Array(length).fill(undefined) })).toEqual({ code: "WRONG_LENGTH", option: "masks" });
  }
  expect(refuse({ masks: {} })).toEqual(option("masks"));
  expect(refuse({ masks: samplers.map(() => [1]) })).toEqual({ ...option("masks"), row: 0 });
  expect(refuse({ out: new Uint32Array(N - 1) })).toEqual({ code: "WRONG_LENGTH", option: "out" });
  expect(refuse({ out: new Int32Array(N) })).toEqual(option("out"));
  expect(refuse({ errors: {} })).toEqual(option("errors"));
  expect(refuse({ rowOfset: 1 })).toEqual({ code: "UNKNOWN_OPTION", option: "rowOfset" });
  for (const from of [null, "x", {}, Array.from(logits), new Float64Array(N * V)]) {
    expect(refuse({}, from).code).toBe("INVALID_LOGITS");
  }
  for (const who of [null, {}, samplers[0]]) expect(refuse({}, logits, who)).toEqual(option("samplers"));
  expect(refuse({}, logits, [...samplers.slice(0, 6), {}])).toEqual({ ...option("samplers"), row: 6 });
  expect(refuse({}, logits, [...samplers.slice(0, 6), samplers[2]])).toEqual({ code: "INVALID_STATE", row: 6 });
  const other = new Sampler({ vocabSize: V + 1 });
  expect(refuse({}, logits, [...samplers.slice(0, 6), other])).toEqual({ code: "WRONG_LENGTH", row: 6 });
  expect(samplers.map(({ step }) => step)).toEqual(new Array(N).fill(0));
  expect(sampleBatch(samplers, logits)).toEqual(singly(batch()));
});

test("an errors array that cannot be written to is refused before any draw", () => {
  const throws = Object.defineProperty([], 0, {
    configurable: true,
    set: () => {
      throw new Error("mine");
    },
  });
  for (const errors of [Object.freeze([]), Object.preventExtensions([]), throws]) {
    const sampler = new Sampler({ vocabSize: 4 });
    const refused = { code: "INVALID_OPTION", option: "errors" };
    expect(refusal(() => sampleBatch([sampler], row(4), { errors: errors as never }))).toEqual(refused);
    expect(sampler.step).toBe(0);
  }
});
