// A memory with a low limit: every call succeeds, or throws OUT_OF_MEMORY without having moved anything, and the package goes on working.

import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import type { Sampler, SamplerOptions } from "../src/index.js";

const VOCAB = 1000;
const TOKENS = Uint32Array.from({ length: 100_000 }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 8) % VOCAB);
const ALL: Partial<SamplerOptions> = {
  repetitionPenalty: 1.1,
  presencePenalty: 0.1,
  frequencyPenalty: 0.1,
  dry: { multiplier: 1, allowedLength: 0 },
  noRepeatNgramSize: 3,
};
/** Limits in pages of 64 KiB: from hardly more than the module has at first to plenty. */
const PAGES = Array.from({ length: 32 }, (_, i) => 40 + 40 * i);

/** Returns the module with its memory limited to this many pages. */
function capped(pages: number): WebAssembly.Module {
  const module = readFileSync(new URL("../pkg/logitdraw_wasm_bg.wasm", import.meta.url));
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const start = at;
    const [id, length] = [number(), number()];
    if (id !== 5) {
      at += length;
      continue;
    }
    // There is one memory, and it has no limit of its own.
    const [count, flags, least] = [number(), number(), number()];
    expect([count, flags]).toEqual([1, 0]);
    const leb = (value: number) => [(value & 0x7f) | 0x80, value >> 7];
    const section = [5, 6, 1, 1, ...leb(least), ...leb(pages)];
    return new WebAssembly.Module(
      Buffer.concat([module.subarray(0, start), Buffer.from(section), module.subarray(at)]),
    );
  }
}

/** Loads a fresh copy of the package, with its memory limited to this many pages. */
async function load(pages: number) {
  vi.resetModules();
  const { setSource } = await import("../src/wasm.js");
  setSource(() => capped(pages));
  return import("../src/index.js");
}

/** Returns what the call returns; undefined if it throws OUT_OF_MEMORY. */
function attempt<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    expect(error).toMatchObject({ code: "OUT_OF_MEMORY" });
    return undefined;
  }
}

const state = (sampler: Sampler) => [sampler.step, sampler.history.length, sampler.history.at(-1)];

