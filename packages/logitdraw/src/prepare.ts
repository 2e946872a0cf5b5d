// Options on their way into the core. Names and ranges are the core's business; here JavaScript's values become the core's, and what
// Rust could not see any more (a string for a number, an id beyond 32 bits) is refused.

import { CoreOptions, nearest_name } from "../pkg/logitdraw_wasm.js";
import { entropySeed } from "./entropy.js";
import { badOption, check, kindOf, LogitdrawError, lastError } from "./errors.js";
import { type Integer, integer, isArrayLike, isId } from "./integers.js";
import { entriesOf, unknownOption } from "./names.js";
import type { SamplerOptions } from "./options.js";
import { reserveTokens, soundList } from "./room.js";
import { memory } from "./wasm.js";

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

/** The one option that the core does not know. */
const PREFIX = "prefixAllowedTokens";
/** What says who a sampler is, for good. */
const FIXED: readonly string[] = ["vocabSize", "seed", "sequence", "generator"];
/** Integers of any size. */
const INTEGERS: readonly string[] = ["seed", "sequence"];
/** Maps of token ids to numbers, which look like groups of options. */
const BIASES: readonly string[] = ["logitBias"];
/** Groups all of whose parts may be absent. */
const LOOSE: readonly string[] = ["penaltyScope"];
/** What lists of these options hold. All others hold ids, unless their first element says otherwise. */
const NUMBERS: readonly string[] = ["exponentialDecayLengthPenalty"];
const TEXTS: readonly string[] = ["order"];
const SEQUENCES: readonly string[] = ["badWords", "dry.sequenceBreakers"];
const WEIGHED: readonly string[] = ["sequenceBias"];

/** Reads an options object into the core's. `INVALID_OPTION` and `UNKNOWN_OPTION` name the option. */
export function prepare(options: unknown): Prepared {
  const { [PREFIX]: prefix, ...rest } = copyOf(options) as Partial<SamplerOptions>;
  memory();
  return filled(new CoreOptions(), (core) => {
    checkPrefix(prefix);
    const { generator, seed, vocabSize } = rest;
    if (vocabSize === undefined) throw badOption("vocabSize", "vocabSize is missing: how many tokens there are");
    if (seed === undefined) {
      core.at("seed");
      setInteger(core, entropySeed(generator));
    }
    for (const [name, value] of Object.entries(rest)) {
      if (value === undefined) continue;
      checkWhole(name);
      set(core, name, value);
    }
    return { prefix, generator: typeof generator === "function" ? generator : undefined };
  });
}

/** Reads changes into the options that a sampler has: what is undefined goes back to its default. Frees `core` where it throws. */
export function change(core: CoreOptions, callbacks: Callbacks, options: unknown): Prepared {
  return filled(core, () => {
    const changes = copyOf(options);
    for (const [name, value] of Object.entries(changes)) {
      if (FIXED.includes(name)) throw badOption(name, `${name} cannot be updated`);
      if (name === PREFIX) continue;
      checkWhole(name);
      // A group is replaced as a whole.
      if (value === undefined || isGroup(name, value)) unset(core, name);
      if (value !== undefined) set(core, name, value);
    }
    if (!(PREFIX in changes)) return callbacks;
    const prefix = changes[PREFIX] as Callbacks["prefix"];
    checkPrefix(prefix);
    return { ...callbacks, prefix };
  });
}

function filled(core: CoreOptions, fill: (core: CoreOptions) => Callbacks): Prepared {
  try {
    return { callbacks: fill(core), core };
  } catch (error) {
    core.free();
    throw error;
  }
}

/** A copy: getters are asked once. */
function copyOf(options: unknown): Record<string, unknown> {
  if (typeof options === "object" && options !== null) return Object.fromEntries(entriesOf(options));
  throw badOption("options", `options must be an object, not ${kindOf(options)}`);
}

function checkPrefix(prefix: unknown): void {
  if (prefix !== undefined && typeof prefix !== "function") {
    throw badOption(PREFIX, `${PREFIX} must be a function, not ${kindOf(prefix)}`);
  }
}

/** Dotted names are how parts of an option reach the core, and no options of their own. */
function checkWhole(name: string): void {
  if (!name.includes(".")) return;
  throw new LogitdrawError("UNKNOWN_OPTION", `there is no option ${name}: parts stand in an object`, { option: name });
}

function set(core: CoreOptions, name: string, value: unknown): void {
  if (isGroup(name, value)) {
    setParts(core, name, value);
    return;
  }
  core.at(name);
  try {
    setValue(core, name, value);
  } catch (error) {
    // That there is no such option says more than that no option could have such a value.
    const unknown = error instanceof LogitdrawError && error.code === "UNKNOWN_OPTION" ? error : isUnknown(core);
    if (unknown === undefined) throw error;
    throw nearPrefix(name) ?? unknown;
  }
}

function unset(core: CoreOptions, name: string): void {
  core.at(name);
  if (!core.unset()) throw nearPrefix(name) ?? lastError();
}

function isUnknown(core: CoreOptions): LogitdrawError | undefined {
  if (core.nothing()) return undefined;
  const error = lastError();
  return error.code === "UNKNOWN_OPTION" ? error : undefined;
}

