// What a caller asks. Names and ranges are the core's business; here JavaScript's values become the core's, and what Rust
// could not see any more (a string for a number, an id beyond 32 bits) is refused.

import { Options as CoreOptions } from "../pkg/logitdraw_wasm.js";
import { entropySeed } from "./entropy.js";
import { badOption, check, kindOf, lastError } from "./errors.js";
import type { GeneratorName } from "./generator.js";
import { type Integer, integer, isArrayLike, isId } from "./integers.js";
import { memory } from "./wasm.js";

/** The stages of the chain, by the option that turns each on. */
export type StageName = "temperature" | "topK" | "topP" | "minP";

/** Options of a {@link Sampler}. Absent (or undefined) is off; anything unknown or impossible is an error. */
export interface SamplerOptions {
  /** Tokens in the vocabulary: the length of every row of logits, 1 to 2^31. */
  vocabSize: number;
  /** Logits are divided by it; 0 is greedy. 0 to 3.4e38, default 1. */
  temperature?: number;
  /** Keep the k most likely tokens, 0 is off. Default 0. (Fan et al. 2018) */
  topK?: number;
  /** What ties with the k-th: all stay ("keep", as in transformers), or the lower ids ("exact"). */
  topKTies?: "keep" | "exact";
  /** Keep the best tokens until their probabilities sum to it, 0 to 1, 1 is off. Default 1. (Holtzman et al. 2020) */
  topP?: number;
  /** Keep tokens at least so many times as likely as the best, 0 to 1, 0 is off. Default 0. (Nguyen et al. 2024) */
  minP?: number;
  /** No truncation leaves fewer tokens; 1 to vocabSize, default 1. */
  minTokensToKeep?: number;
  /**
   * Says which token ids may follow the history (a copy); called once a draw, before everything else. No id, or all of them masked
   * already: `NO_TOKEN_LEFT`.
   */
  prefixAllowedTokens?: (history: Uint32Array) => readonly number[];
  /** The chain: a preset, or stage names in an order of one's own. Default "transformers". */
  order?: "transformers" | "llama.cpp" | "vllm" | readonly StageName[];
  /**
   * Where random numbers come from, and with it by which library's rule tokens are drawn; a function gives one number in
   * [0, 1) a draw. Default "philox".
   */
  generator?: GeneratorName | (() => number);
  /** The generator's seed. Absent: from the platform's entropy, readable as `sampler.seed`. */
  seed?: number | bigint;
  /** Which stream of that seed: one a sequence of a batch. 0 to 2^64 - 1, default 0; only philox has more than one. */
  sequence?: number | bigint;
}

/** What of the options the core cannot hold. */
export interface Callbacks {
  readonly generator: (() => number) | undefined;
  readonly prefix: ((history: Uint32Array) => readonly number[]) | undefined;
}

/** Options on their way into the core: to be made a sampler of, or freed. */
export interface Prepared {
  readonly core: CoreOptions;
  readonly callbacks: Callbacks;
}

/** Integers of any size. */
const INTEGERS: readonly string[] = ["seed", "sequence"];
/** Maps of token ids to numbers, which look like groups of options. */
const BIASES: readonly string[] = ["logitBias"];
/** What an empty list of these is a list of; of all others: ids. */
const TEXTS: readonly string[] = ["order"];
const SEQUENCES: readonly string[] = ["badWords", "dry.sequenceBreakers"];
const WEIGHED: readonly string[] = ["sequenceBias"];

/** Reads an options object into the core's. `INVALID_OPTION` and `UNKNOWN_OPTION` name the option. */
export function prepare(options: unknown): Prepared {
  if (typeof options !== "object" || options === null) {
    throw badOption("options", `options must be an object, not ${kindOf(options)}`);
  }
  memory();
  const core = new CoreOptions();
  try {
    const { prefixAllowedTokens: prefix, ...rest } = options as Partial<SamplerOptions>;
    const { generator, seed } = rest;
    if (prefix !== undefined && typeof prefix !== "function") {
      throw badOption("prefixAllowedTokens", `prefixAllowedTokens must be a function, not ${kindOf(prefix)}`);
    }
    if (seed === undefined) setInteger(core, "seed", entropySeed(generator));
    setAll(core, "", rest);
    return { core, callbacks: { prefix, generator: typeof generator === "function" ? generator : undefined } };
  } catch (error) {
    core.free();
    throw error;
  }
}

function setAll(core: CoreOptions, prefix: string, options: object): void {
  for (const key of Object.keys(options)) {
    const value = (options as Record<string, unknown>)[key];
    if (value !== undefined) set(core, prefix + key, value);
  }
}

