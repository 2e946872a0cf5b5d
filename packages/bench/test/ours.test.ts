// logitdraw as a contender.

import { Sampler } from "logitdraw";
import { expect, test, vi } from "vitest";
import { ours } from "../src/ours.js";
import { normalRows } from "../src/rows.js";

test("ours is the public call with the row alone, of a sampler with all of the recipe's options", () => {
  const rows = normalRows(4096, 3, 2);
  const spy = vi.spyOn(Sampler.prototype, "sample");
  const contender = ours(
    { name: "a", options: { temperature: 0.8, topK: 3, repetitionPenalty: 5 }, history: 4096 },
    rows,
  );
  const direct = new Sampler({ vocabSize: 4096, temperature: 0.8, topK: 3, repetitionPenalty: 5, seed: 1 });
  direct.prompt(Uint32Array.from({ length: 4096 }, (_, i) => (i * 7919) % 4096));
  const drawn = Array.from({ length: 30 }, (_, i) => contender.run(i % 2));
  expect(spy.mock.calls.every((call) => call.length === 1)).toBe(true);
  spy.mockRestore();
  expect(drawn).toEqual(Array.from({ length: 30 }, (_, i) => direct.sample(rows[i % 2] as Float32Array)));
});

test("float16 bits are those of the same logits", () => {
  const rows = normalRows(4096, 3, 1);
  const [half, full] = [true as const, undefined].map((float16) =>
    ours({ name: "", options: { topK: 2 }, float16 }, rows),
  );
  const draws = (contender = half) => new Set(Array.from({ length: 40 }, () => contender?.run(0)));
  expect(draws(half)).toEqual(draws(full));
});
