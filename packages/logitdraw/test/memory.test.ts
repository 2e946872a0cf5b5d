// Requests for more memory than there is, and arrays that are detached: both are errors, and everything goes on working.

import { afterEach, describe, expect, test } from "vitest";
import {
  argmax,
  bincount,
  Generator,
  LogitsBuffer,
  maskTopK,
  multinomial,
  Sampler,
  sampleBatch,
  softmax,
  topK,
} from "../src/index.js";
import { detach, refusal } from "./helpers.js";

const FOUR = Float32Array.of(1, 2, 3, 4);

describe("requests for more memory than there is", () => {
  const outOfMemory = { code: "OUT_OF_MEMORY" };

  afterEach(() => {
    expect(multinomial([0, 1], 1)).toEqual(Uint32Array.of(1));
    expect(new Sampler({ vocabSize: 4, temperature: 0 }).sample(FOUR)).toBe(3);
  });

  test("fail in argmax, softmax, topK, maskTopK, multinomial and bincount", () => {
    for (const length of [2 ** 27, 2 ** 30]) {
      const row = new Float32Array(length);
      for (const call of [argmax, softmax, (x: Float32Array) => topK(x, 3), (x: Float32Array) => maskTopK(x, 3)]) {
        expect(refusal(() => call(row))).toEqual(outOfMemory);
      }
      expect(refusal(() => multinomial(row, 5))).toEqual(outOfMemory);
    }
    expect(refusal(() => multinomial([1, 1], 2 ** 31, { replacement: true }))).toEqual(outOfMemory);
    expect(refusal(() => bincount(new Uint32Array(2 ** 28)))).toEqual(outOfMemory);
    expect(refusal(() => bincount([2 ** 31]))).toEqual(outOfMemory);
  });

  test("fail and leave a sampler unchanged", () => {
    const sampler = new Sampler({ vocabSize: 4, seed: 1, repetitionPenalty: 1.2 }).prompt([1, 2]);
    const saved = sampler.save();
    const tokens = new Uint32Array(2 ** 28);
    for (const call of [
      () => sampler.prompt(tokens),
      () => sampler.logprobs(FOUR, { tokens }),
      () => new Sampler({ vocabSize: 4, suppressTokens: new Uint32Array(2 ** 26) as never }),
      () => new Sampler({ vocabSize: 2 ** 30 }),
      () => new LogitsBuffer(2 ** 16, 2 ** 16),
    ]) {
      expect(refusal(call)).toEqual(outOfMemory);
    }
    expect(sampler.save()).toEqual(saved);
  });

  test("fail in restore", () => {
    for (const length of [2 ** 28, 2 ** 31]) {
      const state = new Uint8Array(length);
      expect(refusal(() => Sampler.restore(state))).toEqual(outOfMemory);
    }
    expect(refusal(() => Generator.restore(new Uint8Array(2 ** 31)))).toEqual(outOfMemory);
  });
});

describe("a callback during a call", () => {
  test("may detach logits, mask and unconditional, which have been read", () => {
    for (const generator of [undefined, () => 0.5]) {
      const [logits, mask, unconditional] = [FOUR.slice(), Uint32Array.of(0b1011), Float32Array.of(1, 9, 3, 4)];
      const sampler = new Sampler({
        vocabSize: 4,
        temperature: 0,
        ...(generator && { generator }),
        prefixAllowedTokens: () => {
          for (const array of [logits, mask, unconditional]) if (array.length > 0) detach(array);
          return [0, 1, 2];
        },
      });
      // Without the guidance 1 would be the best of the two that mask and callback leave.
      expect(sampler.sample(logits, { mask, guidance: { unconditional, scale: 1.5 } })).toBe(0);
      expect(logits.length).toBe(0);
    }
  });

  test("may free the buffer of a batch, but not the buffer of a single row", () => {
    const make = (buffer: LogitsBuffer) => {
      buffer.data.set(FOUR);
      const free = () => {
        buffer.free();
        return [0, 1, 2, 3];
      };
      return new Sampler({ vocabSize: 4, temperature: 0, prefixAllowedTokens: free });
    };
    const [first, second] = [new LogitsBuffer(4), new LogitsBuffer(4)];
    expect(sampleBatch([make(first)], first)).toEqual(Uint32Array.of(3));
    const sampler = make(second);
    expect(refusal(() => sampler.sample(second.row(0)))).toEqual({ code: "FREED" });
    expect(sampler.step).toBe(0);
  });

  test("fails the call if it detaches out, and the sampler is unchanged", () => {
    for (const errors of [undefined, []]) {
      const out = new Uint32Array(1);
      const take = () => {
        detach(out);
        return [1];
      };
      const sampler = new Sampler({ vocabSize: 4, prefixAllowedTokens: take });
      const refused = { code: "WRONG_LENGTH", option: "out" };
      expect(refusal(() => sampleBatch([sampler], FOUR, { out, ...(errors && { errors }) }))).toEqual(refused);
      expect(sampler.step).toBe(0);
    }
    const out = new Float32Array(4);
    const take = () => {
      detach(out);
      return [1];
    };
    const sampler = new Sampler({ vocabSize: 4, prefixAllowedTokens: take });
    expect(refusal(() => sampler.distribution(FOUR, { out }))).toEqual({ code: "WRONG_LENGTH", option: "out" });
  });

  test("fails multinomial if it frees the generator", () => {
    const generator = new Generator({ seed: 1 });
    const probs = [1, 1];
    Object.defineProperty(probs, 0, {
      get: () => {
        generator.free();
        return 1;
      },
    });
    expect(refusal(() => multinomial(probs, 1, { generator }))).toEqual({ code: "FREED" });
  });
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
    expect(refusal(() => sampleBatch([sampler], FOUR, { errors: errors as never }))).toEqual(refused);
    expect(sampler.step).toBe(0);
  }
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

test("distribution, sample and sampleWithLogprobs accept inherited options", () => {
  const sampler = new Sampler({ vocabSize: 4, temperature: 0 });
  const options = Object.create({ mask: Uint32Array.of(0b0010) });
  expect(sampler.distribution(FOUR, options)).toEqual(Float32Array.of(0, 1, 0, 0));
  expect(sampler.clone().sampleWithLogprobs(FOUR, options).token).toBe(1);
  expect(sampler.clone().sample(FOUR, options)).toBe(1);
});

test("dotted names are refused as unknown options", () => {
  for (const name of ["xtc.probability", "temperature.x", "a.b"]) {
    const refused = { code: "UNKNOWN_OPTION", option: name };
    expect(refusal(() => new Sampler({ vocabSize: 4, [name]: 1 }))).toEqual(refused);
    expect(refusal(() => new Sampler({ vocabSize: 4 }).update({ [name]: 1 }))).toEqual(refused);
  }
});
