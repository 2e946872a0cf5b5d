// Runs all suites, one after the other.

import type { Result } from "./result.js";
import { batch } from "./suites/batch.js";
import { mainRows, realRows, sizes, strategies } from "./suites/draws.js";
import { peers } from "./suites/peers.js";
import { bundleSize, firstToken, memory } from "./suites/process.js";

interface RunOptions {
  /** Runs everything once, to show that the benchmarks work; the times mean nothing. */
  quick?: boolean;
  onSuite?: (name: string) => void;
}

export async function run({ quick = false, onSuite = () => {} }: RunOptions = {}): Promise<Result[]> {
  // V8 fully optimizes a sampler's code only after some thousand draws.
  const times = (rounds: number) => (quick ? { rounds: 1, warmUp: 0 } : { rounds, warmUp: rounds });
  const count = quick ? 1 : undefined;
  const suites: Record<string, () => Result[] | Promise<Result[]>> = {
    "draws at V = 128,256": () => mainRows(times(3000), count),
    "draws from real logits": () => realRows(times(3200)),
    peers: () => peers(times(320), count),
    "other vocabulary sizes": () => sizes(times(800), count),
    "a batch": () => batch(times(60)),
    strategies: () => strategies(times(300), count),
    "memory of samplers": memory,
    "import to first token": () => firstToken(quick ? 1 : 41),
    "size of a bundle": bundleSize,
  };
  const results: Result[] = [];
  for (const [name, suite] of Object.entries(suites)) {
    onSuite(name);
    results.push(...(await suite()));
  }
  return results;
}
