// The textbook's experiment: nine words, one row of logits, a thousand draws. The package's functions follow torch's, so the counts are
// those that the book's own code prints.

import { bincount, manualSeed, maskTopK, multinomial, softmax } from "logitdraw";
import { bar, colors, plural, print, printJson, table, thousands } from "./output.js";

export const WORDS = ["closer", "every", "effort", "forward", "inches", "moves", "pizza", "toward", "you"] as const;
export const LOGITS: readonly number[] = [4.51, 0.89, -1.9, 6.75, 1.63, -1.62, -1.89, 6.28, 1.79];

/** Takes about half a minute. */
export const MOST_DRAWS = 10_000_000;

interface ExperimentOptions {
  temperature: number;
  /** Absent: all nine words. */
  topK?: number;
  seed: bigint;
  draws: number;
}

interface ExperimentResult {
  probabilities: Float32Array;
  counts: Uint32Array;
}

export function runExperiment(options: ExperimentOptions): ExperimentResult {
  const { temperature, topK, seed, draws } = options;
  const kept = topK === undefined ? LOGITS : maskTopK(LOGITS, topK);
  const probabilities = softmax(kept, { temperature });
  manualSeed(seed);
  // One call per draw, as in the book: torch uses its random numbers differently for one draw than for many.
  const tokens = new Uint32Array(draws).map(() => multinomial(probabilities, 1)[0] as number);
  return { probabilities, counts: bincount(tokens, { minLength: WORDS.length }) };
}

export function experiment(options: ExperimentOptions & { json?: boolean }): void {
  const { json, ...settings } = options;
  const { probabilities, counts } = runExperiment(settings);
  if (json) {
    printJson({ ...settings, words: WORDS, probabilities: [...probabilities], counts: [...counts] });
    return;
  }
  const cut = settings.topK === undefined ? "" : `, top-k ${settings.topK}`;
  print(
    `${colors.bold(`temperature ${settings.temperature}${cut}`)}  ${plural(settings.draws, "draw")}, seed ${settings.seed}`,
  );
  print(`"Every effort moves you" continues with:`);
  const most = Math.max(...counts, 1);
  const rows = WORDS.map((word, i) => {
    const count = counts[i] ?? 0;
    return [word, (probabilities[i] ?? 0).toFixed(4), thousands(count), colors.cyan(bar(count / most))];
  });
  print(table(["word", "probability", "draws", ""], rows, ["left", "right", "right", "left"]));
  print(`counts ${counts.join("/")}`);
}
