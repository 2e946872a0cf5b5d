// A draw on its way into WebAssembly: what a call gives is copied into the scratch, the caller's own functions are asked, and the core
// chooses.

import type { CoreSampler, Format } from "../pkg/logitdraw_wasm.js";
import { type Call, callOf, heldCall, type SampleOptions } from "./call.js";
import { badOption, check, freed, kindOf, lastError } from "./errors.js";
import { load } from "./logits.js";
import { maskOf } from "./masks.js";
import { coreOfBuffer, isRow, type Scratch, scratchOf, startOf } from "./memory.js";
import type { Callbacks } from "./prepare.js";
import { memory } from "./wasm.js";

/** Calls one of the caller's own functions, which is the value of an option. */
export type Ask = <T>(option: string, call: () => T) => T;

const ask: Ask = (_, call) => call();

/** What an attempt at a draw gives: negative or undefined where it fails. */
type Outcome = number | Float64Array | undefined;
export type Attempt<T extends Outcome> = (drawing: Drawing, call: Call, uniform: number) => T;

/** A sampler's core, its scratch, and what of its options the core cannot hold. */
export class Drawing {
  readonly vocabSize: number;
  readonly scratch: Scratch;
  /** Neither function: a draw asks nothing of the caller. */
  plain = true;
  /** The batch it was last seen in. */
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

  /** The core, or `FREED`. */
  alive(): CoreSampler {
    if (this.core === undefined) throw freed("Sampler");
    return this.core;
  }

  /** The history where it stands, until the next token comes. */
  history(): Uint32Array {
    const core = this.alive();
    return new Uint32Array(memory().buffer, core.history_pointer(), core.history_length());
  }

  /** Checks a call's arguments; nothing is copied yet. */
  call(logits: unknown, options: SampleOptions | undefined): Call {
    this.alive();
    return callOf(logits, options, this.vocabSize);
  }

  /** The call with what the caller's own constraint allows. */
  constrained(call: Call, asking: Ask = ask): Call {
    if (this.plain) return call;
    const kept = heldCall(call);
    const { prefix } = this.#callbacks;
    if (prefix === undefined) return kept;
    const history = this.history().slice();
    const allowed = asking("prefixAllowedTokens", () => prefix(history));
    return { ...kept, mask: maskOf(allowed, this.vocabSize, kept.mask) };
  }

  /** Draws without moving. */
  choose<T extends Outcome>(given: Call, attempt: Attempt<T>, asking: Ask = ask): T {
    if (this.plain) return taken(attempt(this, given, Number.NaN));
    // What the caller's functions do may use the scratch or free it: everything is looked up and copied again behind them.
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

  /** Copies all that a call has into the scratch. */
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

  /** Copies the unconditional logits behind the scratch's row; returns the scale, NaN for no guidance. */
  setGuidance(core: CoreSampler, { guidance }: Call): number {
    if (guidance === undefined) return Number.NaN;
    load(guidance.given, this.scratch, this.vocabSize);
    check(core.keep_unconditional(guidance.given.format));
    return guidance.scale;
  }
}

/** Chooses from a copy of the row. */
export const copied: Attempt<number> = (drawing, call, uniform) => {
  const { core, words, scale } = drawing.loaded(call);
  return core.choose(call.given.format as Format, words, uniform, scale);
};

/** Chooses from a row of a buffer where it stands, which may be overwritten, and from a copy of any other. */
export const inPlace: Attempt<number> = (drawing, call, uniform) => {
  const { array } = call.given;
  if (!isRow(array)) return copied(drawing, call, uniform);
  const core = drawing.alive();
  const scale = drawing.setGuidance(core, call);
  const words = drawing.setMask(core, call.mask);
  return core.choose_in(coreOfBuffer(array.buffer), startOf(array, drawing.vocabSize), words, uniform, scale);
};

/** What an attempt gave, or the error that the core kept. */
function taken<T extends Outcome>(result: T): T {
  if (result === undefined || (result as number) < 0) throw lastError();
  return result;
}
