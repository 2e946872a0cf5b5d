// Rollback, updates, saved states: a sampler that goes back or is restored draws what it would have drawn.

import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Sampler, type SamplerOptions } from "../src/index.js";
import { NINE, REMEMBERING, refusal, row } from "./helpers.js";

const V = 120;

const logits = (step: number) => row(V, 500 + step, 3);
const draws = (sampler: Sampler, n: number) =>
  Array.from({ length: n }, () => sampler.sample(logits(sampler.history.length)));

describe.each(Object.entries(REMEMBERING))("%s", (_, options) => {
  const make = () => new Sampler({ ...options, vocabSize: V, seed: 11 }).prompt([7, 3, 1, 2, 7, 3]);

  test("draws the same tokens again after a rollback", () => {
    const sampler = make();
    const expected = draws(sampler, 25);
    for (const count of [0, 1, 7, 25, 3, 12]) {
      sampler.rollback(count);
      expect(sampler.step).toBe(25 - count);
      expect(draws(sampler, count)).toEqual(expected.slice(25 - count));
    }
    sampler.rollback(sampler.history.length);
    expect([sampler.step, sampler.history.length]).toEqual([0, 0]);
    sampler.prompt([7, 3, 1, 2, 7, 3]);
    expect(draws(sampler, 25)).toEqual(expected);
  });

  test("continues with the same tokens when restored or cloned", () => {
    const sampler = make();
    draws(sampler, 13);
    sampler.accept(5);
    const state = sampler.save();
    const [restored, clone] = [Sampler.restore(state), sampler.clone()];
    const next = draws(sampler, 20);
    for (const twin of [restored, clone, Sampler.restore(Sampler.restore(state).save())]) {
      expect([twin.seed, twin.sequence, twin.vocabSize]).toEqual([11n, 0n, V]);
      expect(draws(twin, 20)).toEqual(next);
      expect(twin.history).toEqual(sampler.history);
      twin.rollback(22);
      expect(twin.step).toBe(12);
    }
    expect(restored.save()).toEqual(clone.save());
  });

  test("restore refuses truncated and altered states", () => {
    const sampler = make();
    draws(sampler, 9);
    const state = sampler.save();
    for (let i = 0; i < state.length; i++) {
      const altered = state.slice();
      altered[i] = (altered[i] as number) ^ (1 << (i % 8));
      expect(refusal(() => Sampler.restore(altered))).toEqual({ code: "INVALID_STATE" });
      expect(refusal(() => Sampler.restore(state.subarray(0, i)))).toEqual({ code: "INVALID_STATE" });
    }
    expect(refusal(() => Sampler.restore(Uint8Array.of(...state, 0)))).toEqual({ code: "INVALID_STATE" });
  });

  test("draws the same tokens after an update is undone", () => {
    const sampler = make();
    const twin = make();
    draws(sampler, 10);
    draws(twin, 10);
    sampler.update({ temperature: 0.3 }).update({ temperature: undefined });
    sampler.update({ logitBias: { 1: -1, 2: 3 } }).update({ logitBias: undefined });
    expect(draws(sampler, 15)).toEqual(draws(twin, 15));
  });

  test("starts over after reset", () => {
    const sampler = make();
    const expected = draws(sampler, 12);
    sampler.reset();
    expect([sampler.step, sampler.history.length]).toEqual([0, 0]);
    expect(draws(sampler.prompt([7, 3, 1, 2, 7, 3]), 12)).toEqual(expected);
  });

  test("refused calls leave the sampler unchanged", () => {
    const [sampler, twin] = [make(), make()];
    const bad: (() => unknown)[] = [
      () => sampler.rollback(sampler.history.length + 1),
      () => sampler.update({ temperature: -1, topK: 1 }),
      () => sampler.update({ topK: 1, nonsense: 1 } as object),
      () => sampler.sync([1, 2, 3]),
      () => sampler.prompt([1, V]),
      () => sampler.accept(V),
      () => sampler.sample(logits(0).fill(Number.NaN)),
      () => sampler.sampleWithLogprobs(logits(0).fill(Number.NaN), { of: "processed", top: 3 }),
    ];
    for (let i = 0; i < 16; i++) {
      expect(refusal(bad[i % bad.length] as () => unknown).code).toMatch(/^[A-Z_]+$/);
      expect(draws(sampler, 1)).toEqual(draws(twin, 1));
    }
    expect(sampler.save()).toEqual(twin.save());
  });
});

