// The textbook's counts, as torch draws them.

import { describe, expect, test } from "vitest";
import { bar } from "../src/output.js";
import { logitdraw, logitdrawJson } from "./command.js";

const CASES = [
  { flags: [], counts: [73, 0, 0, 582, 2, 0, 0, 343, 0] },
  { flags: ["--temperature", "0.1"], counts: [0, 0, 0, 985, 0, 0, 0, 15, 0] },
  { flags: ["--temperature", "5"], counts: [165, 75, 42, 239, 71, 46, 32, 227, 103] },
  { flags: ["--temperature", "5", "--top-k", "5"], counts: [205, 0, 0, 297, 90, 0, 0, 285, 123] },
];

describe.each(CASES)("experiment $flags", ({ flags, counts }) => {
  test("prints torch's counts for seed 123 with bars", () => {
    const { status, stdout } = logitdraw(["experiment", "--seed", "123", ...flags]);
    expect(status).toBe(0);
    expect(stdout).toContain(`counts ${counts.join("/")}\n`);
    const forward = stdout.split("\n").find((line) => line.startsWith("forward"));
    expect(forward).toMatch(new RegExp(`\\b${counts[3]}\\s+█+`));
  });

  test("prints the same counts as JSON, with probabilities that sum to 1", () => {
    const result = logitdrawJson<{ counts: number[]; probabilities: number[]; seed: string }>(["experiment", ...flags]);
    expect(result.counts).toEqual(counts);
    expect(result.seed).toBe("123");
    expect(result.probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });
});

test("--draws sets the number of draws, and --seed decides them", () => {
  const draw = (...flags: string[]) => logitdrawJson<{ counts: number[] }>(["experiment", ...flags]).counts;
  expect(draw("--draws", "10").reduce((sum, count) => sum + count)).toBe(10);
  expect(draw("--draws", "0")).toEqual(new Array(9).fill(0));
  for (const [n, shown] of [
    [0, "0 draws"],
    [1, "1 draw"],
    [2, "2 draws"],
  ] as const) {
    expect(logitdraw(["experiment", "--draws", `${n}`]).stdout).toContain(`  ${shown}, seed 123\n`);
  }
  expect(draw("--seed", "7")).not.toEqual(draw("--seed", "8"));
  expect(draw("--seed", "7")).toEqual(draw("--seed", "7"));
});

test("a bar is as long as its part, to an eighth of a character, and anything above 0 can be seen", () => {
  expect([0, 1e-9, 1 / 320, 0.5, 1 - 1 / 320, 1].map((part) => bar(part))).toEqual([
    "",
    "▏",
    "▏",
    "█".repeat(20),
    `${"█".repeat(39)}▉`,
    "█".repeat(40),
  ]);
});
