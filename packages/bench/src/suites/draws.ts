// The draws themselves: on generated rows at four vocabulary sizes, on a real model's rows, and with every strategy.

import { Limit } from "../limit.js";
import { type Contender, measure, type Rounds } from "../measure.js";
import { ours, type Recipe } from "../ours.js";
import { LIMIT, type Result, ratios, SUITES } from "../result.js";
import { ascendingRows, normalRows, smollm2Rows, VOCAB } from "../rows.js";
import { STRATEGIES } from "../strategies.js";

const SIZES = [32_000, 262_144, 1_048_576];

const greedy: Recipe = { name: "greedy", options: { temperature: 0 } };
const minP: Recipe = { name: "min-p .05, T .8", options: { temperature: 0.8, minP: 0.05 } };
const whole: Recipe = { name: "whole vocabulary, T .8", options: { temperature: 0.8 } };
const topK: Recipe = { name: "top-k 40, T .8", options: { temperature: 0.8, topK: 40 } };
const chain: Recipe = {
  name: "top-k 40 + top-p .95 + min-p .05, T .8",
  options: { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 },
};
const topP: Recipe = { name: "top-p .95, T .8", options: { temperature: 0.8, topP: 0.95 }, mean: true };

/** A recipe, the rows it is measured on, and what these are called unless they are those of the first case. */
type Case = readonly [recipe: Recipe, rows: readonly Float32Array[], kind?: string];

const named = (name: string, kind: string | undefined): string => (kind === undefined ? name : `${name}, ${kind}`);

export async function suite(name: string, cases: readonly Case[], times: Rounds): Promise<Result[]> {
  const [, first = []] = cases[0] as Case;
  const limit = await Limit.create((first[0] as Float32Array).length);
  // Each kind of rows has its own limit, since rows that are read less often come from a farther cache, whoever reads them. The keys are
  // the names of the limit itself and of the contenders on its rows.
  const limits = new Map<string, Contender>();
  const contenders = cases.map(([recipe, rows, kind]) => {
    const own = named(LIMIT, kind);
    const reader = limits.get(own) ?? { name: own, run: (i) => limit.run(rows[i] as Float32Array) };
    const contender = ours({ ...recipe, name: named(recipe.name, kind) }, rows);
    limits.set(own, reader).set(contender.name, reader);
    return contender;
  });
  const limitOf = (name: string) => limits.get(name) as Contender;
  const timings = await measure(contenders, {
    ...times,
    rows: first.length,
    between: (contender) => limitOf(contender.name),
  });
  const means = new Set(cases.filter(([{ mean }]) => mean).map(([{ name }, , kind]) => named(name, kind)));
  return ratios(name, timings, means, (contender) => limitOf(contender).name);
}

export function mainRows(times: Rounds, count = 8): Promise<Result[]> {
  const normal = normalRows(VOCAB, 3, count);
  const flat = normalRows(VOCAB, 1, count, 2);
  const cases: Case[] = [
    ...[greedy, minP, whole, topK, chain, topP].map((recipe): Case => [recipe, normal]),
    [topP, flat, "logits N(0, 1)"],
    [topK, ascendingRows(normal), "ascending logits"],
  ];
  return suite(SUITES.main, cases, times);
}

export function realRows(times: Rounds): Promise<Result[]> {
  const rows = smollm2Rows();
  return suite(
    SUITES.real,
    [greedy, whole, topK, topP].map((recipe): Case => [recipe, rows]),
    times,
  );
}

export async function sizes(times: Rounds, count = 4): Promise<Result[]> {
  const results: Result[] = [];
  for (const vocabSize of SIZES) {
    const rows = normalRows(vocabSize, 3, count);
    // A row of a million takes thirty times as long as one of 32,000, and needs fewer rounds for the same precision.
    const rounds = Math.ceil(times.rounds * Math.min(1, 262_144 / vocabSize));
    const name = `V = ${vocabSize.toLocaleString("en-US")}`;
    results.push(
      ...(await suite(
        name,
        [greedy, whole, topK, topP].map((recipe): Case => [recipe, rows]),
        { ...times, rounds },
      )),
    );
  }
  return results;
}

export function strategies(times: Rounds, count = 8): Promise<Result[]> {
  const rows = normalRows(VOCAB, 3, count);
  return suite(
    SUITES.strategies,
    STRATEGIES.map((recipe): Case => [recipe, rows]),
    times,
  );
}
