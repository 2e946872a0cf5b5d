// Runs every benchmark once and checks that it gives a result, so that a broken one is found by the tests and not on
// the day it is needed.

import { expect, test } from "vitest";
import { GOALS, judge } from "../src/goals.js";
import { markdown, summary, terminal } from "../src/report.js";
import { run } from "../src/run.js";

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
