import { describe, expect, test } from "vitest";
import {
  argmax,
  Generator,
  LogitsBuffer,
  maskTopK,
  multinomial,
  Sampler,
  sampleBatch,
  softmax,
  topK,
} from "../src/index.js";
import { refusal, row } from "./helpers.js";

/** Fills the module's memory until it has to grow, which detaches every view of it. The caller must free the buffers returned. */
function filled(): LogitsBuffer[] {
  const view = new LogitsBuffer(1).data;
  const kept: LogitsBuffer[] = [];
  while (view.length > 0) kept.push(new LogitsBuffer(1 << 18));
  return kept;
}

/** Makes the module's memory grow. */
function grow(): void {
  for (const buffer of filled()) buffer.free();
}

/** A checksum, to compare arrays that would take long to compare themselves. */
function checksum(numbers: Float32Array): number {
  const words = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  return words.reduce((sum, word) => (Math.imul(sum, 31) + word) | 0, 0);
}

describe.each([1, 31, 32, 33, 96, 1000, 50_257])("rows of %i", (vocabSize) => {
  const options = { vocabSize, temperature: 0.9, topP: 0.95, seed: 3 };

  test("sampling a row gives the token of its copy and leaves the other rows unchanged", () => {
    const buffer = new LogitsBuffer(vocabSize, 3);
    const rows = [1, 2, 3].map((seed) => row(vocabSize, seed));
    rows.forEach((logits, i) => {
      buffer.data.set(logits, i * vocabSize);
    });
    for (const index of [1, 0, 2]) {
      const [inPlace, copied] = [new Sampler(options), new Sampler(options)];
      const logits = rows[index] as Float32Array;
      expect(inPlace.sample(buffer.row(index))).toBe(copied.sample(logits));
      buffer.data.set(logits, index * vocabSize);
      // Not the best token, unless there is no other.
      const mask = new Uint32Array(Math.ceil(vocabSize / 32)).fill(~0);
      const best = argmax(logits);
      if (vocabSize > 1) mask[best >> 5] = ~(1 << (best & 31));
      expect(inPlace.sample(buffer.row(index), { mask })).toBe(copied.sample(logits, { mask }));
      buffer.data.set(logits, index * vocabSize);
      const last = { vocabSize, generator: () => 1 - 2 ** -53 };
      expect(new Sampler(last).sample(buffer.row(index))).toBe(new Sampler(last).sample(logits));
      rows.forEach((logits, other) => {
        if (other === index) return;
        expect(buffer.data.subarray(other * vocabSize, (other + 1) * vocabSize)).toEqual(logits);
      });
      buffer.data.set(rows[index] as Float32Array, index * vocabSize);
    }
  });

  test("distribution and sampleBatch leave the rows unchanged", () => {
    const buffer = new LogitsBuffer(vocabSize, 2);
    const data = row(2 * vocabSize, 5);
    buffer.data.set(data);
    const sampler = new Sampler(options);
    expect(sampler.distribution(buffer.row(1))).toEqual(sampler.distribution(data.subarray(vocabSize)));
    const pair = () => [new Sampler(options), new Sampler({ ...options, sequence: 1 })];
    expect(sampleBatch(pair(), buffer)).toEqual(sampleBatch(pair(), data));
    expect(buffer.data).toEqual(data);
  });
});

