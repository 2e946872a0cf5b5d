// Times contenders against each other. Each round calls every contender once, in a new random order, so that a slow
// second of the machine, a cold cache or a garbage collection affects all of them alike, and none always runs after
// the same other one. The results are medians (means where the cost itself is random).

import { shuffled, uniform } from "./random.js";

/** Something to time. The results of `run` are used, so that no compiler can drop the work. */
export interface Contender {
  name: string;
  /** Called with the number of the row to draw from; a promise is awaited inside the timing. */
  run(row: number): number | Promise<number>;
  /** Takes part only in every n-th round: for contenders a thousand times slower than the rest. 1 if absent. */
  every?: number;
}

export interface Timing {
  /** Microseconds. */
  median: number;
  mean: number;
  rounds: number;
}

let sink = 0;

export interface MeasureOptions {
  rounds: number;
  /** Untimed rounds at the start, in which compilers tier up and memory grows. */
  warmUp: number;
  /** How many rows the contenders have; each contender is given them one after the other, again and again. */
  rows: number;
  /**
   * Returns what takes a turn before a contender's own, half the rows ahead: it warms no row for the contender, and both read rows that
   * were last read equally long ago. What it writes to is then in the cache as often as what the contenders share.
   */
  between?: (contender: Contender) => Contender;
}

/** What a suite is told: how often to measure; its rows are its own. */
export type Rounds = Pick<MeasureOptions, "rounds" | "warmUp">;

/** Runs all contenders interleaved; returns timings by contender name. */
export async function measure(contenders: readonly Contender[], options: MeasureOptions): Promise<Map<string, Timing>> {
  const { between } = options;
  const betweens = new Set(between && contenders.map(between));
  const all = [...betweens, ...contenders];
  const times = new Map<string, number[]>(all.map((contender) => [contender.name, []]));
  if (times.size !== all.length) throw new Error("two contenders of one name");
  const time = async (contender: Contender, row: number, counts: boolean): Promise<void> => {
    const start = performance.now();
    const result = contender.run(row);
    const value = typeof result === "number" ? result : await result;
    const elapsed = performance.now() - start;
    sink = (sink + value) % 1e9;
    if (counts) times.get(contender.name)?.push(elapsed * 1000);
  };
  const random = uniform(1);
  for (let round = -options.warmUp; round < options.rounds; round++) {
    for (const contender of shuffled(contenders, random)) {
      const every = contender.every ?? 1;
      if (round % every !== 0) continue;
      // The row depends on the contender's own turns: by round, one that runs every eighth round would always get the same of eight rows.
      const row = Math.floor((round + options.warmUp) / every) % options.rows;
      const ahead = (row + (options.rows >> 1)) % options.rows;
      if (between) await time(between(contender), ahead, round >= 0);
      await time(contender, row, round >= 0);
    }
  }
  if (Number.isNaN(sink)) throw new Error("a contender returned NaN");
  return new Map([...times].map(([name, list]) => [name, summarize(list)]));
}

export function summarize(times: readonly number[]): Timing {
  const sorted = Float64Array.from(times).sort();
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
  // The slowest thousandth, at least one, is mostly due to the machine (collections, other processes); of a draw of random cost, a mean
  // without it misses less than a hundredth.
  const kept = sorted.subarray(0, Math.max(1, Math.floor(sorted.length * 0.999)));
  return { median, mean: kept.reduce((sum, time) => sum + time, 0) / kept.length, rounds: sorted.length };
}
