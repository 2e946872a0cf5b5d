// Formats the output. Colours are used only on a terminal, so that a pipe gets plain text; NO_COLOR and FORCE_COLOR are respected.

import Table from "cli-table3";
import picocolors from "picocolors";

// Decided here, because picocolors would colour the piped output of a CI job, and take FORCE_COLOR=0 for a yes.
const { FORCE_COLOR, NO_COLOR, TERM } = process.env;
const colorsOf = ({ isTTY }: NodeJS.WriteStream) => {
  const may = !NO_COLOR && FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return picocolors.createColors(may && (FORCE_COLOR !== undefined || (isTTY === true && TERM !== "dumb")));
};
export const colors = colorsOf(process.stdout);
/** The colours of remarks and errors: either output may be a file while the other is the terminal. */
export const noteColors = colorsOf(process.stderr);

export const print = (text = ""): void => void process.stdout.write(`${text}\n`);
/** Remarks go to standard error: standard output holds results only. */
export const note = (text: string): void => void process.stderr.write(`${noteColors.dim(text)}\n`);

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Draws a bar that fills `part` (0 to 1) of `width` characters, to an eighth of a character. */
export function bar(part: number, width = 40): string {
  const eighths = Math.round(part * width * 8);
  const text = "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7];
  return text === "" && part > 0 ? "▏" : text;
}

type Align = "left" | "right";

/** Formats a table without any lines around its columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], align: readonly Align[]): string {
  const chars = Object.fromEntries(
    ["top", "bottom", "left", "mid", "right"].flatMap((edge) =>
      ["", "-mid", "-left", "-right"].map((part) => [edge + part, ""]),
    ),
  );
  const made = new Table({
    head: head.map((title) => colors.dim(title)),
    chars: { ...chars, middle: "  " },
    colAligns: [...align],
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  made.push(...rows.map((row) => [...row]));
  return made
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const grouped = new Intl.NumberFormat("en-US");
export const thousands = (value: number): string => grouped.format(value);

export function plural(value: number, noun: string): string {
  return `${thousands(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Formats a probability with four decimals, or as 1.2e-5 if these would be zeros. */
export const probability = (p: number): string => (p === 0 || p >= 0.0001 ? p.toFixed(4) : p.toExponential(1));

/** Writes JSON, with strings for numbers that JSON lacks: bigints (seeds, which may not fit a double) and infinities. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    const foreign = typeof part === "bigint" || (typeof part === "number" && !Number.isFinite(part));
    return foreign ? String(part) : part;
  });

export const printJson = (value: unknown): void => print(toJson(value));
