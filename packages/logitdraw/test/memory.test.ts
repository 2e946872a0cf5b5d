// Requests for more memory than there is: errors, and everything goes on working.

import { afterEach, describe, expect, test } from "vitest";
import {
  argmax,
  bincount,
  Generator,
  LogitsBuffer,
  maskTopK,
  multinomial,
  Sampler,
  softmax,
  topK,
} from "../src/index.js";
import { memory } from "../src/wasm.js";
import { refusal } from "./helpers.js";

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

test("reset gives the memory of a long history back", () => {
  const tokens = Uint32Array.from({ length: 50_000 }, (_, i) => (i * i) % 997);
  const options = { vocabSize: 1000, seed: 1, repetitionPenalty: 1.1, dry: { multiplier: 1 }, noRepeatNgramSize: 3 };
  const pool = Array.from({ length: 20 }, () => new Sampler(options));
  const sizes = pool.map((sampler) => {
    sampler.prompt(tokens).reset();
    return memory().buffer.byteLength;
  });
  expect(sizes.at(-1)).toBe(sizes[0]);
});
