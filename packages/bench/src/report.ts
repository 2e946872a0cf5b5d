// Formats a run as text: for the terminal, and as the tables of docs/speed.md.

import { cpus } from "node:os";
import Table from "cli-table3";
import colors from "picocolors";
import { AGAINST, type Judged, MAIN } from "./goals.js";
import type { Result } from "./result.js";

/** Describes the machine that the numbers were measured on. */
export function machine(): string {
  const [first] = cpus();
  return `${first?.model ?? "unknown processor"}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export const measuredOf = ({ value, unit }: Result): string => `${digits(value)} ${unit}`;

const timeOf = ({ microseconds }: Result): string => (microseconds === undefined ? "" : digits(microseconds));

export const goalOf = ({ atMost, atLeast }: Judged): string =>
  atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`;

function cells(results: readonly Result[]): string[][] {
  return results.map((result) => [
    result.name,
    timeOf(result),
    `${measuredOf(result)}${result.statistic ? ` (${result.statistic})` : ""}`,
  ]);
}

function bySuite(results: readonly Result[]): Map<string, Result[]> {
  const suites = new Map<string, Result[]>();
  for (const result of results) suites.set(result.suite, [...(suites.get(result.suite) ?? []), result]);
  return suites;
}

const HEAD = ["microseconds a token", "value"];

export function terminal(results: readonly Result[], judged: readonly Judged[]): string {
  const parts = [colors.dim(machine())];
  for (const [suite, rows] of bySuite(results)) {
    const table = new Table({
      head: [suite, ...HEAD],
      colAligns: ["left", "right", "right"],
      style: { head: ["bold"], compact: true },
    });
    table.push(...cells(rows));
    parts.push(table.toString());
  }
  if (judged.length > 0) {
    const table = new Table({
      head: ["goal", "", "measured", "ok"],
      colAligns: ["left", "right", "right"],
      style: { head: ["bold"], compact: true },
    });
    const mark = (ok: boolean) => (ok ? colors.green("ok") : colors.red("NO"));
    table.push(
      ...judged.map((goal) => [`${goal.suite}: ${goal.name}`, goalOf(goal), measuredOf(goal.measured), mark(goal.ok)]),
    );
    parts.push(table.toString());
  }
  return parts.join("\n\n");
}

const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** Formats results as a table, without the column of times if there are none. */
function resultsTable(results: readonly Result[], head: readonly string[]): string {
  const timed = results.some((result) => timeOf(result) !== "");
  const columns = (row: readonly string[]) => row.filter((_, column) => timed || column !== 1);
  return markdownTable(columns(head), cells(results).map(columns));
}

export function markdown(results: readonly Result[], judged: readonly Judged[]): string {
  const goals = judged.map((goal) => [
    `${goal.suite}: ${goal.name}`,
    goalOf(goal),
    measuredOf(goal.measured),
    goal.ok ? "yes" : "**no**",
  ]);
  const parts = [
    `Measured on: ${machine()}.`,
    `### Goals\n\n${markdownTable(["what", "goal", "measured", "met"], goals)}`,
  ];
  for (const [suite, rows] of bySuite(results)) {
    parts.push(`### ${suite[0]?.toUpperCase()}${suite.slice(1)}\n\n${resultsTable(rows, ["", ...HEAD])}`);
  }
  return parts.join("\n\n");
}

/** What a newcomer wants to know: the main rows, the peers, and one figure per strategy. */
export function summary(results: readonly Result[]): string {
  const suites = bySuite(results);
  const table = (name: string, head: readonly string[]) => resultsTable(suites.get(name) ?? [], head);
  const strategies = [...suites.keys()].find((name) => name.startsWith("strategies")) ?? "";
  const figures = (suites.get(strategies) ?? []).map((result) => [result.name, measuredOf(result)]);
  return [
    table(MAIN, ["", "microseconds", "x the limit"]),
    table(AGAINST, ["beside peers", "microseconds", ""]),
    `<details><summary>Every strategy</summary>\n\n${markdownTable(["", ""], figures)}\n\n</details>`,
    `Measured on: ${machine()}.`,
  ].join("\n\n");
}
