// Formats the output. Colours are used only on a terminal, so that a pipe gets plain text.

import Table from "cli-table3";
import picocolors from "picocolors";

// Needed because picocolors by itself would also colour the piped output of a CI job.
const forced = "FORCE_COLOR" in process.env;
export const colors = picocolors.createColors(picocolors.isColorSupported && (process.stdout.isTTY === true || forced));

export const print = (text = ""): void => void process.stdout.write(`${text}\n`);
/** Remarks go to standard error: standard output holds results only. */
export const note = (text: string): void => void process.stderr.write(`${colors.dim(text)}\n`);

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** Draws a bar that fills `part` (0 to 1) of `width` characters, to an eighth of a character. */
export function bar(part: number, width = 40): string {
  const eighths = Math.round(part * width * 8);
  const text = "█".repeat(eighths >> 3) + EIGHTHS[eighths & 7];
  return text === "" && part > 0 ? "▏" : text;
}

export type Align = "left" | "right";

/** Formats a table without any lines around its columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], align: readonly Align[]): string {
  const blank = {
    top: "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    bottom: "",
    "bottom-mid": "",
    "bottom-left": "",
  };
  const rest = {
    "bottom-right": "",
    left: "",
    "left-mid": "",
    mid: "",
    "mid-mid": "",
    right: "",
    "right-mid": "",
    middle: "  ",
  };
  const made = new Table({
    head: head.map((title) => colors.dim(title)),
    chars: { ...blank, ...rest },
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
