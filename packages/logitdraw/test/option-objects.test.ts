// Options in all kinds of objects: typed arrays, maps, proxies, classes, inherited properties. What their getters throw passes through.

import { expect, test } from "vitest";
import { Generator, LogitsBuffer, multinomial, Sampler, type SamplerOptions, sampleBatch } from "../src/index.js";
import { refusal, row } from "./helpers.js";

test("undefined counts as absent, also for a part of an option", () => {
  const options = { vocabSize: 9, temperature: undefined, nonsense: undefined, seed: 1 };
  expect(new Sampler(options).sample(row(9))).toBe(new Sampler({ vocabSize: 9, seed: 1 }).sample(row(9)));
  const group = { vocabSize: 9, dry: { multiplier: 1, window: undefined } } as SamplerOptions;
  new Sampler(group).free();
  const empty = { vocabSize: 9, xtc: { probability: undefined } } as unknown as SamplerOptions;
  expect(refusal(() => new Sampler(empty))).toEqual({ code: "INVALID_OPTION", option: "xtc" });
});

test("typed arrays are accepted as lists of ids", () => {
  const options = {
    vocabSize: 9,
    seed: 1,
    allowedTokenIds: Uint32Array.of(1, 2, 3),
    suppressTokens: Uint8Array.of(1),
    badWords: [Int32Array.of(2)],
    eosTokenId: Uint16Array.of(4),
  } as unknown as SamplerOptions;
  expect(new Sampler(options).sample(row(9))).toBe(3);
});

test("two lists of sequences are kept apart", () => {
  const dry = { multiplier: 1, allowedLength: 1, sequenceBreakers: [[3]] };
  for (const options of [
    { badWords: [[5]], dry },
    { dry, badWords: [[5]] },
  ]) {
    const law = new Sampler({ vocabSize: 9, seed: 1, ...options }).prompt([5, 4, 5, 3, 5]).distribution(row(9));
    const apart = new Sampler({ vocabSize: 9, seed: 1, dry }).update({ badWords: [[5]] }).prompt([5, 4, 5, 3, 5]);
    expect(law).toEqual(apart.distribution(row(9)));
    expect(law[3]).toBeGreaterThan(0);
    expect(law[5]).toBe(0);
  }
});

test("errors thrown by getters and proxies pass through and leave the sampler unchanged", () => {
  class Mine extends Error {}
  const throwing = (at: string) =>
    ({
      get [at]() {
        throw new Mine();
      },
    }) as object;
  const list = new Proxy([1, 2, 3], {
    get(target, key) {
      if (key === "2") throw new Mine();
      return Reflect.get(target, key);
    },
  });
  const sampler = new Sampler({ vocabSize: 9, seed: 1 });
  const before = sampler.save();
  const x = row(9);
  const numbers = new Proxy(Array.from(x), {
    get(target, key) {
      if (key === "5") throw new Mine();
      return Reflect.get(target, key);
    },
  });
  const calls: (() => unknown)[] = [
    () => new Sampler(throwing("topK") as SamplerOptions),
    () => new Sampler({ vocabSize: 9, xtc: throwing("probability") } as SamplerOptions),
    () => new Sampler({ vocabSize: 9, suppressTokens: list }),
    () => new Sampler({ vocabSize: 9, badWords: [[1], list] }),
    () => sampler.update(throwing("temperature")),
    () => sampler.update({ topK: 3, suppressTokens: list }),
    () => sampler.sample(x, throwing("mask")),
    () => sampler.sample(x, { guidance: throwing("scale") } as object),
    () => sampler.sample(numbers),
    () => sampler.sampleWithLogprobs(numbers),
    () => sampler.logprobs(x, { tokens: list }),
    () => sampler.prompt(list),
    () => sampler.sync(list),
    () => sampler.clone(throwing("seed")),
  ];
  for (const call of calls) {
    expect(call).toThrow(Mine);
    expect(sampler.save()).toEqual(before);
  }
});

test("a list that claims a huge length is refused at its first missing element", () => {
  const sampler = new Sampler({ vocabSize: 9, seed: 1 });
  const endless = { length: 2 ** 52, 0: 1 };
  const sparse = new Array(2 ** 32 - 1);
  expect(refusal(() => sampler.prompt(endless))).toEqual({ code: "INVALID_TOKEN", index: 1 });
  expect(refusal(() => sampler.sync(endless))).toEqual({ code: "INVALID_TOKEN", index: 1 });
  expect(refusal(() => sampler.logprobs(row(9), { tokens: sparse }))).toEqual({ code: "INVALID_TOKEN", index: 0 });
  expect(refusal(() => sampler.update({ suppressTokens: sparse }))).toMatchObject({
    option: "suppressTokens",
    index: 0,
  });
  expect(refusal(() => sampler.sample(sparse))).toEqual({ code: "WRONG_LENGTH", index: 9 });
  expect(sampler.history.length).toBe(0);
});

test("a plain object tagged as a Map is read as a plain object", () => {
  const biases = {
    3: 100,
    get [Symbol.toStringTag]() {
      return "Map";
    },
  };
  const sampler = new Sampler({ vocabSize: 10, temperature: 0, logitBias: biases as never });
  expect(sampler.sample(new Float32Array(10))).toBe(3);
});

