// The peers, on the same rows in the same rounds: a careful loop in plain JavaScript, transformers.js's own sampler,
// tfjs.

import { Limit } from "../limit.js";
import { type Contender, measure, type Rounds, type Timing } from "../measure.js";
import { ours } from "../ours.js";
import { PlainSampler } from "../peers/plain.js";
import { tfjsSampler } from "../peers/tfjs.js";
import { transformersSampler } from "../peers/transformers.js";
import { LIMIT, type Result, ratios, SUITES } from "../result.js";
import { normalRows, VOCAB } from "../rows.js";

const TEMPERATURE = 0.8;
const DRAWS = ["greedy", "top-k 40", "whole", "top-p .95"] as const;
type Draw = (typeof DRAWS)[number];
const PEERS = ["plain JS", "transformers.js", "tfjs"] as const;
type Peer = (typeof PEERS)[number];

const OPTIONS: Record<Draw, { temperature: number; topK?: number; topP?: number }> = {
  greedy: { temperature: 0 },
  "top-k 40": { temperature: TEMPERATURE, topK: 40 },
  whole: { temperature: TEMPERATURE },
  "top-p .95": { temperature: TEMPERATURE, topP: 0.95 },
};

/**
 * Slow contenders sit out most rounds: a draw of thirty milliseconds is known well enough after a few dozen rounds, and tfjs's top-p, which
 * takes ten times as long, after ten.
 */
const EVERY: Record<Peer, Partial<Record<Draw, number>>> = {
  "plain JS": { whole: 4 },
  "transformers.js": { "top-k 40": 2, whole: 8 },
  tfjs: { greedy: 8, "top-k 40": 8, whole: 8, "top-p .95": 32 },
};

export async function peers(times: Rounds, count = 8): Promise<Result[]> {
  const rows = normalRows(VOCAB, 3, count);
  const at = (i: number) => rows[i] as Float32Array;
  const limit = await Limit.create(VOCAB);
  const plain = new PlainSampler(VOCAB, TEMPERATURE);
  const reader: Contender = { name: LIMIT, run: (i) => limit.run(at(i)) };
  const contenders: Contender[] = [];
  const add = (who: Peer | "logitdraw", draw: Draw, run: Contender["run"]) =>
    contenders.push({ name: `${who}, ${draw}`, run, every: (who !== "logitdraw" && EVERY[who][draw]) || 1 });

  for (const draw of DRAWS) {
    add("logitdraw", draw, ours({ name: draw, options: OPTIONS[draw] }, rows).run);
    const tfjs = await tfjsSampler(OPTIONS[draw]);
    add("tfjs", draw, (i) => tfjs(at(i)));
  }
  add("plain JS", "greedy", (i) => plain.greedy(at(i)));
  add("plain JS", "top-k 40", (i) => plain.topK(at(i), 40));
  add("plain JS", "whole", (i) => plain.whole(at(i)));
  // Without top-p: transformers.js 4.3 accepts the option but ignores it.
  for (const draw of ["greedy", "top-k 40", "whole"] as const) {
    const sampler = await transformersSampler({
      temperature: OPTIONS[draw].temperature,
      topK: OPTIONS[draw].topK ?? 0,
    });
    add("transformers.js", draw, (i) => sampler(at(i)));
  }
  // The limit before each of them, so that none has a slower one's traces in the cache.
  const timings = await measure(contenders, { ...times, rows: count, between: () => reader });
  return [
    ...ratios(SUITES.peers, timings, new Set(["logitdraw, top-p .95", "tfjs, top-p .95"])),
    ...advantages(timings),
  ];
}

/** Computes how many times as fast as each peer logitdraw is. */
export function advantages(timings: ReadonlyMap<string, Timing>): Result[] {
  return DRAWS.flatMap((draw) =>
    PEERS.flatMap((peer): Result[] => {
      const theirs = timings.get(`${peer}, ${draw}`);
      const own = timings.get(`logitdraw, ${draw}`);
      if (!theirs || !own) return [];
      const value = draw === "top-p .95" ? theirs.mean / own.mean : theirs.median / own.median;
      return [{ suite: SUITES.against, name: `${draw}, ${peer}`, value, unit: "x as fast" }];
    }),
  );
}
