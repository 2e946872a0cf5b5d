// Draws from the rows of a logits file.

import { Sampler, type SamplerOptions } from "logitdraw";
import { UsageError } from "./errors.js";
import { type Format, readLogits } from "./logits-file.js";
import { colors, note, plural, print, printJson, probability, table, thousands } from "./output.js";
import { describe, movesLaw } from "./sampling-options.js";

/** Lines of the table a row of logits; JSON has no such limit. */
const SHOWN = 20;

export interface SampleSettings {
  file: string;
  /** Draws from each row. */
  n: number;
  /** Only this row; absent: all. */
  row?: number;
  format?: Format;
  rowLength?: number;
  json?: boolean;
  sampling: Omit<SamplerOptions, "vocabSize">;
}

interface RowResult {
  row: number;
  /** Tokens with a probability above zero before the row's first draw. */
  survivors: number;
  draws: { token: number; probability: number }[];
}

export async function sample(settings: SampleSettings): Promise<void> {
  const { sampling } = settings;
  const file = await readLogits(settings.file, settings);
  if (settings.row !== undefined && settings.row >= file.rows.length) {
    throw new UsageError(
      `${file.name} has ${plural(file.rows.length, "row")}; there is no row ${settings.row} (rows count from 0)`,
    );
  }
  const sampler = new Sampler({ ...sampling, vocabSize: file.vocabSize });
  const chosen = file.rows
    .map((logits, row) => ({ logits, row }))
    .filter(({ row }) => settings.row === undefined || row === settings.row);
  const { seed } = sampler;
  const results = chosen.map(({ logits, row }) => drawRow(sampler, logits, row, settings.n, movesLaw(sampling)));
  sampler.free();
  if (settings.json) {
    printJson({
      file: settings.file,
      rows: file.rows.length,
      vocabSize: file.vocabSize,
      options: sampling,
      seed,
      results,
    });
    return;
  }
  print(`${colors.bold(file.name)}  ${plural(file.rows.length, "row")} of ${plural(file.vocabSize, "logit")}`);
  print(`${describe(sampling)}${sampling.seed === undefined ? `, seed ${seed}` : ""}`);
  show(results);
}

function drawRow(sampler: Sampler, logits: Float32Array, row: number, n: number, moves: boolean): RowResult {
  try {
    let law = sampler.distribution(logits);
    const survivors = law.reduce((count, p) => count + (p > 0 ? 1 : 0), 0);
    const draws = Array.from({ length: n }, (_, i) => {
      if (moves && i > 0) law = sampler.distribution(logits, { out: law });
      const token = sampler.sample(logits);
      return { token, probability: law[token] as number };
    });
    return { row, survivors, draws };
  } catch (error) {
    if (error instanceof Error) error.message = `row ${row}: ${error.message}`;
    throw error;
  }
}

function show(results: readonly RowResult[]): void {
  const many = results.some(({ draws }) => draws.length > 1);
  const lines = results.flatMap(({ row, survivors, draws }) => {
    const tally = new Map<number, { times: number; probability: number }>();
    for (const { token, probability } of draws) {
      tally.set(token, {
        times: (tally.get(token)?.times ?? 0) + 1,
        probability: tally.get(token)?.probability ?? probability,
      });
    }
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
