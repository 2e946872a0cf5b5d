// The logits to measure with.

import { expect, test } from "vitest";
import { ascendingRows, normalRows, smollm2Rows } from "../src/rows.js";

const argmax = (row: Float32Array) => row.reduce((best, x, i) => (x > (row[best] as number) ? i : best), 0);

test("normal rows have mean 0 and the given deviation, and are the same each time", () => {
  const [row] = normalRows(100_000, 3, 1) as [Float32Array];
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const deviation = Math.sqrt(row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length);
  expect(mean).toBeCloseTo(0, 1);
  expect(deviation).toBeCloseTo(3, 1);
  expect(normalRows(100_000, 3, 1)[0]).toEqual(row);
});

test("ascending rows ascend", () => {
  const [row] = ascendingRows(normalRows(100, 3, 1)) as [Float32Array];
  expect([...row]).toEqual([...row].sort((a, b) => a - b));
});

test("the real rows are SmolLM2's", () => {
  const rows = smollm2Rows();
  expect(rows.map((row) => row.length)).toEqual(new Array(16).fill(49_152));
  expect(rows.slice(0, 4).map(argmax)).toEqual([216, 5353, 198, 30]);
});