describe("with limited memory", () => {
  const logits = new Float32Array(VOCAB);
  const steps: Record<string, (sampler: Sampler) => unknown> = {
    prompt: (sampler) => sampler.prompt(TOKENS),
    sync: (sampler) => sampler.sync(TOKENS),
    update: (sampler) => sampler.update(ALL),
    clone: (sampler) => sampler.clone({ sequence: 2 }),
  };

  test.each([
    ["prompt", ALL, ["prompt", "clone"]],
    ["sync", ALL, ["sync"]],
    ["update", {}, ["prompt", "update"]],
  ] as const)("%s succeeds, or throws OUT_OF_MEMORY and leaves the sampler unchanged", async (_, options, names) => {
    const ends = new Set<string>();
    for (const pages of PAGES) {
      const { Sampler } = await load(pages);
      const sampler = new Sampler({ vocabSize: VOCAB, seed: 1, ...options });
      for (const name of names) {
        const before = state(sampler);
        const done = attempt(() => (steps[name] as (typeof steps)[string])(sampler)) !== undefined;
        if (!done) expect(state(sampler)).toEqual(before);
        ends.add(`${name} ${done}`);
      }
      sampler.sample(logits);
      sampler.free();
      expect(new Sampler({ vocabSize: VOCAB, temperature: 0 }).sample(Float32Array.from(logits, (_, i) => i))).toBe(
        999,
      );
    }
    // Each call must have both succeeded and failed, at different limits.
    for (const name of names) expect(ends).toEqual(new Set([...ends, `${name} true`, `${name} false`]));
  });

  test("restore succeeds or throws OUT_OF_MEMORY", async () => {
    const { Sampler } = await load(4000);
    const saved = new Sampler({ vocabSize: VOCAB, seed: 1, ...ALL }).prompt(TOKENS).save();
    const restored: boolean[] = [];
    for (const pages of PAGES) {
      const { Sampler } = await load(pages);
      restored.push(attempt(() => Sampler.restore(saved).history.length === TOKENS.length) ?? false);
    }
    expect(new Set(restored)).toEqual(new Set([true, false]));
  });

  test.each([60, 100, 200])("a sampler that has filled %i pages can be rolled back and used again", async (pages) => {
    const { Sampler } = await load(pages);
    const row = new Float32Array(64);
    const sampler = new Sampler({ vocabSize: 64, seed: 1, dry: { multiplier: 1 } });
    let drawn = 0;
    while (attempt(() => sampler.sample(row)) !== undefined) drawn++;
    expect(state(sampler)[0]).toBe(drawn);
    expect(attempt(() => sampler.accept(1))).toBe(undefined);
    expect(attempt(() => sampler.sampleWithLogprobs(row))).toBe(undefined);
    expect(sampler.step).toBe(drawn);
    sampler.rollback(drawn - 1);
    sampler.sample(row);
    sampler.free();
    sampler.free();
    expect(new Sampler({ vocabSize: 64, temperature: 0 }).sample(row)).toBe(0);
  });

  /** Fills the memory with buffers, the largest first. */
  function fill(LogitsBuffer: typeof import("../src/index.js").LogitsBuffer): unknown[] {
    const kept: unknown[] = [];
    for (let rows = 1 << 16; rows >= 1; rows >>= 1) {
      for (let buffer: unknown = 0; buffer !== undefined; buffer = attempt(() => new LogitsBuffer(64, rows))) {
        kept.push(buffer);
      }
    }
    return kept;
  }

  // Just before a list doubles: the generator's positions and what mirostat learned double with the draws, not with the history.
  test.each([
    ["torch's positions", { generator: "torch" }, 0x4000],
    ["mirostat's surprises", { mirostat: { version: 2 } }, 0x10000],
  ] as const)("%s, about to double when the memory is full, are refused room", async (_, options, draws) => {
    const { LogitsBuffer, Sampler } = await load(1500);
    const row = new Float32Array(64);
    const sampler = new Sampler({ vocabSize: 64, seed: 1, temperature: 2, ...options });
    sampler.prompt(TOKENS.subarray(0, 1000).map((token) => token % 64));
    for (let i = 0; i < draws; i++) sampler.sample(row);
    const kept = fill(LogitsBuffer);
    expect(kept.length).toBeGreaterThan(1);
    while (attempt(() => sampler.sample(row)) !== undefined) expect(sampler.step).toBeLessThan(2 * draws + 2000);
    expect(sampler.history.length).toBe(1000 + sampler.step);
    sampler.rollback(sampler.step - draws / 2);
    sampler.sample(row);
    // Either succeeds or is refused.
    attempt(() => sampler.save());
  });

  test("reset works when the memory is full, however long the options' lists are", async () => {
    const { LogitsBuffer, Sampler } = await load(1500);
    const long = Array.from({ length: 500_000 }, (_, i) => i % 64);
    const options = {
      dry: { multiplier: 1, sequenceBreakers: [long] },
      noRepeatNgram: { size: 2, exempt: long },
      thinkingBudget: { tokens: 5, start: long, end: [1] },
    };
    const samplers = Object.entries(options).map(
      ([name, option]) => new Sampler({ vocabSize: 64, seed: 1, [name]: option }),
    );
    const row = new Float32Array(64);
    const first = samplers.map((sampler) => sampler.sample(row));
    fill(LogitsBuffer);
    for (const sampler of samplers) for (let i = 0; i < 3; i++) sampler.reset();
    expect(samplers.map((sampler) => sampler.sample(row))).toEqual(first);
  });

  const NAMES = ["sample", "sample in place", "sampleBatch"] as const;
  test.each(NAMES)("%s with many samplers whose lists double at once", async (name) => {
    const { LogitsBuffer, Sampler, sampleBatch } = await load(1500);
    const samplers = Array.from({ length: 200 }, (_, sequence) => new Sampler({ vocabSize: 64, seed: 1, sequence }));
    for (const sampler of samplers) for (let i = 0; i < 4096; i++) sampler.accept(i % 64);
    const inPlace = new LogitsBuffer(64).row(0);
    const kept = fill(LogitsBuffer);
    expect(kept.length).toBeGreaterThan(1);
    const row = new Float32Array(64);
    const given = name === "sample" ? row : inPlace;
    if (name === "sampleBatch") attempt(() => sampleBatch(samplers, new Float32Array(64 * samplers.length)));
    else for (const sampler of samplers) attempt(() => sampler.sample(given));
    const moved = samplers.filter(({ step }) => step > 4096).length;
    expect(moved === 0 || name !== "sampleBatch").toBe(true);
    expect(moved).toBeLessThan(samplers.length);
    (samplers[0] as Sampler).rollback(1);
    (samplers[0] as Sampler).sample(row);
  });

  test("sampleBatch draws for all samplers or none, wherever between the first and the last of them memory ends", async () => {
    const { LogitsBuffer, Sampler, sampleBatch } = await load(1500);
    const samplers = Array.from({ length: 200 }, (_, sequence) => new Sampler({ vocabSize: 64, seed: 1, sequence }));
    for (const sampler of samplers) for (let i = 0; i < 4096; i++) sampler.accept(i % 64);
    const rows = new Float32Array(64 * samplers.length);
    const buffers: InstanceType<typeof LogitsBuffer>[] = [];
    while (attempt(() => buffers.push(new LogitsBuffer(64, 2048))) !== undefined);
    let refused = 0;
    while (attempt(() => sampleBatch(samplers, rows)) === undefined) {
      refused++;
      expect(samplers.every(({ step }) => step === 4096)).toBe(true);
      buffers.pop()?.free();
    }
    // All lists together take 6.5 MB, twelve and a half buffers.
    expect(refused).toBeGreaterThan(12);
    expect(samplers.every(({ step }) => step === 4097)).toBe(true);
  });

  // In memory of its own, which the samplers' lists soon outgrow.
  test("a batch's logits may be a view of the memory, which a draw of the batch grows", async () => {
    const { LogitsBuffer, Sampler, sampleBatch } = await load(1500);
    const samplers = Array.from({ length: 64 }, (_, sequence) => new Sampler({ vocabSize: 32, seed: 1, sequence }));
    const { data } = new LogitsBuffer(32, 64);
    while (data.length > 0) {
      expect(samplers[0]?.step).toBeLessThan(5000);
      sampleBatch(samplers, data);
    }
    expect(new Set(samplers.map(({ step }) => step)).size).toBe(1);
  });

  test("save succeeds or throws OUT_OF_MEMORY", async () => {
    const { LogitsBuffer, Sampler } = await load(500);
    const row = new Float32Array(64);
    const sampler = new Sampler({ vocabSize: 64, seed: 1, generator: "torch", mirostat: { version: 2 } });
    for (let i = 0; i < 40_000; i++) sampler.sample(row);
    const buffers: InstanceType<typeof LogitsBuffer>[] = [];
    while (attempt(() => buffers.push(new LogitsBuffer(64, 256))) !== undefined);
    const saved: boolean[] = [];
    do {
      saved.push(attempt(() => sampler.save()) !== undefined);
      buffers.pop()?.free();
    } while (buffers.length > 0);
    expect(new Set(saved)).toEqual(new Set([true, false]));
    expect(sampler.step).toBe(40_000);
  });

  test.each(["sample", "sampleWithLogprobs"] as const)(
    "a %s from float16 that is refused leaves no 16-bit values in the row",
    async (name) => {
      const { Sampler } = await load(100);
      const row = new Float32Array(40);
      row[5] = 1;
      const sampler = new Sampler({ vocabSize: 40, temperature: 0, dry: { multiplier: 1, allowedLength: 50 } });
      while (attempt(() => sampler.sample(row)) !== undefined);
      // 8192 in float16, and a large number in float32, where the row's padding is.
      const bits = new Uint16Array(40).fill(0x7000);
      expect(attempt(() => sampler[name](bits, { dtype: "float16" }))).toBe(undefined);
      sampler.rollback(sampler.step - 1);
      expect(sampler.distribution(row)[5]).toBe(1);
      expect(sampler.sample(row)).toBe(5);
    },
  );
});
