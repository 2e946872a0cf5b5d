// Typed arrays that do not have the length they claim, or lose it in the middle of a call.

import { describe, expect, test } from "vitest";
import * as logitdraw from "../src/index.js";
import { Generator, type LogitdrawError, type Logits, Sampler, sampleBatch } from "../src/index.js";
import { detach, Float16Like, NINE, refusal } from "./helpers.js";

const nine = Float32Array.from(NINE);
const make = (options: object = {}) => new Sampler({ vocabSize: 9, seed: 1, ...options });
const TOO_SHORT = { code: "WRONG_LENGTH" };

/** Returns nine float32 logits per row; `shrink` shortens their buffer by one of them. */
function shrinking(rows = 1): { logits: Float32Array; shrink: () => void } {
  const length = rows * nine.byteLength;
  // TypeScript's lib for this package's target does not have resizable buffers yet.
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer & { resize(length: number): void };
  const buffer = new Resizable(length, { maxByteLength: length });
  const logits = new Float32Array(buffer);
  for (let row = 0; row < rows; row++) logits.set(nine, 9 * row);
  return { logits, shrink: () => buffer.resize(length - 4) };
}

/** Returns the same array, claiming another length. */
function withLength<A extends Float32Array | Float64Array | Uint32Array | Int32Array | Uint8Array>(
  array: A,
  length: number,
): A {
  return Object.defineProperty(array, "length", { value: length });
}

/** Returns the numbers in an array that calls `act` when the one at `index` is read. */
function withGetter<T>(numbers: readonly T[], index: number, act: () => void): T[] {
  const value = numbers[index];
  return Object.defineProperty([...numbers], index, {
    enumerable: true,
    get() {
      act();
      return value;
    },
  });
}

test("token ids that a callback changes or detaches have been read by then", () => {
  for (const change of [(ids: Uint32Array) => ids.fill(3), detach]) {
    const ids = Uint32Array.of(0, 1);
    const prefixAllowedTokens = () => {
      if (ids.length > 0) change(ids);
      return [0, 1, 2, 3];
    };
    const found = make({ prefixAllowedTokens }).logprobs(nine, { tokens: ids, of: "processed" });
    expect(found.map(({ token }) => token)).toEqual([0, 1]);
  }
});

