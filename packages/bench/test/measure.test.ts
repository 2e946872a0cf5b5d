// How contenders take turns, and what becomes of their times.

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

  test("lets contenders alternate, and one with every: 2 run only every second round", async () => {
    const calls: string[] = [];
    const contender = (name: string, every?: number) => ({ name, every, run: () => calls.push(name) });
    const times = await measure([contender("a"), contender("b", 2)], { rounds: 4, warmUp: 0, rows: 1 });
    expect(calls.join("")).toBe("abaaba");
    expect(times.get("b")?.rounds).toBe(2);
  });

  test("draws the order of each round anew", async () => {
    const calls: string[] = [];
    const contender = (name: string) => ({ name, run: () => calls.push(name) });
    await measure([contender("a"), contender("b")], { rounds: 20, warmUp: 0, rows: 1 });
    const pairs = Array.from({ length: 20 }, (_, i) => calls.slice(2 * i, 2 * i + 2).join(""));
    expect(new Set(pairs)).toEqual(new Set(["ab", "ba"]));
  });

  test("runs each contender after its limit, which is half the rows ahead", async () => {
    const calls: string[] = [];
    const contender = (name: string) => ({ name, run: (row: number) => calls.push(`${name}${row}`) });
    const [x, y] = [contender("x"), contender("y")];
    const limits = { a: x, b: y, c: x };
    const times = await measure(["a", "b", "c"].map(contender), {
      rounds: 4,
      warmUp: 0,
      rows: 4,
      between: ({ name }) => limits[name as keyof typeof limits],
    });
    const pairs = Array.from({ length: 12 }, (_, i) => calls.slice(2 * i, 2 * i + 2).join(" "));
    const round = (row: number, ahead: number) => [`x${ahead} a${row}`, `x${ahead} c${row}`, `y${ahead} b${row}`];
    for (const [row, ahead] of [2, 3, 0, 1].entries()) {
      expect(pairs.slice(3 * row, 3 * row + 3).sort()).toEqual(round(row, ahead));
    }
    expect([...times].map(([name, { rounds }]) => name + rounds)).toEqual(["x8", "y4", "a4", "b4", "c4"]);
  });

  test("refuses NaN", async () => {
    await expect(measure([{ name: "n", run: () => Number.NaN }], { rounds: 1, warmUp: 0, rows: 1 })).rejects.toThrow(
      "NaN",
    );
  });
});

test("summarize returns the median, the mean and the number of rounds", () => {
  expect(summarize([3, 1, 2])).toMatchObject({ median: 2, mean: 1.5, rounds: 3 });
  expect(summarize([4, 1, 2, 3]).median).toBe(2.5);
});

test("a mean leaves out the slowest thousandth, at least one", () => {
  const times = new Array(1000).fill(1);
  expect(summarize([...times.slice(1), 1e6]).mean).toBe(1);
  expect(summarize([...times.slice(701), 1e6]).mean).toBe(1);
  expect(summarize([...times.slice(2), 1e6, 1e6]).mean).toBeGreaterThan(1000);
});
