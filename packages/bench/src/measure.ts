// Times contenders against each other. One call of each a round, the order drawn anew for each round, so that a slow
// second of the machine, a cold cache or a collection falls on all of them alike, and nobody always comes after the
// same one; then medians (means where the cost itself is random).

import { shuffled, uniform } from "./random.js";

/** One thing to time. What `run` returns is kept, so that no compiler can drop the work. */
export interface Contender {
  name: string;
  /** Called with the round's row number; a promise is awaited inside the timing. */
  run(row: number): number | Promise<number>;
  /** Takes part in every n-th round only: for contenders a thousand times slower than the rest. 1 when absent. */
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
  /** Untimed rounds first: compilers tier up, memory grows. */
  warmUp: number;
  /** How many rows the contenders know; the round's number modulo this is given to them. */
  rows: number;
  /**
   * Who takes a turn before a contender's, half the rows ahead of them: it warms no row for them, and both read rows that were last read as
   * long ago. What it writes to is then in the cache as often as what the contenders share.
   */
  between?: (contender: Contender) => Contender;
}

/** Runs all contenders interleaved; timings by contender name. */
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
      // Rows by its own turns: who plays every eighth round would be given the same one of eight each time.
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
  // The slowest hundredth is the machine's (collections, other processes): a mean without it still weighs every draw
  // of a random cost.
  const kept = sorted.subarray(0, Math.ceil(sorted.length * 0.99));
  return { median, mean: kept.reduce((sum, time) => sum + time, 0) / kept.length, rounds: sorted.length };
}
