// Passes options to the core, which checks names and ranges. This file converts JavaScript's values, and refuses what Rust could no longer
// detect (a string for a number, an id beyond 32 bits).

import { CoreOptions, nearest_name } from "../pkg/logitdraw_wasm.js";
import { attachedList, isAnyArray } from "./arrays.js";
import { entropySeed } from "./entropy.js";
import { badOption, check, kindOf, LogitdrawError, lastError } from "./errors.js";
import { type Integer, integer, isId } from "./integers.js";
import { entriesOf, unknownOption } from "./names.js";
import type { SamplerOptions } from "./options.js";
import { checkRoomForTokens } from "./room.js";
import { memory } from "./wasm.js";

/** The options that are functions, which the core cannot hold. */
export interface Callbacks {
  readonly generator: (() => number) | undefined;
  readonly prefix: ((history: Uint32Array) => readonly number[]) | undefined;
}

/** Options ready for the core, which must be passed to a sampler or freed. */
export interface Prepared {
  readonly core: CoreOptions;
  readonly callbacks: Callbacks;
}

/** The one option that the core does not know. */
const PREFIX = "prefixAllowedTokens";
/** Options that identify a sampler, and so cannot be updated. */
const FIXED: readonly string[] = ["vocabSize", "seed", "sequence", "generator"];
/** Options that are integers of any size. */
const INTEGERS: readonly string[] = ["seed", "sequence"];
/** Options whose list may be a single id. */
const ENDS: readonly string[] = ["eosTokenId", "forcedEosTokenId"];
/** The option that is a map of token ids to numbers, which looks like a group of options. */
const BIASES = "logitBias";
/** The group of options whose parts may all be absent. */
const LOOSE = "penaltyScope";
/** The options whose lists hold numbers, strings, sequences, or sequences with a number each. All other lists hold ids. */
const NUMBERS = "exponentialDecayLengthPenalty";
const TEXTS = "order";
const SEQUENCES: readonly string[] = ["badWords", "dry.sequenceBreakers"];
const WEIGHED = "sequenceBias";

