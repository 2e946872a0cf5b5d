// The sampler: options, a history and a generator, all of which live in WebAssembly. Here stands the way in and out of it.

import { Sampler as CoreSampler, type Format } from "../pkg/logitdraw_wasm.js";
import { dispose } from "./disposal.js";
import { badOption, check, checked, freed, kindOf, lastError } from "./errors.js";
import { type Integer, integer, toBigInt, tokenId, tokenIds } from "./integers.js";
import { checkFit, checkLength, classify, type Dtype, type Given, load, tagOf } from "./logits.js";
import { maskOf, maskWords } from "./masks.js";
import { coreOfBuffer, isRow, type LogitsRow, type Scratch, scratchOf, startOf } from "./memory.js";
import { checkNames } from "./names.js";
import { type Callbacks, prepare, type SamplerOptions } from "./options.js";
import type { Logits } from "./types.js";

/** What a caller may say of one draw. */
export interface SampleOptions {
  /** How to read the elements; required for a Uint16Array. */
  dtype?: Dtype;
  /**
   * Allowed tokens, one bit each: bit id % 32 of word id / 32; 1 = allowed (xgrammar's and llguidance's layout). Ids past its
   * end are not allowed, words past the vocabulary are not read.
   */
  mask?: Uint32Array | Int32Array;
}

const SAMPLE_OPTIONS: readonly string[] = ["dtype", "mask"];

/** A call's logits and mask, their kinds and lengths checked. */
export interface Call {
  given: Given;
  mask: Uint32Array | undefined;
}

/** No seed, no sequence. */
const NONE: Integer = { negative: false, words: new Uint32Array(0) };

/** What batches need of a sampler and users do not. */
export interface Staging {
  /** `FREED` if it is. */
  alive(sampler: Sampler): void;
  /** Whether the sampler has had this mark already; it has it from now on. */
  marked(sampler: Sampler, mark: number): boolean;
  /** Draws without moving. */
  choose(sampler: Sampler, call: Call): number;
  commit(sampler: Sampler): void;
  discard(sampler: Sampler): void;
}

export let staging: Staging;

/**
 * Draws tokens, one a call: logits in, token out.
 *
 * It holds its options, the history and a generator, nothing of the vocabulary's size: samplers of one vocabulary share their
 * scratch memory, so that a thousand sequences cost little more than one. With the default generator a token is a function of its
 * logits, options, seed, sequence and step alone.
 *
 * @example
 * const sampler = new Sampler({ vocabSize: 128256, temperature: 0.8, topK: 40, seed: 42 });
 * sampler.prompt(promptTokens);
 * const token = sampler.sample(logits);   // a Float32Array of 128256
 * sampler.free();
 */
export class Sampler {
  #core: CoreSampler | undefined;
  #scratch: Scratch;
  #vocabSize: number;
  #callbacks: Callbacks;
  /** Neither function: a draw asks nothing of the caller. */
  #plain: boolean;
  #mark = 0;