function nearPrefix(name: string): LogitdrawError | undefined {
  return nearest_name(name, PREFIX) < 0 ? undefined : unknownOption(name, PREFIX);
}

/** An object of options of its own. */
function isGroup(name: string, value: unknown): value is object {
  return tagOfObject(value) === "Object" && !isArrayLike(value) && !BIASES.includes(name);
}

/** What kind of object it is, of whichever realm; undefined for none. */
function tagOfObject(value: unknown): string | undefined {
  return typeof value === "object" && value !== null ? kindOf(value) : undefined;
}

function setParts(core: CoreOptions, name: string, options: object): void {
  const parts = entriesOf(options).filter(([, value]) => value !== undefined);
  for (const [part, value] of parts) set(core, `${name}.${part}`, value);
  // One that says nothing is none: the core is to refuse it.
  if (parts.length === 0 && !LOOSE.includes(name)) set(core, name, null);
}

function setValue(core: CoreOptions, name: string, value: unknown): void {
  if (INTEGERS.includes(name)) setInteger(core, integer(name, value));
  else if (name === "generator" && typeof value !== "string") {
    // The core need only know that there is a function.
    check(typeof value === "function" ? core.flag(true) : core.nothing());
  } else if (typeof value === "number") check(core.number(value));
  else if (typeof value === "boolean") check(core.flag(value));
  else if (typeof value === "string") check(core.text(value));
  else if (isArrayLike(value)) setList(core, name, value);
  else if (BIASES.includes(name) && ["Map", "Object"].includes(tagOfObject(value) as string)) {
    setBiases(core, name, value as object);
  } else check(core.nothing());
}

function setInteger(core: CoreOptions, value: Integer): void {
  check(core.seed(value.negative, value.words));
}

function setList(core: CoreOptions, name: string, list: ArrayLike<unknown>): void {
  // A detached array would be an empty list.
  soundList(list, name);
  const first = list[0];
  const empty = list.length === 0;
  if (NUMBERS.includes(name)) {
    check(core.numbers(numbersOf(name, list)));
  } else if (typeof first === "string" || (empty && TEXTS.includes(name))) {
    for (let i = 0; i < list.length; i++) core.push_text(textAt(name, list, i));
    check(core.texts());
  } else if (isPair(first) || WEIGHED.includes(name)) {
    for (let i = 0; i < list.length; i++) pushPair(core, name, list[i], i);
    check(core.sequence_biases());
  } else if (isArrayLike(first) || (empty && SEQUENCES.includes(name))) {
    for (let i = 0; i < list.length; i++) core.push_sequence(idsOf(name, list[i], i), 0);
    check(core.sequences());
  } else {
    // Whether it is a list of ids at all the core says, before the ids are looked at.
    check(core.ids(new Uint32Array(0)));
    check(core.ids(idsOf(name, list)));
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
  const [tokens, bias, ...more] = isArrayLike(pair) ? Array.from(pair) : [];
  if (!isArrayLike(tokens) || typeof bias !== "number" || more.length > 0) {
    throw badOption(name, `${name} is a list of [tokens, number]; its element ${index} is not`, index);
  }
  core.push_sequence(idsOf(name, tokens, index), bias);
}

/** Token ids of an option; `at`: where in the option their list stands. */
function idsOf(name: string, list: unknown, at?: number): Uint32Array {
  if (!isArrayLike(list)) throw badOption(name, `${name} must hold lists of token ids, not ${kindOf(list)}`, at);
  soundList(list, name);
  // One after the other: a list may say that it is longer than memory.
  const ids: number[] = [];
  for (let index = 0; index < list.length; index++) {
    const id = list[index];
    if (!isId(id)) throw badOption(name, `${name} must hold token ids, not ${kindOf(id)}`, at ?? index);
    ids.push(id);
  }
  reserveTokens(ids.length);
  return Uint32Array.from(ids);
}

function numbersOf(name: string, list: ArrayLike<unknown>): Float64Array {
  const numbers: number[] = [];
  for (let index = 0; index < list.length; index++) {
    const x = list[index];
    if (typeof x !== "number") throw badOption(name, `${name} must hold numbers, not ${kindOf(x)}`, index);
    numbers.push(x);
  }
  reserveTokens(numbers.length);
  return Float64Array.from(numbers);
}

function setBiases(core: CoreOptions, name: string, biases: object): void {
  const entries: [unknown, unknown][] =
    Symbol.iterator in biases
      ? [...(biases as Map<unknown, unknown>)]
      : entriesOf(biases).map(([key, value]) => [idOfKey(key), value]);
  reserveTokens(entries.length);
  const ids = new Uint32Array(entries.length);
  const values = new Float64Array(entries.length);
  entries.forEach(([id, value], index) => {
    if (!isId(id) || typeof value !== "number") {
      throw badOption(name, `${name} must map token ids to numbers, not ${kindOf(id)} to ${kindOf(value)}`, index);
    }
    ids[index] = id;
    values[index] = value;
  });
  check(core.biases(ids, values));
}

/** The id of an object's key: an integer as JavaScript writes it, for "", " 1" and "01" are numbers to `Number`. */
function idOfKey(key: string): number {
  return /^(0|[1-9]\d{0,9})$/.test(key) ? Number(key) : Number.NaN;
}
