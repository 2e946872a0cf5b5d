// Parses the values of the command line. Each parser's error says what it expected; whether a value makes sense (a negative temperature)
// is checked by the package.

import { InvalidArgumentError } from "commander";

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw new InvalidArgumentError("Expected a number.");
  return value;
}

/** Parses any whole number exactly, even beyond 2^53. */
export function integer(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text.trim())) throw new InvalidArgumentError("Expected a whole number.");
  return BigInt(text.trim().replace(/^\+/, ""));
}

/** Makes a parser of whole numbers (counts, rows) of at least `from`, and at most `to` if there is a limit. */
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

/** Parses `1,2,3` or `[1,2,3]`. */
export function numbers(text: string): number[] {
  const inner = text.trim().replace(/^\[(.*)\]$/s, "$1");
  return inner.trim() === "" ? [] : inner.split(",").map((part) => number(part));
}

/** Parses `2` as a number, `2,3` as a list. */
export function idOrIds(text: string): number | number[] {
  const ids = numbers(text);
  return ids.length === 1 && !text.includes("[") ? (ids[0] as number) : ids;
}

/** Parses `5:-2,7:1.5`, each id once; a bias of -Infinity bans. */
export function biases(text: string): Record<number, number> {
  const pairs = text.split(",").map((pair) => {
    const [id = "", bias = "", ...rest] = pair.split(":");
    if (rest.length > 0) throw new InvalidArgumentError("Expected ID:BIAS,ID:BIAS.");
    return [count(0)(id), number(bias)] as const;
  });
  const byId = new Map(pairs);
  if (byId.size < pairs.length) throw new InvalidArgumentError("Expected each ID once.");
  return Object.fromEntries(byId);
}

/** Parses sequences of ids, separated by semicolons: `5,7;9`. */
export function sequences(text: string): number[][] {
  return text.trim() === "" ? [] : text.split(";").map(numbers);
}

/** Parses such sequences, each with a number: `5,7:-1.5;9:2`. */
export function weighedSequences(text: string): [number[], number][] {
  if (text.trim() === "") return [];
  return text.split(";").map((part) => {
    const [ids = "", bias, ...rest] = part.split(":");
    if (bias === undefined || rest.length > 0) throw new InvalidArgumentError("Expected IDS:BIAS;IDS:BIAS.");
    return [numbers(ids), number(bias)];
  });
}

const PRESETS: readonly string[] = ["transformers", "llama.cpp", "vllm"];
/** Describes what `order` takes, for help and errors. */
export const ORDERS = `${PRESETS.join(", ")}, or stages: topK,temperature,...`;

/** Parses a preset's name, or a comma-separated list of stages; any other word is a list of one stage. */
export function order(text: string): string | string[] {
  if (PRESETS.includes(text.trim())) return text.trim();
  const stages = text.split(",").map((name) => name.trim());
  if (stages.includes("")) throw new InvalidArgumentError("Expected a name on both sides of each comma.");
  return stages;
}

/** Makes a parser for a flag whose value is optional: no value is true, and `word` stands for itself. */
export function switchOr(word: string): (text: string) => true | string {
  return (text) => {
    if (text !== "" && text !== word) throw new InvalidArgumentError(`Expected ${word}, or nothing.`);
    return text === "" || text;
  };
}
