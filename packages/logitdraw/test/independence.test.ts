// A token depends only on its own logits, options, seed, sequence and step, and on nothing else: not on the rest of the batch, the order,
// the thread or the process.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LogitsBuffer, Sampler, type SamplerOptions, sampleBatch } from "../src/index.js";
import { REMEMBERING, row } from "./helpers.js";

const kinds: Partial<SamplerOptions>[] = [
  { topK: 20 },
  { topP: 0.8 },
  { minP: 0.1, temperature: 1.5 },
  { temperature: 0 },
  { topK: 30, topP: 0.9, order: "vllm" },
  { typicalP: 0.7, logitBias: { 0: 2 } },
  { repetitionPenalty: 1.3, minP: 0.02 },
  ...Object.values(REMEMBERING),
];

/** Seeds within the range that every generator takes; `high` and `sequence` are used only with philox. */
const anySampler = fc.record({
  kind: fc.constantFrom(...kinds),
  seed: fc.bigInt({ min: 0n, max: 2n ** 32n - 2n }),
  high: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
  sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});
type AnySampler = typeof anySampler extends fc.Arbitrary<infer T> ? T : never;

function make({ kind, seed, high, sequence }: AnySampler, vocabSize: number): Sampler {
  const own = "generator" in kind ? { seed } : { seed: (high << 32n) + seed, sequence };
  return new Sampler({ ...kind, ...own, vocabSize }).prompt([1, 7, 1]);
}

test("tokens do not depend on batches, order, buffers, clones, saved states or rollbacks", () => {
  const property = fc.property(
    fc.integer({ min: 10, max: 200 }),
    fc.array(anySampler, { minLength: 1, maxLength: 8 }),
    fc.integer({ min: 1, max: 4 }),
    fc.infiniteStream(fc.nat()),
    (vocabSize, sequences, steps, order) => {
      const logits = (b: number, step: number) => row(vocabSize, 100 * b + step);
      // Alone, one sampler after the other.
      const alone = sequences.map((given, b) => {
        const sampler = make(given, vocabSize);
        return Array.from({ length: steps }, (_, step) => sampler.sample(logits(b, step)));
      });
      // Together: shuffled, split into batches of any size, some through a buffer, some through clones.
      let samplers = sequences.map((given) => make(given, vocabSize));
      const together: number[][] = sequences.map(() => []);
      for (let step = 0; step < steps; step++) {
        const places = samplers.map((_, b) => b);
        shuffle(places, order);
        while (places.length > 0) {
          const some = places.splice(0, 1 + ((order.next().value as number) % places.length));
          const rows = new LogitsBuffer(vocabSize, some.length);
          some.forEach((b, i) => {
            rows.data.set(logits(b, step), i * vocabSize);
          });
          const group = some.map((b) => samplers[b] as Sampler);
          // In a batch, from a buffer or an array, or one by one from rows that may be overwritten, with or without log-probabilities.
          const way = (order.next().value as number) % 4;
          const tokens =
            way < 2
              ? sampleBatch(group, way ? rows : rows.data.slice())
              : group.map((sampler, i) =>
                  way === 2 ? sampler.sample(rows.row(i)) : sampler.sampleWithLogprobs(rows.row(i)).token,
                );
          some.forEach((b, i) => {
            together[b]?.push(tokens[i] as number);
          });
          // Looking at the probabilities changes nothing.
          (group[0] as Sampler).distribution(rows.row(0));
          (group[0] as Sampler).logprobs(rows.row(0), { top: 2, of: "processed" });
          rows.free();
        }
        samplers = samplers.map((sampler, b) => {
          const way = (b + step) % 4;
          // A token taken back and drawn again is the same.
          if (way === 1) sampler.rollback(1).sample(logits(b, step));
          return way === 0 ? sampler.clone() : way === 2 ? Sampler.restore(sampler.save()) : sampler;
        });
      }
      expect(together).toEqual(alone);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

function shuffle(list: number[], random: IterableIterator<number>): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = (random.next().value as number) % (i + 1);
    [list[i], list[j]] = [list[j] as number, list[i] as number];
  }
}

/** A program that draws with every kind of sampler, to run in other threads and processes. */
const PROGRAM = `
const draw = ({ Sampler }, kinds) =>
  kinds.map((kind, k) => {
    const sequence = "generator" in kind ? 0 : k;
    const sampler = new Sampler({ ...kind, vocabSize: 999, seed: 77, sequence });
    return Array.from({ length: 25 }, (_, step) =>
      sampler.sample(Float32Array.from({ length: 999 }, (_, i) => (Math.imul(i + 1, 2654435761 + step) >>> 0) / 2 ** 30)));
  });
`;
const draw = new Function(`${PROGRAM}; return draw;`)() as (logitdraw: object, options: object[]) => number[][];
const built = new URL("../dist/node.js", import.meta.url).href;

test("worker threads draw the same tokens", async () => {
  const expected = draw({ Sampler }, kinds);
  const code = `${PROGRAM}
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.built).then((logitdraw) => parentPort.postMessage(draw(logitdraw, workerData.kinds)));`;
  const results = [1, 2, 3].map(
    () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(code, { eval: true, workerData: { built, kinds } });
        worker.once("message", resolve).once("error", reject);
      }),
  );
  expect(await Promise.all(results)).toEqual([expected, expected, expected]);
});

test("other processes draw the same tokens, with ESM and CommonJS", () => {
  const expected = draw({ Sampler }, kinds);
  const commonjs = fileURLToPath(new URL("../dist/node.cjs", import.meta.url));
  const programs = [
    ["--input-type=module", `${PROGRAM} import * as logitdraw from ${JSON.stringify(built)};`],
    ["--input-type=commonjs", `${PROGRAM} const logitdraw = require(${JSON.stringify(commonjs)});`],
  ] as const;
  for (const [type, start] of programs) {
    const code = `${start} console.log(JSON.stringify(draw(logitdraw, ${JSON.stringify(kinds)})));`;
    const { stdout, stderr } = spawnSync(process.execPath, [type, "-e", code], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(expected);
  }
});
