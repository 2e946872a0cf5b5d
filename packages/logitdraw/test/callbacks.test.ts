// Functions of the caller that free or detach, in the middle of a call, what the call works with.

import { describe, expect, test } from "vitest";
import { Generator, LogitsBuffer, multinomial, Sampler, sampleBatch } from "../src/index.js";
import { detach, refusal } from "./helpers.js";

const FOUR = Float32Array.of(1, 2, 3, 4);

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

  test("may change a row that is the caller's own object, which has been read", () => {
    const buffer = new LogitsBuffer(4, 2);
    buffer.data.set([...FOUR, ...FOUR.slice().reverse()]);
    const own = { buffer, index: 0 };
    const prefixAllowedTokens = () => {
      own.index = 1;
      return [0, 1, 2, 3];
    };
    const sampler = new Sampler({ vocabSize: 4, temperature: 0, prefixAllowedTokens });
    expect(sampler.sample(own)).toBe(3);
    own.index = 0;
    expect(sampler.distribution(own)[3]).toBe(1);
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