describe("a detached array", () => {
  const floats = () => detach(nine.slice());
  const ids = () => detach(Uint32Array.of(1, 2));
  const CASES: [string, (sampler: Sampler) => unknown][] = [
    ["logits", (sampler) => sampler.sample(floats())],
    ["Float16Array logits", (sampler) => sampler.sample(detach(new Float16Like(9)) as unknown as Logits)],
    ["16-bit logits", (sampler) => sampler.sample(detach(new Uint16Array(9)), { dtype: "bfloat16" })],
    ["a mask", (sampler) => sampler.sample(nine, { mask: detach(Uint32Array.of(7)) })],
    ["an Int32Array mask", (sampler) => sampler.sample(nine, { mask: detach(Int32Array.of(7)) })],
    ["unconditional logits", (sampler) => sampler.sample(nine, { guidance: { unconditional: floats(), scale: 2 } })],
    ["an option", (sampler) => sampler.update({ suppressTokens: ids() as never })],
    [
      "a part of an option",
      (sampler) => sampler.update({ xtc: { probability: 1, threshold: 0, protect: ids() as never } }),
    ],
    ["a sequence of an option", (sampler) => sampler.update({ badWords: [[1], ids()] as never })],
    ["a list of pairs of an option", (sampler) => sampler.update({ sequenceBias: ids() as never })],
    [
      "a pair of numbers of an option",
      (sampler) => sampler.update({ eosTokenId: 3, exponentialDecayLengthPenalty: floats() as never }),
    ],
    ["a prompt", (sampler) => sampler.prompt(ids())],
    ["a prompt of bigints", (sampler) => sampler.prompt(detach(BigInt64Array.of(1n)))],
    ["a sequence for sync", (sampler) => sampler.sync(ids())],
    ["a sequence of bigints for sync", (sampler) => sampler.sync(detach(BigInt64Array.of(1n)))],
    ["tokens of log-probabilities", (sampler) => sampler.logprobs(nine, { tokens: ids() })],
    ["a mask of a batch", (sampler) => sampleBatch([sampler], nine, { masks: [detach(Uint32Array.of(7))] })],
    ["logits of argmax", () => logitdraw.argmax(floats())],
    ["logits of softmax", () => logitdraw.softmax(floats())],
    ["logits of topK", () => logitdraw.topK(floats(), 1)],
    ["logits of maskTopK", () => logitdraw.maskTopK(floats(), 1)],
    ["probabilities of multinomial", () => logitdraw.multinomial(floats(), 1)],
    ["float64 probabilities of multinomial", () => logitdraw.multinomial(detach(Float64Array.of(0.5)), 1)],
    ["tokens of bincount", () => logitdraw.bincount(ids())],
    ["a saved sampler", (sampler) => Sampler.restore(detach(sampler.save() as Uint8Array<ArrayBuffer>))],
    ["a saved generator", () => Generator.restore(detach(new Generator().save() as Uint8Array<ArrayBuffer>))],
  ];

  test.each(CASES)("is refused as %s", (_, call) => {
    const sampler = make();
    expect(refusal(() => call(sampler))).toMatchObject(TOO_SHORT);
    expect([sampler.step, sampler.history.length]).toEqual([0, 0]);
    expect(sampler.sample(nine)).toBe(make().sample(nine));
  });

  test("fails only its own row of a batch", () => {
    const errors: (LogitdrawError | undefined)[] = [];
    const masks = [undefined, detach(Uint32Array.of(7)), undefined];
    const tokens = sampleBatch([make(), make(), make()], nine, { rowStride: 0, masks, errors });
    const token = make().sample(nine);
    expect([...tokens]).toEqual([token, 0xffffffff, token]);
    expect(errors.map((error) => error && [error.code, error.row])).toEqual([
      undefined,
      ["WRONG_LENGTH", 1],
      undefined,
    ]);
  });

  test("is not confused with an empty array", () => {
    expect(make().prompt(new Uint32Array(0)).history.length).toBe(0);
    expect(refusal(() => make().sample(nine, { mask: new Uint32Array(0) })).code).toBe("NO_TOKEN_LEFT");
    expect([...logitdraw.bincount(new Uint32Array(0))]).toEqual([]);
  });
});

describe("an array that becomes shorter while plain numbers are read", () => {
  test("is refused as unconditional logits, shrunk", () => {
    const { logits, shrink } = shrinking();
    const call = () => make().sample(withGetter(NINE, 8, shrink), { guidance: { unconditional: logits, scale: 2 } });
    expect(refusal(call)).toEqual({ ...TOO_SHORT, option: "guidance.unconditional", index: 8 });
  });

  test("is refused as unconditional logits, detached", () => {
    const gone = { ...TOO_SHORT, option: "guidance.unconditional", index: 0 };
    const unconditional = nine.slice();
    const numbers = withGetter(NINE, 0, () => unconditional.length > 0 && detach(unconditional));
    expect(refusal(() => make().sample(numbers, { guidance: { unconditional, scale: 2 } }))).toEqual(gone);
    const kept = make({ prefixAllowedTokens: () => [1, 2] });
    const again = nine.slice();
    const others = withGetter(NINE, 0, () => again.length > 0 && detach(again));
    expect(refusal(() => kept.sample(others, { guidance: { unconditional: again, scale: 2 } }))).toEqual(gone);
  });

  test("is refused as a mask, detached", () => {
    for (const mask of [Uint32Array.of(7), Int32Array.of(7)]) {
      const numbers = withGetter(NINE, 8, () => mask.length > 0 && detach(mask));
      expect(refusal(() => make().sample(numbers, { mask }))).toEqual({ ...TOO_SHORT, option: "mask" });
    }
  });
});