describe("memory", () => {
  test("a buffer starts with zeros, and data is a view of the module's memory", () => {
    const buffer = new LogitsBuffer(40, 2);
    expect(buffer.data).toEqual(new Float32Array(80));
    expect([buffer.vocabSize, buffer.rows]).toEqual([40, 2]);
    buffer.data[47] = 9;
    expect(new Sampler({ vocabSize: 40, temperature: 0 }).sample(buffer.row(1))).toBe(7);
    const other = new LogitsBuffer(1);
    expect(buffer.data.buffer).toBe(other.data.buffer);
  });

  test("data and draws stay correct after memory growth detaches old views", () => {
    const vocabSize = 1000;
    const logits = row(vocabSize);
    const buffer = new LogitsBuffer(vocabSize);
    buffer.data.set(logits);
    const old = buffer.data;
    const bits = new Uint16Array(vocabSize);
    const mask = new Uint32Array(32).fill(0xffffffff);
    const [sampler, twin] = [0, 0].map(() => new Sampler({ vocabSize, topK: 40, seed: 1 })) as [Sampler, Sampler];
    const draw = (s: Sampler) => [
      s.sample(logits),
      s.sample(Array.from(logits)),
      s.sample(bits, { dtype: "float16", mask }),
      s.sample(buffer.row(0)),
    ];
    const expected = [draw(twin), draw(twin), draw(twin)];
    const got = [draw(sampler)];
    grow();
    expect(old.length).toBe(0);
    got.push(draw(sampler));
    expect(buffer.data).toEqual(logits);
    grow();
    const [first] = sampleBatch([sampler.clone()], logits);
    got.push(draw(sampler));
    expect(got).toEqual(expected);
    expect(first).toBe(expected[2]?.[0]);
  });

  test("memory freed with the last sampler of a vocabSize is never written again", () => {
    const draw = (vocabSize: number) => {
      const bits = Uint16Array.from({ length: vocabSize }, (_, i) => (Math.imul(i, 40503) >>> 4) & 0x3fff);
      const mask = Uint32Array.from({ length: Math.ceil(vocabSize / 32) }, (_, i) => Math.imul(i + 1, 2654435761) | 1);
      const sampler = new Sampler({ vocabSize, seed: 5 });
      const tokens = [0, 1, 2].map(() => sampler.sample(bits, { dtype: "float16", mask }));
      sampler.free();
      return tokens;
    };
    // A new scratch may have its row at the address of a freed one, but its mask and the rest elsewhere.
    const sizes = [1000, 32000, 33, 257];
    const expected = sizes.map(draw);
    for (let turn = 0; turn < 100; turn++) {
      new Sampler({ vocabSize: 1 + 13 * turn, seed: 1 }).free();
      if (turn % 10 === 0) new LogitsBuffer(1 + turn);
      for (const [i, size] of sizes.entries()) expect(draw(size)).toEqual(expected[i]);
    }
  });

  test("functions accept views of the module's memory that growth detaches during the call", () => {
    const calls: ((logits: Float32Array) => unknown)[] = [
      (view) => multinomial(view, 1, { generator: new Generator({ seed: 1 }) }),
      argmax,
      (view) => topK(view, 3),
      (view) => checksum(softmax(view)),
      (view) => checksum(maskTopK(view, 3)),
    ];
    const vocabSize = 1_000_000;
    const logits = row(vocabSize).map(Math.abs);
    for (const call of calls) {
      const buffer = new LogitsBuffer(vocabSize);
      const others = filled();
      const view = buffer.data;
      view.set(logits);
      const given = call(view);
      expect(view.length, "the call must detach the view").toBe(0);
      expect(given).toEqual(call(logits));
      for (const used of [buffer, ...others]) used.free();
    }
  });

  test("a view of the module's memory is refused as out", () => {
    const buffer = new LogitsBuffer(9);
    const sampler = new Sampler({ vocabSize: 9 });
    const refused = { code: "INVALID_OPTION", option: "out" };
    expect(refusal(() => sampler.distribution(row(9), { out: buffer.data }))).toEqual(refused);
    const out = new Uint32Array(buffer.data.buffer, buffer.data.byteOffset, 1);
    expect(refusal(() => sampleBatch([sampler], row(9), { out }))).toEqual(refused);
    expect(sampler.step).toBe(0);
  });

  test("a view detached by growth is refused", () => {
    const buffer = new LogitsBuffer(9);
    const stale = buffer.data;
    grow();
    expect(refusal(() => new Sampler({ vocabSize: 9 }).sample(stale))).toEqual({ code: "WRONG_LENGTH", index: 0 });
  });
});

test("bad sizes and row indices are refused", () => {
  for (const bad of [0, -1, 1.5, Number.NaN, "3", null, 2 ** 31 + 1]) {
    expect(refusal(() => new LogitsBuffer(bad as number))).toEqual({ code: "INVALID_OPTION", option: "vocabSize" });
    expect(refusal(() => new LogitsBuffer(3, bad as number))).toEqual({ code: "INVALID_OPTION", option: "rows" });
  }
  const buffer = new LogitsBuffer(3, 2);
  for (const bad of [2, -1, 0.5, Number.NaN, "0", null, undefined]) {
    expect(refusal(() => buffer.row(bad as number))).toEqual({ code: "INVALID_OPTION", option: "index" });
    const own = { buffer, index: bad as number };
    expect(refusal(() => new Sampler({ vocabSize: 3 }).sample(own))).toEqual({
      code: "INVALID_OPTION",
      option: "index",
    });
  }
});

test("after free every use throws FREED, and a second free does nothing", () => {
  const buffer = new LogitsBuffer(3);
  const given = buffer.row(0);
  buffer.free();
  buffer.free();
  buffer[Symbol.dispose]();
  const scoped = new LogitsBuffer(3);
  scoped[Symbol.dispose]();
  const sampler = new Sampler({ vocabSize: 3 });
  const calls = [
    () => scoped.data,
    () => buffer.data,
    () => buffer.row(0),
    () => sampler.sample(given),
    () => sampler.distribution(given),
    () => sampleBatch([sampler], buffer),
  ];
  for (const call of calls) expect(refusal(call)).toEqual({ code: "FREED" });
  expect(sampler.step).toBe(0);
});
