// The limit reads the whole row.

import { expect, test } from "vitest";
import { Limit } from "../src/limit.js";
import { normalRows } from "../src/rows.js";

test("Limit finds the maximum at any position", async () => {
  const row = normalRows(2048, 3, 1)[0] as Float32Array;
  const limit = await Limit.create(row.length);
  for (const at of [0, 1, 15, 16, 1000, 2047]) {
    row[at] = 50 + at;
    expect(limit.run(row)).toBe(50 + at);
  }
});
