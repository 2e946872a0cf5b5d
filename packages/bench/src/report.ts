// Formats a run as text: for the terminal, and as the tables of docs/speed.md.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import Table from "cli-table3";
import colors from "picocolors";
import type { Judged } from "./goals.js";
import { type Result, SUITES } from "./result.js";

/** Describes the machine that the numbers were measured on. */
export function machine(): string {
  const [first] = cpus();
  const parts = [`${cpus().length} cores`, `${process.platform} ${process.arch}`, `Node ${process.versions.node}`];
  return [`${first?.model ?? "unknown processor"}${family()}`, ...parts].join(", ");
}

/** The processor's family, where Linux tells it: processors of different families may have the same name. */
function family(): string {
  try {
    const [, number] = /^cpu family\s*: (\d+)/m.exec(readFileSync("/proc/cpuinfo", "utf8")) ?? [];
    return number === undefined ? "" : ` (family ${number})`;
  } catch {
    return "";
  }
}

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const measuredOf = ({ value, unit }: Result): string => `${digits(value)} ${unit}`;

const timeOf = ({ microseconds }: Result): string => (microseconds === undefined ? "" : digits(microseconds));

/** As `measuredOf`, with as many digits as show on which side of its goal the value lies. */
export function judgedOf({ measured, atMost, atLeast = 0 }: Judged): string {
  const [value, goal] = [measured.value, atMost ?? atLeast];
  let shown = digits(value);
  for (let places = 3; Number(shown) === goal && value !== goal; places++) shown = value.toFixed(places);
  return `${shown} ${measured.unit}`;
}

const goalOf = ({ atMost, atLeast }: Judged): string => (atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`);

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
    table.push(...judged.map((goal) => [`${goal.suite}: ${goal.name}`, goalOf(goal), judgedOf(goal), mark(goal.ok)]));
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
    judgedOf(goal),
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
  const of = (name: string): readonly Result[] => {
    const found = suites.get(name);
    if (found === undefined) throw new Error(`no suite "${name}"`);
    return found;
  };
  const figures = cells(of(SUITES.strategies)).map(([name, , value]) => [name as string, value as string]);
  return [
    resultsTable(of(SUITES.main), ["", "microseconds", "beside the limit"]),
    resultsTable(of(SUITES.against), ["beside peers", "microseconds", ""]),
    `<details><summary>Every strategy</summary>\n\n${markdownTable(["", "beside the limit"], figures)}\n\n</details>`,
    `Measured on: ${machine()}.`,
  ].join("\n\n");
}
