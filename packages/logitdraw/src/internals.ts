// What a sampler consists of, and how a draw goes into WebAssembly: a call's arguments are copied into the scratch, the caller's own
// functions are called, and the core chooses a token.

import type { CoreSampler } from "../pkg/logitdraw_wasm.js";
import { type Call, callOf, heldCall, type SampleOptions } from "./call.js";
import { badOption, check, freed, kindOf, lastError } from "./errors.js";
import { load } from "./logits.js";
import { maskOf } from "./masks.js";
import { coreOfBuffer, isRow, type Scratch, scratchOf, startOf } from "./memory.js";
import type { Callbacks } from "./prepare.js";
import { memory } from "./wasm.js";

/** Calls one of the caller's functions; `option` is the option that holds it. */
export type Ask = <T>(option: string, call: () => T) => T;

const ask: Ask = (_, call) => call();

/** What an attempt at a draw returns: negative or undefined if it failed. */
type Outcome = number | Float64Array | undefined;
export type Attempt<T extends Outcome> = (internals: Internals, call: Call, uniform: number) => T;

/** A sampler's internals: its core, its scratch, and those of its options that the core cannot hold. */
export class Internals {
  readonly vocabSize: number;
  readonly scratch: Scratch;
  /** Whether there are no callbacks, so that a draw runs none of the caller's code. */
  plain = true;
  /** The number of the batch it was last seen in. */
  batch = 0;
  #callbacks!: Callbacks;

  constructor(
    /** Undefined once it is freed. */
    public core: CoreSampler | undefined,
    callbacks: Callbacks,
  ) {
    const alive = this.alive();
    this.vocabSize = alive.vocab_size();
    this.scratch = scratchOf(alive, this.vocabSize);
    this.callbacks = callbacks;
  }

  get callbacks(): Callbacks {
    return this.#callbacks;
  }

  set callbacks(callbacks: Callbacks) {
    this.#callbacks = callbacks;
    this.plain = callbacks.generator === undefined && callbacks.prefix === undefined;
  }

  /** Returns the core; throws `FREED` after `free`. */
  alive(): CoreSampler {
    if (this.core === undefined) throw freed("Sampler");
    return this.core;
  }

  /** Returns a view of the history in place, valid until the next token is added. */
  history(): Uint32Array {
    const core = this.alive();
    return new Uint32Array(memory().buffer, core.history_pointer(), core.history_length());
  }

  /** Checks a call's arguments; nothing is copied into the scratch yet. */
  call(logits: unknown, options: SampleOptions | undefined): Call {
    this.alive();
    return callOf(logits, options, this.vocabSize);
  }

  /**
   * Returns the call; if any of the caller's functions may run, with its arrays copied, and its mask limited to what
   * `prefixAllowedTokens` allows.
   */
  constrained(call: Call, asking: Ask = ask): Call {
    if (this.plain) return call;
    const kept = heldCall(call);
    const { prefix } = this.#callbacks;
    if (prefix === undefined) return kept;
    const history = this.history().slice();
    const allowed = asking("prefixAllowedTokens", () => prefix(history));
    return { ...kept, mask: maskOf(allowed, this.vocabSize, kept.mask) };
  }

  /** Draws without moving the sampler. */
  choose<T extends Outcome>(given: Call, attempt: Attempt<T>, asking: Ask = ask): T {
    if (this.plain) return taken(attempt(this, given, Number.NaN));
    // The caller's functions may use the scratch or free it, so everything is looked up and copied again after they return.
    const call = this.constrained(given, asking);
    const { generator } = this.callbacks;
    if (generator === undefined) return taken(attempt(this, call, Number.NaN));
    // A first attempt proves that a token can be drawn: no random number is spent on bad logits.
    taken(copied(this, call, 0));
    this.alive().discard();
    const uniform: unknown = asking("generator", generator);
    if (typeof uniform !== "number" || !(uniform >= 0 && uniform < 1)) {
      throw badOption("generator", `a generator returns numbers in [0, 1), not ${kindOf(uniform)}`);
    }
    return taken(attempt(this, call, uniform));
  }

  /** Copies a call's logits, mask and guidance into the scratch. */
  loaded(call: Call): { core: CoreSampler; words: number; scale: number } {
    const core = this.alive();
    const scale = this.setGuidance(core, call);
    const words = this.setMask(core, call.mask);
    load(call.given, this.scratch, this.vocabSize);
    return { core, words, scale };
  }

  /** Copies a mask into the scratch; returns how many words it has, -1 for no mask. */
  setMask(core: CoreSampler, mask: Uint32Array | undefined): number {
    if (mask === undefined) return -1;
    const words = this.scratch.mask(core);
    words.set(mask.length > words.length ? mask.subarray(0, words.length) : mask);
    return Math.min(mask.length, words.length);
  }

  /** Copies the unconditional logits into the scratch, by way of its row; returns the scale, NaN for no guidance. */
  setGuidance(core: CoreSampler, { guidance }: Call): number {
    if (guidance === undefined) return Number.NaN;
    load(guidance.given, this.scratch, this.vocabSize);
    check(core.keep_unconditional(guidance.given.format));
    return guidance.scale;
  }
}

/** Chooses from a copy of the row. */
export const copied: Attempt<number> = (internals, call, uniform) => {
  const { core, words, scale } = internals.loaded(call);
  return core.choose(call.given.format, words, uniform, scale);
};

/** Chooses from a row of a buffer in place, which may overwrite it, and from a copy of any other logits. */
export const inPlace: Attempt<number> = (internals, call, uniform) => {
  const { array } = call.given;
  if (!isRow(array)) return copied(internals, call, uniform);
  const core = internals.alive();
  const scale = internals.setGuidance(core, call);
  const words = internals.setMask(core, call.mask);
  return core.choose_in(coreOfBuffer(array.buffer), startOf(array, internals.vocabSize), words, uniform, scale);
};

/** Returns what an attempt returned; throws the error that the core kept if it failed. */
function taken<T extends Outcome>(result: T): T {
  if (result === undefined || (result as number) < 0) throw lastError();
  return result;
}