test("a batch's logits that become shorter while a row is drawn are refused", () => {
  const { logits, shrink } = shrinking(2);
  const first = make({
    generator: () => {
      shrink();
      return 0.5;
    },
  });
  const second = make();
  expect(refusal(() => sampleBatch([first, second], logits))).toEqual({ ...TOO_SHORT, row: 1, index: 8 });
  expect([first.step, second.step]).toEqual([0, 0]);

  const gone = Float32Array.of(...nine, ...nine);
  const third = make({
    generator: () => {
      if (gone.length > 0) detach(gone);
      return 0.5;
    },
  });
  expect(refusal(() => sampleBatch([third, second], gone))).toEqual({ ...TOO_SHORT, row: 1 });
});

test("sync compares a sequence correctly while reading it grows the memory", () => {
  const grow = () => void new logitdraw.LogitsBuffer(2 ** 20, 8);
  const sampler = make().prompt([1, 2, 3]);
  sampler.sync(withGetter([1, 2, 3, 4], 0, grow));
  expect([...sampler.history]).toEqual([1, 2, 3, 4]);
  expect(refusal(() => sampler.sync(withGetter([8, 2, 3, 4, 5], 0, grow)))).toEqual({
    code: "INVALID_TOKEN",
    index: 0,
  });
  expect([...sampler.history]).toEqual([1, 2, 3, 4]);
});

describe("an array with a false length", () => {
  test.each([1, 5, 100_000])("is refused if it claims %i elements", (length) => {
    const wrong: (() => unknown)[] = [
      () => make().sample(withLength(nine.slice(), length), {}),
      () => make().sample(nine, { mask: withLength(Uint32Array.of(511, 0), length) }),
      () => make().sample(nine, { mask: withLength(Int32Array.of(511, 0), length) }),
      () => make().prompt(withLength(Uint32Array.of(1, 2), length)),
      () => make().sync(withLength(Uint32Array.of(1, 2), length)),
      () => logitdraw.argmax(withLength(nine.slice(), length)),
      () => logitdraw.multinomial(withLength(Float64Array.of(0.5, 0.5), length), 1),
      () => logitdraw.bincount(withLength(Uint32Array.of(1, 2), length)),
      () => Sampler.restore(withLength(make().save(), length)),
      () => sampleBatch([make()], withLength(nine.slice(), length)),
    ];
    for (const call of wrong) expect(refusal(call)).toMatchObject(TOO_SHORT);
  });

  test("is refused even if it claims vocabSize, but a true length is accepted", () => {
    const claimed = (options?: object) => refusal(() => make().sample(withLength(nine.slice(0, 8), 9), options));
    expect(claimed()).toEqual({ ...TOO_SHORT, index: 8 });
    expect(claimed({})).toEqual(TOO_SHORT);
    expect(make().sample(withLength(nine.slice(), 9))).toBe(make().sample(nine));
  });
});

test("a prompt in shared memory that another thread may grow is copied at one length", () => {
  const Growable = SharedArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => SharedArrayBuffer & { grow(length: number): void };
  const buffer = new Growable(4000, { maxByteLength: 2 ** 20 });
  const tokens = new Uint32Array(buffer);
  // In place of the other thread, every look at the length makes it larger.
  Object.defineProperty(tokens, "length", {
    get() {
      const length = buffer.byteLength / 4;
      buffer.grow(buffer.byteLength + 4000);
      return length;
    },
  });
  const { history } = make().prompt(tokens);
  // Nobody has looked since the copy: an allocation for fewer would have been overrun.
  expect(history.length).toBe(buffer.byteLength / 4);
  expect(new Set(history)).toEqual(new Set([0]));
});
