// Text of the command line into values. Each parser says what it wanted when it did not get it; whether a value makes
// sense (a negative temperature) is for the package to say.

import { InvalidArgumentError } from "commander";

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

/** Any whole number, exactly: beyond 2^53 too. */
export function integer(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text.trim())) throw new InvalidArgumentError("Expected a whole number.");
  return BigInt(text.trim().replace(/^\+/, ""));
}

/** A whole number from `from` up: counts, rows. Up to `to`, where there is a limit. */
export function count(from: number, to?: number): (text: string) => number {
  return (text) => {
    const value = number(text);
    if (!Number.isSafeInteger(value) || value < from || value > (to ?? value)) {
      const limit = to === undefined ? "" : ` and at most ${to}`;
      throw new InvalidArgumentError(`Expected a whole number, ${from} or more${limit}.`);
    }
    return value;
  };
}

/** `1,2,3` or `[1,2,3]`. */
export function numbers(text: string): number[] {
  const inner = text.trim().replace(/^\[(.*)\]$/s, "$1");
  return inner.trim() === "" ? [] : inner.split(",").map((part) => number(part));
}

/** One id stays a number, several become a list: `2` or `2,3`. */
export function idOrIds(text: string): number | number[] {
  const ids = numbers(text);
  return ids.length === 1 && !text.includes("[") ? (ids[0] as number) : ids;
}

/** `5:-2,7:1.5`; a bias of -Infinity bans. */
export function biases(text: string): Record<number, number> {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const [id = "", bias = "", ...rest] = pair.split(":");
      if (rest.length > 0) throw new InvalidArgumentError("Expected ID:BIAS,ID:BIAS.");
      return [Number(count(0)(id)), number(bias)];
    }),
  );
}

/** Sequences of ids, with semicolons between: `5,7;9`. */
export function sequences(text: string): number[][] {
  return text.trim() === "" ? [] : text.split(";").map(numbers);
}

/** The same, each with a number: `5,7:-1.5;9:2`. */
export function weighedSequences(text: string): [number[], number][] {
  if (text.trim() === "") return [];
  return text.split(";").map((part) => {
    const [ids = "", bias, ...rest] = part.split(":");
    if (bias === undefined || rest.length > 0) throw new InvalidArgumentError("Expected IDS:BIAS;IDS:BIAS.");
    return [numbers(ids), number(bias)];
  });
}

const PRESETS: readonly string[] = ["transformers", "llama.cpp", "vllm"];
/** What `order` takes, for help and errors. */
export const ORDERS = `${PRESETS.join(", ")}, or stages: topK,temperature,...`;

/** A preset's name, or a comma-separated list of stages; any other word is a list of one. */
export function order(text: string): string | string[] {
  if (PRESETS.includes(text.trim())) return text.trim();
  const stages = text.split(",").map((name) => name.trim());
  if (stages.includes("")) throw new InvalidArgumentError("Expected a name on both sides of each comma.");
  return stages;
}

/** The value of a flag that may go without: nothing is true, and `word` is itself. */
export function switchOr(word: string): (text: string) => true | string {
  return (text) => {
    if (text !== "" && text !== word) throw new InvalidArgumentError(`Expected ${word}, or nothing.`);
    return text === "" || text;
  };
}
