// The draws themselves: on generated rows at four vocabulary sizes, on a real model's rows, and with every strategy.

import { Limit } from "../limit.js";
import { type Contender, type MeasureOptions, measure } from "../measure.js";
import { ours, type Row } from "../ours.js";
import { LIMIT, type Result, ratios, SUITES } from "../result.js";
import { ascendingRows, normalRows, smollm2Rows, VOCAB } from "../rows.js";
import { STRATEGIES } from "../strategies.js";

const SIZES = [32_000, 262_144, 1_048_576];

const greedy: Row = { name: "greedy", options: { temperature: 0 } };
const minP: Row = { name: "min-p .05, T .8", options: { temperature: 0.8, minP: 0.05 } };
const whole: Row = { name: "whole vocabulary, T .8", options: { temperature: 0.8 } };
const topK: Row = { name: "top-k 40, T .8", options: { temperature: 0.8, topK: 40 } };
const chain: Row = {
  name: "top-k 40 + top-p .95 + min-p .05, T .8",
  options: { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 },
};
const topP: Row = { name: "top-p .95, T .8", options: { temperature: 0.8, topP: 0.95 }, mean: true };

/** A row, the logits it is measured on, and what these are called unless they are those of the first case. */
type Case = readonly [row: Row, logits: readonly Float32Array[], kind?: string];

const named = (name: string, kind: string | undefined): string => (kind === undefined ? name : `${name}, ${kind}`);

export async function suite(
  name: string,
  cases: readonly Case[],
  options: Omit<MeasureOptions, "rows">,
): Promise<Result[]> {
  const [, first = []] = cases[0] as Case;
  const limit = await Limit.create((first[0] as Float32Array).length);
  // Each kind of logits has its own limit, since rows that are read less often come from a farther cache, whoever reads them. The keys
  // are the limit's own name and the names of its rows.
  const limits = new Map<string, Contender>();
  const rows = cases.map(([row, logits, kind]) => {
    const [full, own] = [{ ...row, name: named(row.name, kind) }, named(LIMIT, kind)];
    const reader = limits.get(own) ?? { name: own, run: (i) => limit.run(logits[i] as Float32Array) };
    limits.set(own, reader).set(full.name, reader);
    return { row: full, contender: ours(full, logits) };
  });
  const limitOf = (contender: string) => limits.get(contender) as Contender;
  const timings = await measure(
    rows.map(({ contender }) => contender),
    { ...options, rows: first.length, between: (contender) => limitOf(contender.name) },
  );
  const means = new Set(rows.filter(({ row }) => row.mean).map(({ row }) => row.name));
  return ratios(name, timings, means, (contender) => limitOf(contender).name);
}

export function mainRows(options: Omit<MeasureOptions, "rows">, rows = 8): Promise<Result[]> {
  const normal = normalRows(VOCAB, 3, rows);
  const flat = normalRows(VOCAB, 1, rows, 2);
  const cases: Case[] = [
    ...[greedy, minP, whole, topK, chain, topP].map((row): Case => [row, normal]),
    [topP, flat, "logits N(0, 1)"],
    [topK, ascendingRows(normal), "ascending logits"],
  ];
  return suite(SUITES.main, cases, options);
}

export function realRows(options: Omit<MeasureOptions, "rows">): Promise<Result[]> {
  const logits = smollm2Rows();
  return suite(
    SUITES.real,
    [greedy, whole, topK, topP].map((row): Case => [row, logits]),
    options,
  );
}

export async function sizes(options: Omit<MeasureOptions, "rows">, rows = 4): Promise<Result[]> {
  const results: Result[] = [];
  for (const vocabSize of SIZES) {
    const logits = normalRows(vocabSize, 3, rows);
    // A row of a million takes thirty times as long as one of 32,000, and needs fewer rounds for the same precision.
    const rounds = Math.ceil(options.rounds * Math.min(1, 262_144 / vocabSize));
    const name = `V = ${vocabSize.toLocaleString("en-US")}`;
    results.push(
      ...(await suite(
        name,
        [greedy, whole, topK, topP].map((row): Case => [row, logits]),
        { ...options, rounds },
      )),
    );
  }
  return results;
}

export function strategies(options: Omit<MeasureOptions, "rows">, rows = 8): Promise<Result[]> {
  const logits = normalRows(VOCAB, 3, rows);
  return suite(
    SUITES.strategies,
    STRATEGIES.map((row): Case => [row, logits]),
    options,
  );
}