test("inherited options are read, and unknown ones among them refused", () => {
  const defaults = { topK: 1, seed: 7n };
  const options = Object.assign(Object.create(defaults), { vocabSize: 4 });
  const sampler = new Sampler(options);
  expect(sampler.seed).toBe(7n);
  expect([...sampler.distribution([1, 2, 3, 4])]).toEqual([0, 0, 0, 1]);
  sampler.update(Object.create({ topK: undefined, minP: 1e-9 }));
  expect([...sampler.distribution([1, 2, 3, 4])].every((p) => p > 0)).toBe(true);
  const xtc = Object.assign(Object.create({ protect: [3] }), { probability: 1, threshold: 0.1 });
  expect(new Sampler({ vocabSize: 4, xtc }).distribution([1, 2, 3, 4])[3]).toBeGreaterThan(0);
  const unknown = { code: "UNKNOWN_OPTION", option: "topk" };
  expect(() => new Sampler(Object.assign(Object.create({ topk: 1 }), { vocabSize: 4 }))).toThrow(
    expect.objectContaining(unknown),
  );
  const call = Object.create({ maks: new Uint32Array(1) });
  expect(() => sampler.sample([1, 2, 3, 4], call)).toThrow(
    expect.objectContaining({ code: "UNKNOWN_OPTION", option: "maks" }),
  );
});

test("distribution, sample and sampleWithLogprobs accept inherited options", () => {
  const sampler = new Sampler({ vocabSize: 4, temperature: 0 });
  const logits = Float32Array.of(1, 2, 3, 4);
  const options = Object.create({ mask: Uint32Array.of(0b0010) });
  expect(sampler.distribution(logits, options)).toEqual(Float32Array.of(0, 1, 0, 0));
  expect(sampler.clone().sampleWithLogprobs(logits, options).token).toBe(1);
  expect(sampler.clone().sample(logits, options)).toBe(1);
});

test("a getter of an update may update the sampler itself", () => {
  const sampler = new Sampler({ vocabSize: 4, seed: 1, temperature: 5 });
  sampler.update({
    get topK() {
      sampler.update({ temperature: 0.5 });
      return 2;
    },
  });
  const expected = new Sampler({ vocabSize: 4, seed: 1, temperature: 0.5, topK: 2 });
  const logits = Float32Array.of(1, 2, 3, 4);
  expect(sampler.distribution(logits)).toEqual(expected.distribution(logits));
});

test("getters of a class are read as options, and unknown ones refused", () => {
  class Config {
    vocabSize = 4;
    get temperature() {
      return 0;
    }
    get seed() {
      return 7n;
    }
    describe() {
      return "no option";
    }
  }
  class Hotter extends Config {
    get xtc() {
      return new (class {
        probability = 1;
        threshold = 0.1;
        get protect() {
          return [3];
        }
      })();
    }
    override get temperature() {
      return 2;
    }
  }
  expect(new Sampler(new Config()).seed).toBe(7n);
  expect(new Sampler(new Config()).sample([1, 2, 4, 3])).toBe(2);
  const hotter = new Sampler(new Hotter());
  expect(hotter.distribution([1, 2, 3, 4])[3]).toBeGreaterThan(0.3);
  expect(
    hotter
      .update(
        new (class {
          get topK() {
            return 1;
          }
        })(),
      )
      .distribution([1, 2, 3, 4])[2],
  ).toBe(0);
  const unknown = new (class {
    vocabSize = 4;
    get topk() {
      return 1;
    }
  })();
  expect(() => new Sampler(unknown)).toThrow(expect.objectContaining({ code: "UNKNOWN_OPTION", option: "topk" }));
});

test("an object that only has the prototype of a class is refused", () => {
  const sampler = new Sampler({ vocabSize: 4 });
  const fake = <T>(kind: { prototype: T }): T => Object.create(kind.prototype as object);
  const rows = new Float32Array(8);
  expect(refusal(() => sampleBatch([sampler, fake(Sampler)], rows))).toEqual({
    code: "INVALID_OPTION",
    option: "samplers",
    row: 1,
  });
  expect(refusal(() => multinomial([1], 1, { generator: fake(Generator) }))).toEqual({
    code: "INVALID_OPTION",
    option: "generator",
  });
  const row = { buffer: fake(LogitsBuffer), index: 0 };
  expect(refusal(() => sampler.sample(row))).toEqual({ code: "INVALID_LOGITS" });
});

test("inherited entries of logitBias are read", () => {
  const logitBias = Object.assign(Object.create({ 0: Number.NEGATIVE_INFINITY }), { 1: Number.NEGATIVE_INFINITY });
  expect([...new Sampler({ vocabSize: 3, logitBias }).distribution([1, 2, 3])]).toEqual([0, 0, 1]);
});

test("properties added to Object.prototype are not read as options", () => {
  const all = Object.prototype as { added?: number };
  all.added = 1;
  try {
    const sampler = new Sampler({ vocabSize: 4, temperature: 0, xtc: { probability: 1, threshold: 0.1 } });
    expect(sampler.sample([1, 2, 4, 3], {})).toBe(2);
    expect(() => new Sampler({ vocabSize: 4, added: 2 } as never)).toThrow(
      expect.objectContaining({ code: "UNKNOWN_OPTION", option: "added" }),
    );
  } finally {
    delete all.added;
  }
});
