// From times to results.

import { expect, test } from "vitest";
import { LIMIT, ratios } from "../src/result.js";

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