  static {
    staging = {
      alive: (sampler) => void sampler.#alive(),
      marked(sampler, mark) {
        if (sampler.#mark === mark) return true;
        sampler.#mark = mark;
        return false;
      },
      choose: (sampler, call) => sampler.#choose(call, false),
      commit: (sampler) => sampler.#alive().commit(),
      discard: (sampler) => sampler.#core?.discard(),
    };
  }

  /** `INVALID_OPTION` and `UNKNOWN_OPTION` name the option; `OUT_OF_MEMORY` for a vocabulary that does not fit. */
  constructor(options: SamplerOptions) {
    // From `clone`: nobody outside can make one of these.
    if (options instanceof Twin) {
      this.#core = options.core;
      this.#callbacks = options.callbacks;
    } else {
      const prepared = prepare(options);
      this.#core = checked(CoreSampler.create(prepared.core));
      this.#callbacks = prepared.callbacks;
    }
    const { generator, prefix } = this.#callbacks;
    this.#plain = generator === undefined && prefix === undefined;
    this.#vocabSize = this.#core.vocab_size();
    this.#scratch = scratchOf(this.#core, this.#vocabSize);
  }

  /** Tokens in the vocabulary: the length of every row. */
  get vocabSize(): number {
    return this.#vocabSize;
  }

  /** The generator's seed, chosen by the platform's entropy where the options gave none. */
  get seed(): bigint {
    const core = this.#alive();
    return toBigInt(core.seed_negative(), core.seed_words());
  }

  /** Which stream of the seed. */
  get sequence(): bigint {
    return this.#alive().sequence();
  }

  /** How many tokens were drawn or accepted. */
  get step(): number {
    return this.#alive().step();
  }

  /** Prompt, drawn and accepted tokens, oldest first (a copy). */
  get history(): Uint32Array {
    return this.#alive().history();
  }

  /**
   * Gives the prompt's tokens to whatever looks back. `INVALID_TOKEN` names the first that is none of the vocabulary; then none of
   * them is taken.
   */
  prompt(tokens: ArrayLike<number> | ArrayLike<bigint>): this {
    const ids = tokenIds(tokens);
    check(this.#alive().prompt(ids));
    return this;
  }

  /**
   * Draws the next token, adds it to the history and moves to the next step. The caller's array is left as it was; a row of a
   * {@link LogitsBuffer} is used where it stands and may be overwritten.
   *
   * `INVALID_LOGITS` names the first NaN or +Infinity, `WRONG_LENGTH`: there is not one logit a token, `NO_TOKEN_LEFT`: all of them
   * are masked. Nothing has moved then.
   */
  sample(logits: Logits | LogitsRow, options?: SampleOptions): number {
    const core = this.#core;
    if (core !== undefined && options === undefined && logits instanceof Float32Array && this.#plain) {
      // The way of nearly every token: one copy, one call, nothing allocated.
      checkLength(logits.length, this.#vocabSize);
      const scratch = this.#scratch;
      const view = scratch.view.length === 0 ? scratch.row() : scratch.view;
      view.set(logits);
      const token = core.sample();
      if (token < 0) throw lastError();
      return token;
    }
    const token = this.#choose(this.#call(logits, options), true);
    this.#alive().commit();
    return token;
  }

  /**
   * The probabilities from which `sample` would draw now, one a token, their sum 1 but for rounding; moves nothing and leaves a row
   * of a buffer as it is. `out`, a Float32Array of vocabSize, is filled and returned where it is given. Errors as `sample`.
   */
  distribution(logits: Logits | LogitsRow, options: SampleOptions & { out?: Float32Array } = {}): Float32Array {
    checkNames(options, [...SAMPLE_OPTIONS, "out"]);
    const { out, ...rest } = options;
    if (out !== undefined && tagOf(out) !== "Float32Array") {
      throw badOption("out", `out must be a Float32Array, not ${kindOf(out)}`);
    }
    if (out !== undefined) checkLength(out.length, this.#vocabSize);
    const { given, mask } = this.#constrained(this.#call(logits, rest));
    const core = this.#alive();
    const words = this.#setMask(core, mask);
    load(given, core, this.#scratch, this.#vocabSize);
    const probabilities = checked(core.distribution(given.format, words));
    if (out === undefined) return probabilities;
    out.set(probabilities);
    return out;
  }

  /** Records a token that something else chose, as if `sample` had drawn it. `INVALID_TOKEN` for none of the vocabulary. */
  accept(token: number): void {
    const id = tokenId(token);
    check(this.#alive().accept(id));
  }

  /** Back to step 0 of the same seed, history empty. A function as generator knows nothing of it. */
  reset(): void {
    this.#alive().reset();
  }

  /**
   * A sampler of the same options, history and state. It goes on as this one would; with a seed or sequence of its own its generator
   * begins there. `INVALID_OPTION` names `seed` or `sequence`.
   */
  clone(options: { seed?: number | bigint; sequence?: number | bigint } = {}): Sampler {
    checkNames(options, ["seed", "sequence"]);
    const { seed, sequence } = options;
    const s = seed === undefined ? NONE : integer("seed", seed);
    const q = sequence === undefined ? NONE : integer("sequence", sequence);
    const twin = this.#alive().twin(
      seed !== undefined,
      s.negative,
      s.words,
      sequence !== undefined,
      q.negative,
      q.words,
    );
    return new Sampler(new Twin(checked(twin), this.#callbacks) as unknown as SamplerOptions);
  }

  /** Gives the memory back; every other call throws FREED from then on. */
  free(): void {
    this.#core?.free();
    this.#core = undefined;
  }

  /** `free`, for `using`. */
  [dispose](): void {
    this.free();
  }

  /** Checks a call's arguments; nothing is copied yet. */
  #call(logits: unknown, options: SampleOptions | undefined): Call {
    this.#alive();
    if (options !== undefined) checkNames(options, SAMPLE_OPTIONS);
    const { dtype, mask } = options ?? {};
    const given = classify(logits, dtype);
    checkFit(given, this.#vocabSize);
    return { given, mask: maskWords(mask) };
  }

  /** The call with what the caller's own constraint allows. */
  #constrained(call: Call): Call {
    const { prefix } = this.#callbacks;
    if (prefix === undefined) return call;
    return { given: call.given, mask: maskOf(prefix(this.history), this.#vocabSize, call.mask) };
  }

  /** Draws without moving; `inPlace`: a row of a buffer may be overwritten. */
  #choose(given: Call, inPlace: boolean): number {
    if (this.#plain) return this.#attempt(given, Number.NaN, inPlace);
    // What the caller's functions do may use the scratch or free it: everything is looked up and copied again behind them.
    const call = this.#constrained(given);
    const { generator } = this.#callbacks;
    if (generator === undefined) return this.#attempt(call, Number.NaN, inPlace);
    // A first attempt proves that a token can be drawn: no random number is spent on bad logits.
    this.#attempt(call, 0, false);
    this.#alive().discard();
    const uniform: unknown = generator();
    if (typeof uniform !== "number" || !(uniform >= 0 && uniform < 1)) {
      throw badOption("generator", `a generator returns numbers in [0, 1), not ${kindOf(uniform)}`);
    }
    return this.#attempt(call, uniform, inPlace);
  }

  #attempt({ given, mask }: Call, uniform: number, inPlace: boolean): number {
    const core = this.#alive();
    const words = this.#setMask(core, mask);
    const { array, format } = given;
    let token: number;
    if (inPlace && isRow(array)) {
      token = core.choose_in(coreOfBuffer(array.buffer), startOf(array, this.#vocabSize), words, uniform);
    } else {
      load(given, core, this.#scratch, this.#vocabSize);
      token = core.choose(format as Format, words, uniform);
    }
    if (token < 0) throw lastError();
    return token;
  }

  /** Copies a mask into the scratch; returns how many words it has, -1 for no mask. */
  #setMask(core: CoreSampler, mask: Uint32Array | undefined): number {
    if (mask === undefined) return -1;
    const words = this.#scratch.mask(core);
    words.set(mask.length > words.length ? mask.subarray(0, words.length) : mask);
    return Math.min(mask.length, words.length);
  }

  #alive(): CoreSampler {
    if (this.#core === undefined) throw freed("Sampler");
    return this.#core;
  }
}

/** What a clone is made of. */
class Twin {
  constructor(
    readonly core: CoreSampler,
    readonly callbacks: Callbacks,
  ) {}
}
