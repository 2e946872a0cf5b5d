// A result of a run: one number with its meaning.

import type { Timing } from "./measure.js";

type Unit = "x limit" | "x as fast" | "x one" | "ms" | "kB" | "MB";

/** The names of suites to which more than one file refers. */
export const SUITES = {
  main: "V = 128,256",
  real: "SmolLM2-135M, V = 49,152",
  peers: "peers, V = 128,256",
  against: "logitdraw against peers",
  batch: "batch of 64, V = 128,256",
  strategies: "strategies, V = 128,256",
  process: "process",
} as const;

export interface Result {
  suite: string;
  name: string;
  value: number;
  unit: Unit;
  /** Microseconds per token, if the value is a ratio of times. */
  microseconds?: number;
  /** "mean" if the value is not a median. */
  statistic?: "mean";
}

export const LIMIT = "limit: copy + max";

/** Turns a suite's timings into ratios to its limit, or, if it has several, to the limit of the same rows; the limits come first. */
export function ratios(
  suite: string,
  timings: Map<string, Timing>,
  means: ReadonlySet<string> = new Set(),
  limitOf: (name: string) => string = () => LIMIT,
): Result[] {
  return [...timings].map(([name, timing]) => {
    const limit = timings.get(limitOf(name)) as Timing;
    const mean = means.has(name);
    const microseconds = mean ? timing.mean : timing.median;
    const value = microseconds / (mean ? limit.mean : limit.median);
    return { suite, name, value, unit: "x limit", microseconds, ...(mean && { statistic: "mean" as const }) };
  });
}
