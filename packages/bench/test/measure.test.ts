// How contenders take turns.

import { describe, expect, test } from "vitest";
import { measure, summarize } from "../src/measure.js";

describe("measure", () => {
  test("leaves warm-up rounds out, waits for promises, gives every row its turn", async () => {
    const calls: string[] = [];
    const slow = { name: "s", run: () => new Promise<number>((done) => setTimeout(() => done(1), 5)) };
    const contender = (name: string, every = 1) => ({ name, every, run: (row: number) => calls.push(name + row) });
    const times = await measure([slow, contender("a"), contender("b", 4)], { rounds: 8, warmUp: 8, rows: 4 });
    expect([...times.values()].map(({ rounds }) => rounds)).toEqual([8, 8, 2]);
    expect(times.get("s")?.median).toBeGreaterThan(4000);
    expect(calls.filter((call) => call.startsWith("b"))).toEqual(["b0", "b1", "b2", "b3"]);
  });
  test("draws the order of each round anew", async () => {
    const calls: string[] = [];
    const contender = (name: string) => ({ name, run: () => calls.push(name) });
    await measure([contender("a"), contender("b")], { rounds: 20, warmUp: 0, rows: 1 });
    const pairs = Array.from({ length: 20 }, (_, i) => calls.slice(2 * i, 2 * i + 2).join(""));
    expect(new Set(pairs)).toEqual(new Set(["ab", "ba"]));
  });
  test("refuses NaN", async () => {
    await expect(measure([{ name: "n", run: () => Number.NaN }], { rounds: 1, warmUp: 0, rows: 1 })).rejects.toThrow(
      "NaN",
    );
  });
});

test("a mean leaves out the slowest thousandth, at least one", () => {
  const times = new Array(1000).fill(1);
  expect(summarize([...times.slice(1), 1e6]).mean).toBe(1);
  expect(summarize([...times.slice(701), 1e6]).mean).toBe(1);
  expect(summarize([...times.slice(2), 1e6, 1e6]).mean).toBeGreaterThan(1000);
});
