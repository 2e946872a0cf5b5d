// Sixty-four sequences in one call, compared with sixty-four calls and sixty-four times the limit, on the same 33 MB
// of logits.

import { Sampler, sampleBatch } from "logitdraw";
import { Limit } from "../limit.js";
import { measure, type Rounds, type Timing } from "../measure.js";
import { LIMIT, type Result, ratios, SUITES } from "../result.js";
import { normalRows, VOCAB } from "../rows.js";

const BATCH = 64;
const ONE = "64 rows, top-k 40, one call";
const APART = "64 rows, top-k 40, 64 calls";

export async function batch(times: Rounds): Promise<Result[]> {
  const logits = new Float32Array(BATCH * VOCAB);
  // Repeats eight different rows: making 64 would take longer than measuring.
  const made = normalRows(VOCAB, 3, 8);
  for (let b = 0; b < BATCH; b++) logits.set(made[b % made.length] as Float32Array, b * VOCAB);
  const rows = Array.from({ length: BATCH }, (_, b) => logits.subarray(b * VOCAB, (b + 1) * VOCAB));
  const samplers = (seed: number) =>
    rows.map((_, sequence) => new Sampler({ vocabSize: VOCAB, temperature: 0.8, topK: 40, seed, sequence }));
  const together = samplers(1);
  const apart = samplers(1);
  const limit = await Limit.create(VOCAB);
  const sum = (run: (row: Float32Array, b: number) => number) => rows.reduce((total, row, b) => total + run(row, b), 0);
  const timings = await measure(
    [
      { name: LIMIT, run: () => sum((row) => limit.run(row)) },
      { name: ONE, run: () => sampleBatch(together, logits)[BATCH - 1] as number },
      { name: APART, run: () => sum((row, b) => (apart[b] as Sampler).sample(row)) },
    ],
    { ...times, rows: 1 },
  );
  const time = (name: string) => (timings.get(name) as Timing).median;
  const value = time(ONE) / time(APART);
  const suite = SUITES.batch;
  return [
    ...ratios(suite, timings).map((result) => ({ ...result, microseconds: (result.microseconds ?? 0) / BATCH })),
    { suite, name: "one call beside 64", value, unit: "x one" },
  ];
}
