// Restoring a large state asks for more room than a single allocation can have. In a file of its own, whose memory nobody has used.

import { expect, test } from "vitest";
import { Sampler } from "../src/index.js";

test("a state of 19 megabytes is restored", () => {
  const sampler = new Sampler({ vocabSize: 32, seed: 1 }).prompt(new Uint32Array(3_800_000));
  const restored = Sampler.restore(sampler.save());
  expect([restored.step, restored.history.length]).toEqual([0, 3_800_000]);
});
