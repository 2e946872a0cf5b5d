// The speed, memory and size that the project promises, in one table.

import { type Result, SUITES } from "./result.js";

interface Goal {
  suite: string;
  name: string;
  atMost?: number;
  atLeast?: number;
}

export const GOALS: readonly Goal[] = [
  { suite: SUITES.main, name: "greedy", atMost: 1.3 },
  { suite: SUITES.main, name: "min-p .05, T .8", atMost: 1.4 },
  { suite: SUITES.main, name: "whole vocabulary, T .8", atMost: 1.5 },
  { suite: SUITES.main, name: "top-k 40, T .8", atMost: 1.65 },
  { suite: SUITES.main, name: "top-k 40 + top-p .95 + min-p .05, T .8", atMost: 1.8 },
  { suite: SUITES.main, name: "top-p .95, T .8", atMost: 2.5 },
  { suite: SUITES.main, name: "top-p .95, T .8, logits N(0, 1)", atMost: 5 },
  { suite: SUITES.main, name: "top-k 40, T .8, ascending logits", atMost: 2.5 },
  { suite: SUITES.real, name: "whole vocabulary, T .8", atMost: 1.4 },
  { suite: SUITES.real, name: "top-k 40, T .8", atMost: 1.65 },
  { suite: SUITES.real, name: "top-p .95, T .8", atMost: 2.2 },
  { suite: SUITES.against, name: "top-k 40, transformers.js", atLeast: 9 },
  { suite: SUITES.against, name: "whole, transformers.js", atLeast: 400 },
  { suite: SUITES.batch, name: "one call beside 64", atMost: 1 },
  { suite: SUITES.process, name: "1,000 live samplers, V = 128,256", atMost: 16 },
  { suite: SUITES.process, name: "import to first token, beyond Node's own start", atMost: 5 },
  { suite: SUITES.process, name: "import { Sampler }, minified and gzipped", atMost: 60 },
];

export interface Judged extends Goal {
  measured: Result;
  ok: boolean;
}

/** Compares each goal with what was measured. A goal without a row in the run is a defect of the table and throws. */
export function judge(results: readonly Result[]): Judged[] {
  return GOALS.map((goal) => {
    const measured = results.find(({ suite, name }) => suite === goal.suite && name === goal.name);
    if (measured === undefined) throw new Error(`no row "${goal.name}" in "${goal.suite}"`);
    const ok =
      measured.value <= (goal.atMost ?? Number.POSITIVE_INFINITY) &&
      measured.value >= (goal.atLeast ?? Number.NEGATIVE_INFINITY);
    return { ...goal, measured, ok };
  });
}
