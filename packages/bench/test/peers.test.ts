// The peers do what they are measured on.

import { describe, expect, test } from "vitest";
import { PlainSampler } from "../src/peers/plain.js";
import { tfjsSampler } from "../src/peers/tfjs.js";
import { transformersSampler } from "../src/peers/transformers.js";
import { normalRows } from "../src/rows.js";
import { advantages } from "../src/suites/peers.js";

describe("each peer draws from the distribution that it is measured on", () => {
  // At temperature .8, the probabilities are .5, .25, .15 and .1.
  const probabilities = [0.15, 0.5, 0.1, 0.25];
  const row = Float32Array.from(probabilities, (p) => 0.8 * Math.log(p));
  const keep = (...kept: number[]) => {
    const sum = kept.reduce((total, id) => total + (probabilities[id] as number), 0);
    return probabilities.map((p, id) => (kept.includes(id) ? p / sum : 0));
  };
  const plain = new PlainSampler(4, 0.8);
  const cases: [string, number[], () => Promise<(row: Float32Array) => number | Promise<number>>][] = [
    ["plain JS, whole", probabilities, async () => (logits) => plain.whole(logits)],
    ["plain JS, top-k 2", keep(1, 3), async () => (logits) => plain.topK(logits, 2)],
    ["tfjs, whole", probabilities, () => tfjsSampler({ temperature: 0.8 })],
    ["tfjs, top-k 2", keep(1, 3), () => tfjsSampler({ temperature: 0.8, topK: 2 })],
    ["tfjs, top-p .7", keep(1, 3), () => tfjsSampler({ temperature: 0.8, topP: 0.7 })],
    ["transformers.js, whole", probabilities, () => transformersSampler({ temperature: 0.8, topK: 0 })],
    ["transformers.js, top-k 2", keep(1, 3), () => transformersSampler({ temperature: 0.8, topK: 2 })],
  ];
  test.each(cases)("%s", async (_, expected, make) => {
    const draw = await make();
    const counts = new Uint32Array(4);
    const draws = 2000;
    for (let i = 0; i < draws; i++) {
      const token = await draw(row);
      counts[token] = (counts[token] ?? 0) + 1;
    }
    // Five standard deviations: one false alarm in some 90,000 runs.
    for (const [id, p] of expected.entries()) {
      expect(Math.abs((counts[id] as number) - draws * p), `token ${id}`).toBeLessThanOrEqual(
        5 * Math.sqrt(draws * p * (1 - p)),
      );
    }
  });
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

test("advantages say how many times as fast logitdraw is, by means for top-p", () => {
  const timing = (median: number, mean: number) => ({ median, mean, rounds: 1 });
  const timings = new Map([
    ["tfjs, greedy", timing(30, 1)],
    ["logitdraw, greedy", timing(2, 1)],
    ["tfjs, top-p .95", timing(1, 50)],
    ["logitdraw, top-p .95", timing(1, 5)],
  ]);
  expect(advantages(timings).map(({ name, value }) => [name, value])).toEqual([
    ["greedy, tfjs", 15],
    ["top-p .95, tfjs", 10],
  ]);
});
