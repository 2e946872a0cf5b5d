// Draws from the rows of a logits file.

import { Sampler } from "logitdraw";
import { UsageError } from "./errors.js";
import { type Format, readLogits } from "./logits-file.js";
import { colors, note, plural, print, printJson, probability, table, thousands } from "./output.js";
import { describe, movesLaw, type Sampling } from "./sampling-options.js";

/** The most lines that the table shows per row of logits; JSON has no such limit. */
const SHOWN = 20;
/** The most draws, over all rows: each is a token of the history, which has to fit into memory with all that strategies remember. */
export const MOST_SAMPLES = 10_000_000;
/** The most draws that JSON lists: more would come near the maximum length of a string. */
const LISTED = 5_000_000;

interface SampleSettings {
  file: string;
  /** How many draws from each row. */
  n: number;
  /** The only row to draw from; absent: all rows. */
  row?: number;
  format?: Format;
  rowLength?: number;
  json?: boolean;
  sampling: Sampling;
}

interface Draw {
  token: number;
  probability: number;
}

interface RowResult {
  row: number;
  /** Tokens with a probability above zero before the row's first draw. */
  survivors: number;
  /** For JSON: every draw, in order. */
  draws: Draw[];
  /** For the table: how often each token was drawn, and its probability the first time. */
  tally: Map<number, { times: number; probability: number }>;
}

export async function sample(settings: SampleSettings): Promise<void> {
  const { sampling } = settings;
  const file = await readLogits(settings.file, settings);
  if (settings.row !== undefined && settings.row >= file.rows.length) {
    throw new UsageError(
      `${file.name} has ${plural(file.rows.length, "row")}; there is no row ${settings.row} (rows count from 0)`,
    );
  }
  const chosen = file.rows
    .map((logits, row) => ({ logits, row }))
    .filter(({ row }) => settings.row === undefined || row === settings.row);
  checkCount(chosen.length * settings.n, settings.json);
  const sampler = new Sampler({ ...sampling, vocabSize: file.vocabSize });
  const { seed } = sampler;
  const results = chosen.map(({ logits, row }) => drawRow(sampler, logits, row, settings, movesLaw(sampling)));
  sampler.free();
  if (settings.json) {
    printJson({
      file: settings.file,
      rows: file.rows.length,
      vocabSize: file.vocabSize,
      options: sampling,
      seed,
      results: results.map(({ row, survivors, draws }) => ({ row, survivors, draws })),
    });
    return;
  }
  print(`${colors.bold(file.name)}  ${plural(file.rows.length, "row")} of ${plural(file.vocabSize, "logit")}`);
  print(`${describe(sampling)}${sampling.seed === undefined ? `, seed ${seed}` : ""}`);
  show(results, settings.n > 1);
}

function checkCount(draws: number, json: boolean | undefined): void {
  const [what, most] = json ? ["--json lists", LISTED] : ["one call draws", MOST_SAMPLES];
  if (draws > most) {
    throw new UsageError(`${what} at most ${thousands(most)} tokens, and ${thousands(draws)} are asked for`);
  }
}

function drawRow(
  sampler: Sampler,
  logits: Float32Array,
  row: number,
  { n, json }: Pick<SampleSettings, "n" | "json">,
  moves: boolean,
): RowResult {
  try {
    const law = sampler.distribution(logits);
    const survivors = law.reduce((count, p) => count + (p > 0 ? 1 : 0), 0);
    const result: RowResult = { row, survivors, draws: [], tally: new Map() };
    for (let i = 0; i < n; i++) {
      if (moves && i > 0) sampler.distribution(logits, { out: law });
      const token = sampler.sample(logits);
      const probability = law[token] as number;
      const known = result.tally.get(token);
      if (json) result.draws.push({ token, probability });
      else if (known === undefined) result.tally.set(token, { times: 1, probability });
      else known.times++;
    }
    return result;
  } catch (error) {
    if (error instanceof Error) error.message = `row ${row}: ${error.message}`;
    throw error;
  }
}

function show(results: readonly RowResult[], many: boolean): void {
  const lines = results.flatMap(({ row, survivors, tally }) => {
    const sorted = [...tally].sort(([a, x], [b, y]) => y.times - x.times || a - b);
    if (sorted.length > SHOWN)
      note(`row ${row}: ${plural(sorted.length - SHOWN, "rarer token")} not shown (--json has all)`);
    return sorted.slice(0, SHOWN).map(([token, { times, probability: p }], i) => {
      const cells = [
        i === 0 ? String(row) : "",
        colors.cyan(String(token)),
        ...(many ? [thousands(times)] : []),
        probability(p),
      ];
      return [...cells, i === 0 ? thousands(survivors) : ""];
    });
  });
  const head = ["row", "token", ...(many ? ["draws"] : []), "probability", "survivors"];
  print(
    table(
      head,
      lines,
      head.map(() => "right"),
    ),
  );
}