describe("sync", () => {
  test("records new tokens as the prompt before the first draw, as accepted tokens after it", () => {
    const sampler = new Sampler({ vocabSize: 9, seed: 1 });
    expect(sampler.sync([1, 2]).step).toBe(0);
    const token = sampler.sample(NINE);
    expect(sampler.sync([1, 2, token]).step).toBe(1);
    expect(sampler.sync([1n, 2n, BigInt(token), 5n, 6n]).step).toBe(3);
    expect([...sampler.history]).toEqual([1, 2, token, 5, 6]);
    expect(sampler.sync(sampler.history).step).toBe(3);
  });

  test("accepts every kind of array and names the index of the first difference", () => {
    const tokens = fc.array(fc.nat({ max: 8 }), { maxLength: 12 });
    const kinds: ((ids: number[]) => ArrayLike<number> | ArrayLike<bigint>)[] = [
      (ids) => ids,
      (ids) => ids.map(BigInt),
      (ids) => Uint32Array.from(ids),
      (ids) => Int32Array.from(ids),
      (ids) => Uint8Array.from(ids),
      (ids) => Float64Array.from(ids),
      (ids) => BigInt64Array.from(ids.map(BigInt)),
      (ids) => BigUint64Array.from([99, ...ids].map(BigInt)).subarray(1),
      (ids) => ({ ...ids, length: ids.length }),
    ];
    fc.assert(
      fc.property(tokens, tokens, fc.constantFrom(...kinds), (known, given, kind) => {
        using sampler = new Sampler({ vocabSize: 9, seed: 1 }).prompt(known);
        const place = known.findIndex((id, i) => id !== given[i]);
        if (place < 0) expect([...sampler.sync(kind(given)).history]).toEqual(given);
        else {
          expect(refusal(() => sampler.sync(kind(given)))).toEqual({ code: "INVALID_TOKEN", index: place });
          expect([...sampler.history]).toEqual(known);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("names the index of a bad token", () => {
    const sampler = new Sampler({ vocabSize: 9, seed: 1 }).prompt([1, 2]);
    const big = BigInt64Array.of(1n, 2n + 2n ** 32n);
    expect(refusal(() => sampler.sync(big))).toEqual({ code: "INVALID_TOKEN", index: 1 });
    for (const bad of [9, -1, 1.5, Number.NaN, "3", null, undefined, 2 ** 32, -1n, 2n ** 70n]) {
      expect(refusal(() => sampler.sync([1, 2, 3, bad as number]))).toEqual({ code: "INVALID_TOKEN", index: 3 });
      expect(refusal(() => sampler.sync([1, bad as number, 3]))).toEqual({ code: "INVALID_TOKEN", index: 1 });
    }
    for (const bad of [null, undefined, 3, "12", {}]) {
      expect(refusal(() => sampler.sync(bad as number[]))).toEqual({ code: "INVALID_TOKEN" });
    }
    expect([...sampler.history]).toEqual([1, 2]);
  });

  test("refuses a sequence whose getters change the sampler", () => {
    const sampler = new Sampler({ vocabSize: 9, seed: 1 }).prompt([1]);
    const accepting = {
      length: 2,
      0: 1,
      get 1() {
        sampler.accept(4);
        return 2;
      },
    };
    expect(refusal(() => sampler.sync(accepting))).toEqual({ code: "INVALID_STATE" });
    expect([...sampler.history]).toEqual([1, 4]);
  });

  test("compares a long history without copying it", () => {
    const sampler = new Sampler({ vocabSize: 1000, seed: 1, repetitionPenalty: 1.1 });
    const tokens = BigInt64Array.from({ length: 100_000 }, (_, i) => BigInt((i * 7919) % 1000));
    sampler.sync(tokens);
    const bytes = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 200; i++) sampler.sync(tokens);
    expect(process.memoryUsage().arrayBuffers - bytes).toBeLessThan(1e6);
    expect(sampler.step).toBe(0);
  });
});

describe("update", () => {
  const make = (options: Partial<SamplerOptions> = {}) => new Sampler({ vocabSize: 9, seed: 3, ...options });
  const law = (sampler: Sampler) => [...sampler.distribution(NINE)];

  test("keeps absent options, resets undefined ones and replaces groups", () => {
    const sampler = make({ temperature: 0.5, topK: 4, xtc: { probability: 1, threshold: 0.2, protect: [3] } });
    sampler.update({ topK: 2 });
    expect(law(sampler)).toEqual(
      law(make({ temperature: 0.5, topK: 2, xtc: { probability: 1, threshold: 0.2, protect: [3] } })),
    );
    sampler.update({ temperature: undefined, xtc: { probability: 1, threshold: 0.2 } });
    expect(law(sampler)).toEqual(law(make({ topK: 2, xtc: { probability: 1, threshold: 0.2 } })));
    sampler.update({ topK: undefined, xtc: undefined, penaltyScope: {} });
    expect(law(sampler)).toEqual(law(make()));
    expect(refusal(() => sampler.update({ xtc: { probability: 1 } as never }))).toEqual({
      code: "INVALID_OPTION",
      option: "xtc.threshold",
    });
  });

  test("keeps history, seed and step", () => {
    const [sampler, twin] = [make({ generator: "torch" }), make({ generator: "torch" })];
    for (const each of [sampler, twin]) each.prompt([1, 2]).sample(NINE);
    sampler.update({ topK: 3, repetitionPenalty: 1.5 });
    expect([sampler.seed, sampler.step, sampler.history]).toEqual([3n, 1, twin.history]);
    sampler.update({ topK: undefined, repetitionPenalty: undefined });
    expect(sampler.sample(NINE)).toBe(twin.sample(NINE));
  });

  test("a penalty added later counts the whole history", () => {
    const late = make().prompt([1, 3]).update({ repetitionPenalty: 2 });
    expect(law(late)).toEqual(law(make({ repetitionPenalty: 2 }).prompt([1, 3])));
  });

  test("adds and removes a prefix constraint", () => {
    const sampler = make();
    sampler.update({ prefixAllowedTokens: () => [4] });
    expect(sampler.sample(NINE)).toBe(4);
    sampler.update({ topK: 3 });
    expect(sampler.sample(NINE)).toBe(4);
    expect(refusal(() => sampler.save())).toEqual({ code: "INVALID_STATE" });
    sampler.update({ prefixAllowedTokens: undefined, topK: undefined });
    expect(law(sampler)).toEqual(law(make()));
    expect(Sampler.restore(sampler.save()).history).toEqual(sampler.history);
  });

  test("keeps a generator function while a prefix constraint is added and removed", () => {
    const numbers = [0.1, 0.9, 0.1, 0.9];
    const sampler = make({ generator: () => numbers.shift() as number });
    sampler.update({ prefixAllowedTokens: () => [4, 5] });
    const flat = new Float32Array(9);
    expect([sampler.sample(flat), sampler.sample(flat)]).toEqual([4, 5]);
    sampler.update({ prefixAllowedTokens: undefined });
    expect([sampler.sample(flat), sampler.sample(flat)]).toEqual([0, 8]);
  });

  test("a refused update leaves the prefix constraint as it was", () => {
    const sampler = make({ temperature: 0, prefixAllowedTokens: () => [4] });
    // The first is refused by the conversion of its values, the other by the core, which looks at all options together.
    for (const bad of [{ topP: "1" }, { order: ["temperature"], topK: 3 }]) {
      for (const prefixAllowedTokens of [() => [5], undefined]) {
        const call = () => sampler.update({ prefixAllowedTokens, ...bad } as object);
        expect(refusal(call).code).toBe("INVALID_OPTION");
        expect(sampler.sample(NINE)).toBe(4);
      }
    }
  });

  test("refuses vocabSize, seed, sequence, generator and unknown options", () => {
    const sampler = make();
    for (const option of ["vocabSize", "seed", "sequence", "generator"]) {
      for (const given of [9, "philox", undefined, null]) {
        const call = () => sampler.update({ [option]: given } as object);
        expect(refusal(call)).toEqual({ code: "INVALID_OPTION", option });
      }
    }
    expect(refusal(() => sampler.update({ temprature: undefined } as object))).toEqual({
      code: "UNKNOWN_OPTION",
      option: "temprature",
    });
    for (const bad of [null, undefined, 5, "x"]) {
      expect(refusal(() => sampler.update(bad as unknown as object))).toEqual({
        code: "INVALID_OPTION",
        option: "options",
      });
    }
  });
});

describe("save and restore", () => {
  test("save refuses a sampler with a function among its options", () => {
    for (const options of [{ generator: () => 0.5 }, { prefixAllowedTokens: () => [1] }]) {
      expect(refusal(() => new Sampler({ vocabSize: 9, ...options }).save())).toEqual({ code: "INVALID_STATE" });
    }
  });

  test("restore refuses values other than saved states", () => {
    for (const bad of [null, undefined, "x", [1], new Uint16Array(40), new Uint8Array(0), new Uint8Array(4000)]) {
      expect(refusal(() => Sampler.restore(bad as Uint8Array))).toEqual({ code: "INVALID_STATE" });
    }
  });

  test("another process continues from the saved states", () => {
    const samplers = Object.values(REMEMBERING).map((options, sequence) => {
      const one = "generator" in options ? {} : { sequence };
      const sampler = new Sampler({ ...options, ...one, vocabSize: V, seed: 2 ** 31 }).prompt([7, 3, 1, 2, 7, 3]);
      draws(sampler, 8);
      return sampler;
    });
    const states = samplers.map((sampler) => Buffer.from(sampler.save()).toString("base64"));
    const code = `
      import { Sampler } from ${JSON.stringify(new URL("../dist/node.js", import.meta.url).href)};
      const row = ${row.toString()};
      const logits = (step) => row(${V}, 500 + step, 3);
      const tokens = ${JSON.stringify(states)}.map((state) => {
        const sampler = Sampler.restore(new Uint8Array(Buffer.from(state, "base64")));
        return Array.from({ length: 12 }, () => sampler.sample(logits(sampler.history.length)));
      });
      console.log(JSON.stringify(tokens));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(samplers.map((sampler) => draws(sampler, 12)));
  });
});
