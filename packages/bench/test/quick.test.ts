// Runs every benchmark once and checks that it gives a result, so that a broken one is found by the tests and not on
// the day it is needed.

import { describe, expect, test } from "vitest";
import { GOALS, judge } from "../src/goals.js";
import { Limit } from "../src/limit.js";
import { measure, summarize } from "../src/measure.js";
import { PlainSampler } from "../src/peers/plain.js";
import { tfjsSampler } from "../src/peers/tfjs.js";
import { transformersSampler } from "../src/peers/transformers.js";
import { markdown, summary, terminal } from "../src/report.js";
import { LIMIT, ratios } from "../src/result.js";
import { normalRows, smollm2Rows } from "../src/rows.js";
import { run } from "../src/run.js";

const argmax = (row: Float32Array) => row.reduce((best, x, i) => (x > (row[best] as number) ? i : best), 0);

describe("measurement", () => {
  test("Limit finds the maximum at any position", async () => {
    const row = normalRows(2048, 3, 1)[0] as Float32Array;
    const limit = await Limit.create(row.length);
    for (const at of [0, 1, 15, 16, 1000, 2047]) {
      row[at] = 50 + at;
      expect(limit.run(row)).toBe(50 + at);
    }
  });

  test("normal rows have mean 0 and the given deviation, and are the same each time", () => {
    const [row] = normalRows(100_000, 3, 1) as [Float32Array];
    const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
    const deviation = Math.sqrt(row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length);
    expect(mean).toBeCloseTo(0, 1);
    expect(deviation).toBeCloseTo(3, 1);
    expect(normalRows(100_000, 3, 1)[0]).toEqual(row);
  });

  test("the real rows are SmolLM2's", () => {
    const rows = smollm2Rows();
    expect(rows.map((row) => row.length)).toEqual(new Array(16).fill(49_152));
    expect(rows.slice(0, 4).map(argmax)).toEqual([216, 5353, 198, 30]);
  });

  test("the peers' greedy takes the largest logit, and their top-k one of the k largest", async () => {
    const [row] = normalRows(4096, 3, 1) as [Float32Array];
    const best = [...row.keys()].sort((a, b) => (row[b] as number) - (row[a] as number));
    const plain = new PlainSampler(row.length, 0.8);
    expect(plain.greedy(row)).toBe(best[0]);
    expect(await (await transformersSampler({ temperature: 0, topK: 0 }))(row)).toBe(best[0]);
    expect((await tfjsSampler({ temperature: 0 }))(row)).toBe(best[0]);
    const tfjs = await tfjsSampler({ temperature: 0.8, topK: 40 });
    const transformers = await transformersSampler({ temperature: 0.8, topK: 40 });
    for (let i = 0; i < 20; i++) {
      for (const token of [plain.topK(row, 40), tfjs(row), await transformers(row)])
        expect(best.indexOf(token)).toBeLessThan(40);
    }
    expect(plain.whole(row)).toBeLessThan(row.length);
  });

  test("summarize returns the median, the mean and the number of rounds", () => {
    expect(summarize([3, 1, 2])).toMatchObject({ median: 2, mean: 1.5, rounds: 3 });
    expect(summarize([4, 1, 2, 3]).median).toBe(2.5);
  });

  test("contenders alternate, and one with every: 2 runs only every second round", async () => {
    const calls: string[] = [];
    const contender = (name: string, every?: number) => ({ name, every, run: () => calls.push(name) });
    const times = await measure([contender("a"), contender("b", 2)], { rounds: 4, warmUp: 0, rows: 1 });
    expect(calls.join("")).toBe("abaaba");
    expect(times.get("b")?.rounds).toBe(2);
  });

  test("each contender runs after its limit, which is half the rows ahead", async () => {
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

  test("ratios divide by the limit of the same rows", () => {
    const timing = (median: number) => ({ median, mean: 2 * median, rounds: 1 });
    const timings = new Map([LIMIT, "cold", "a", "b"].map((name, i) => [name, timing([2, 4, 8, 8][i] as number)]));
    const limitOf = (name: string) => (name === "b" || name === "cold" ? "cold" : LIMIT);
    const values = ratios("suite", timings, new Set(["b"]), limitOf).map(({ value, microseconds }) => [
      value,
      microseconds,
    ]);
    expect(values).toEqual([
      [1, 2],
      [1, 4],
      [4, 8],
      [2, 16],
    ]);
  });
});

test("every benchmark gives a result, and every goal is judged", { timeout: 120_000 }, async () => {
  const results = await run({ quick: true });
  for (const { name, value } of results) {
    // With a single run, the difference between two processes may be anything.
    expect(Number.isFinite(value) && (value > 0 || name.startsWith("import to first token")), name).toBe(true);
  }
  const means = results.filter(({ statistic }) => statistic === "mean").map(({ name }) => name);
  expect(means.every((name) => /top-p|xtc|mirostat 1/.test(name))).toBe(true);
  expect(means.length).toBeGreaterThan(8);
  const inUnit = (unit: string) => results.filter((result) => result.unit === unit).map(({ value }) => value);
  for (const [unit, least, most] of [
    ["MB", 0.1, 100],
    ["kB", 30, 100],
  ] as const) {
    for (const value of inUnit(unit)) expect(value > least && value < most, `${value} ${unit}`).toBe(true);
  }
  const judged = judge(results);
  expect(judged).toHaveLength(GOALS.length);
  expect(terminal(results, judged)).toContain("greedy");
  expect(markdown(results, judged)).toContain("| top-k 40, T .8 |");
  expect(summary(results)).toContain("| xtc .5, .05 |");
});