/** Reads an options object into the core's options. `INVALID_OPTION` and `UNKNOWN_OPTION` name the option. */
export function prepare(options: unknown): Prepared {
  const { [PREFIX]: prefix, ...rest } = copyOf(options) as Partial<SamplerOptions>;
  memory();
  return filled(new CoreOptions(), (core) => {
    checkPrefix(prefix);
    const { generator, seed, vocabSize } = rest;
    if (vocabSize === undefined) throw badOption("vocabSize", "vocabSize, the number of tokens, is missing");
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

/** Names of options, and what they are to be. */
type Changes = Record<string, unknown>;

/** Applies changes to a sampler's options: undefined resets an option to its default. Frees `core` if it throws. */
export function change(core: CoreOptions, callbacks: Callbacks, changes: Changes): Prepared {
  return filled(core, () => {
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
    try {
      // Fails if the error is a trap in one of its methods.
      core.free();
    } catch {}
    throw error;
  }
}

/** Copies the options, so that getters are called only once. */
export function copyOf(options: unknown): Changes {
  if (typeof options === "object" && options !== null) return Object.fromEntries(entriesOf(options));
  throw badOption("options", `options must be an object, not ${kindOf(options)}`);
}

function checkPrefix(prefix: unknown): void {
  if (prefix !== undefined && typeof prefix !== "function") {
    throw badOption(PREFIX, `${PREFIX} must be a function, not ${kindOf(prefix)}`);
  }
}

/** Refuses dotted names: they pass parts of an option to the core, but are not options that a caller may give. */
function checkWhole(name: string): void {
  if (!name.includes(".")) return;
  throw new LogitdrawError("UNKNOWN_OPTION", `unknown option ${name}: parts are given in an object`, { option: name });
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
    // An unknown option is reported as such, even if its value would be invalid for any option: that says more.
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

/** Whether a value is a group: an object of options of its own. */
function isGroup(name: string, value: unknown): value is object {
  return tagOfObject(value) === "Object" && !name.includes(".") && name !== BIASES;
}

/** Returns what kind of object a value is, from whichever realm; undefined if it is not an object. */
function tagOfObject(value: unknown): string | undefined {
  return typeof value === "object" && value !== null ? kindOf(value) : undefined;
}

function setParts(core: CoreOptions, name: string, options: object): void {
  const parts = entriesOf(options).filter(([, value]) => value !== undefined);
  for (const [part, value] of parts) set(core, `${name}.${part}`, value);
  // A group without parts is no group: passed on as null, it is refused by the core.
  if (parts.length === 0 && name !== LOOSE) set(core, name, null);
}

function setValue(core: CoreOptions, name: string, value: unknown): void {
  if (INTEGERS.includes(name)) setInteger(core, integer(name, value));
  else if (name === "generator" && typeof value !== "string") {
    // The core only needs to know that there is a function.
    check(typeof value === "function" ? core.flag(true) : core.nothing());
  } else if (typeof value === "number" && ENDS.includes(name)) setList(core, name, [value]);
  else if (typeof value === "number") check(core.number(value));
  else if (typeof value === "boolean") check(core.flag(value));
  else if (typeof value === "string") check(core.text(value));
  else if (isAnyArray(value)) setList(core, name, value);
  else if (name === BIASES && ["Map", "Object"].includes(tagOfObject(value) as string)) {
    setBiases(core, name, value as object);
  } else check(core.nothing());
}

function setInteger(core: CoreOptions, value: Integer): void {
  check(core.seed(value.negative, value.words));
}

function setList(core: CoreOptions, name: string, list: ArrayLike<unknown>): void {
  // A detached array would pass for an empty list.
  attachedList(list, name);
  if (name === NUMBERS) {
    check(core.numbers(numbersOf(name, list)));
  } else if (name === TEXTS) {
    for (let i = 0; i < list.length; i++) core.push_text(textAt(name, list, i));
    check(core.texts());
  } else if (name === WEIGHED) {
    for (let i = 0; i < list.length; i++) pushPair(core, name, list[i], i);
    check(core.sequence_biases());
  } else if (SEQUENCES.includes(name)) {
    for (let i = 0; i < list.length; i++) core.push_sequence(idsOf(name, list[i], i), 0);
    check(core.sequences());
  } else {
    // An empty list makes the core check whether the option takes ids at all, before the ids themselves are checked.
    check(core.ids(new Uint32Array(0)));
    check(core.ids(idsOf(name, list)));
  }
}

function textAt(name: string, list: ArrayLike<unknown>, index: number): string {
  const text = list[index];
  if (typeof text === "string") return text;
  throw badOption(name, `${name} is a list of names; its element ${index} is ${kindOf(text)}`, index);
}

function pushPair(core: CoreOptions, name: string, pair: unknown, index: number): void {
  const [tokens, bias, ...more] = isAnyArray(pair) ? Array.from(pair) : [];
  if (!isAnyArray(tokens) || typeof bias !== "number" || more.length > 0) {
    throw badOption(name, `${name} is a list of [tokens, number]; its element ${index} is not`, index);
  }
  core.push_sequence(idsOf(name, tokens, index), bias);
}

/** Returns the token ids in a list of an option; `at` is the index of that list in an option that holds several. */
function idsOf(name: string, list: unknown, at?: number): Uint32Array {
  if (!isAnyArray(list)) throw badOption(name, `${name} must hold lists of token ids, not ${kindOf(list)}`, at);
  attachedList(list, name);
  // Collected one by one, not allocated by length: a list may claim to be longer than memory.
  const ids: number[] = [];
  for (let index = 0; index < list.length; index++) {
    const id = list[index];
    if (!isId(id)) throw badOption(name, `${name} must hold token ids, not ${kindOf(id)}`, at ?? index);
    ids.push(id);
  }
  checkRoomForTokens(ids.length);
  return Uint32Array.from(ids);
}

function numbersOf(name: string, list: ArrayLike<unknown>): Float64Array {
  const numbers: number[] = [];
  for (let index = 0; index < list.length; index++) {
    const x = list[index];
    if (typeof x !== "number") throw badOption(name, `${name} must hold numbers, not ${kindOf(x)}`, index);
    numbers.push(x);
  }
  checkRoomForTokens(numbers.length);
  return Float64Array.from(numbers);
}

function setBiases(core: CoreOptions, name: string, biases: object): void {
  const entries: [unknown, unknown][] =
    Symbol.iterator in biases
      ? [...(biases as Map<unknown, unknown>)]
      : entriesOf(biases).map(([key, value]) => [idOfKey(key), value]);
  checkRoomForTokens(entries.length);
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

/** Returns the id in an object's key, or the key. Only integers as JavaScript writes them count: `Number` accepts "", " 1" and "01", too. */
function idOfKey(key: string): unknown {
  return /^(0|[1-9]\d{0,9})$/.test(key) ? Number(key) : key;
}