function set(core: CoreOptions, name: string, value: unknown): void {
  if (isGroup(name, value)) {
    setAll(core, `${name}.`, value);
    return;
  }
  try {
    setValue(core, name, value);
  } catch (error) {
    // That there is no such option says more than that no option could have such a value.
    if (!core.nothing(name)) {
      const unknown = lastError();
      if (unknown.code === "UNKNOWN_OPTION") throw unknown;
    }
    throw error;
  }
}

/** An object of options of its own. One that says nothing is none: the core is to refuse it. */
function isGroup(name: string, value: unknown): value is object {
  if (typeof value !== "object" || value === null || isArrayLike(value) || value instanceof Map) return false;
  return !BIASES.includes(name) && Object.keys(value).length > 0;
}

function setValue(core: CoreOptions, name: string, value: unknown): void {
  if (INTEGERS.includes(name)) setInteger(core, name, integer(name, value));
  else if (typeof value === "number") check(core.number(name, value));
  else if (typeof value === "boolean") check(core.flag(name, value));
  else if (typeof value === "string") check(core.text(name, value));
  else if (typeof value === "bigint") setInteger(core, name, integer(name, value));
  // The core need only know that there is one.
  else if (typeof value === "function") check(core.flag(name, true));
  else if (isArrayLike(value)) setList(core, name, value);
  else if (value instanceof Map || (BIASES.includes(name) && typeof value === "object" && value !== null))
    setBiases(core, name, value);
  else check(core.nothing(name));
}

function setInteger(core: CoreOptions, name: string, value: Integer): void {
  check(core.seed(name, value.negative, value.words));
}

function setList(core: CoreOptions, name: string, list: ArrayLike<unknown>): void {
  const first = list[0];
  const empty = list.length === 0;
  if (typeof first === "string" || (empty && TEXTS.includes(name))) {
    for (let i = 0; i < list.length; i++) core.push_text(textAt(name, list, i));
    check(core.texts(name));
  } else if (isPair(first) || (empty && WEIGHED.includes(name))) {
    for (let i = 0; i < list.length; i++) pushPair(core, name, list[i], i);
    check(core.sequence_biases(name));
  } else if (isArrayLike(first) || (empty && SEQUENCES.includes(name))) {
    for (let i = 0; i < list.length; i++) core.push_sequence(idsOf(name, list[i], i), 0);
    check(core.sequences(name));
  } else {
    check(core.ids(name, idsOf(name, list)));
  }
}

function textAt(name: string, list: ArrayLike<unknown>, index: number): string {
  const text = list[index];
  if (typeof text === "string") return text;
  throw badOption(name, `${name} is a list of names; its element ${index} is ${kindOf(text)}`, index);
}

/** `[[ids], number]`, an element of `sequenceBias`. */
function isPair(value: unknown): value is [ArrayLike<unknown>, number] {
  return isArrayLike(value) && value.length === 2 && isArrayLike(value[0]) && !isArrayLike(value[1]);
}

function pushPair(core: CoreOptions, name: string, pair: unknown, index: number): void {
  if (!isPair(pair) || typeof pair[1] !== "number") {
    throw badOption(name, `${name} is a list of [tokens, number]; its element ${index} is not`, index);
  }
  core.push_sequence(idsOf(name, pair[0], index), pair[1]);
}

/** Token ids of an option; `at`: where in the option their list stands. */
function idsOf(name: string, list: unknown, at?: number): Uint32Array {
  if (!isArrayLike(list)) throw badOption(name, `${name} must hold lists of token ids, not ${kindOf(list)}`, at);
  const ids = new Uint32Array(list.length);
  for (let index = 0; index < ids.length; index++) {
    const id = list[index];
    if (!isId(id)) throw badOption(name, `${name} must hold token ids, not ${kindOf(id)}`, at ?? index);
    ids[index] = id;
  }
  return ids;
}

function setBiases(core: CoreOptions, name: string, biases: object): void {
  const entries: [unknown, unknown][] =
    biases instanceof Map ? [...biases] : Object.entries(biases).map(([key, value]) => [idOfKey(key), value]);
  const ids = new Uint32Array(entries.length);
  const values = new Float64Array(entries.length);
  entries.forEach(([id, value], i) => {
    if (!isId(id) || typeof value !== "number") {
      throw badOption(name, `${name} must map token ids to numbers, not ${kindOf(id)} to ${kindOf(value)}`);
    }
    ids[i] = id;
    values[i] = value;
  });
  check(core.biases(name, ids, values));
}

/** The id of an object's key: decimal digits and nothing else, for "" and " 1" are numbers to JavaScript. */
function idOfKey(key: string): number {
  return /^\d{1,10}$/.test(key) ? Number(key) : Number.NaN;
}
