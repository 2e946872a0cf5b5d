// Logits of 16 bits give what the same numbers in float32 give, wherever logits are accepted.

import { describe, expect, test } from "vitest";
import {
  argmax,
  type Logits,
  maskTopK,
  type SampleOptions,
  Sampler,
  sampleBatch,
  softmax,
  topK,
} from "../src/index.js";
import { Float16Like, float16, refusal } from "./helpers.js";

const V = 77;
const exact = Float32Array.from({ length: V }, (_, i) => ((i * 37) % 64) / 8 - 4);
const other = Float32Array.from({ length: V }, (_, i) => ((i * 29) % 64) / 8 - 4);

/** Returns a Float16Array in the middle of a larger one, as the last position of a tensor is. */
function halves(x: Float32Array): Float16Like {
  const whole = new Float16Like(x.length + 12).fill(float16(9));
  whole.set(Uint16Array.from(x, float16), 7);
  return whole.subarray(7, 7 + x.length) as unknown as Float16Like;
}
const bits = (x: Float32Array) => Uint16Array.from(x, float16);
const brain = (x: Float32Array) => Uint16Array.from(new Uint32Array(x.buffer), (word) => word >>> 16);

/** Each kind of 16-bit logits, and how a call says so. */
const KINDS: [string, (x: Float32Array) => Logits, SampleOptions][] = [
  ["Float16Array", halves, {}],
  ["float16", bits, { dtype: "float16" }],
  ["bfloat16", brain, { dtype: "bfloat16" }],
];
const make = () => new Sampler({ vocabSize: V, temperature: 0.7, topK: 20, seed: 5 });

describe.each(KINDS)("%s", (_, kind, call) => {
  const x = kind(exact);

  test("the same tokens, distributions and log-probabilities as float32", () => {
    const [sampler, twin] = [make(), make()];
    expect(sampler.distribution(x, call)).toEqual(twin.distribution(exact));
    for (const of of ["raw", "processed"] as const) {
      expect(sampler.logprobs(x, { ...call, tokens: [3, 5], top: 4, of })).toEqual(
        twin.logprobs(exact, { tokens: [3, 5], top: 4, of }),
      );
      expect(sampler.sampleWithLogprobs(x, { ...call, top: 4, of })).toEqual(
        twin.sampleWithLogprobs(exact, { top: 4, of }),
      );
      expect(sampler.sample(x, call)).toBe(twin.sample(exact));
    }
  });

  test("the same batches", () => {
    const rows = new Float32Array([...exact, ...other]);
    const pair = () => [make(), make()];
    const masks = [undefined, Uint32Array.of(0xf0f0, 0xff)];
    for (const more of [{}, { masks }]) {
      expect(sampleBatch(pair(), kind(rows) as Float32Array, { ...call, ...more })).toEqual(
        sampleBatch(pair(), rows, more),
      );
    }
  });

  test("the same guidance, also beside a function of the caller", () => {
    const guidance = { unconditional: other, scale: 2 };
    const law = make().distribution(exact, { guidance });
    expect(law).not.toEqual(make().distribution(exact));
    const sixteen = { ...call, guidance: { unconditional: kind(other), scale: 2 } };
    expect(make().distribution(x, sixteen)).toEqual(law);
    const all = Array.from({ length: V }, (_, id) => id);
    expect(
      make()
        .update({ prefixAllowedTokens: () => all })
        .distribution(x, sixteen),
    ).toEqual(law);
    for (const { token, logprob } of make().logprobs(x, { ...sixteen, tokens: all, of: "processed" })) {
      expect(Math.exp(logprob)).toBeCloseTo(law[token] as number, 5);
    }
  });
});

test("a polyfill's Float16Array, which is a proxy and no view, is read as one", () => {
  const x = new Proxy(halves(exact), { get: (target, name) => Reflect.get(target, name, target) });
  expect(ArrayBuffer.isView(x)).toBe(false);
  expect(make().distribution(x as unknown as Logits)).toEqual(make().distribution(exact));
  expect(softmax(x as unknown as Logits)).toEqual(softmax(exact));
});

test("an object with the fields of a Float16ArrayLike, and no others, is read as one", () => {
  const like = (length: number) => ({
    BYTES_PER_ELEMENT: 2,
    [Symbol.toStringTag]: "Float16Array" as const,
    buffer: Uint16Array.of(0x4200, 0x3c00, 0x4000, 0x4200).buffer,
    byteOffset: 2,
    length,
  });
  expect(softmax(like(3))).toEqual(softmax([1, 2, 3]));
  expect(refusal(() => softmax(like(4)))).toEqual({ code: "WRONG_LENGTH" });
});

test("argmax, softmax, topK and maskTopK accept a Float16Array", () => {
  const x = halves(exact);
  expect(argmax(x)).toBe(argmax(exact));
  expect(softmax(x)).toEqual(softmax(exact));
  expect(topK(x, 5)).toEqual(topK(exact, 5));
  expect(maskTopK(x, 5)).toEqual(maskTopK(exact, 5));
});
