// The sampler: options, a history and a generator, all of which live in WebAssembly. Here stands the way in and out of it.

import { CoreSampler } from "../pkg/logitdraw_wasm.js";
import { isProcessed, type LogprobsOf, SAMPLE_OPTIONS, type SampleOptions, topOf } from "./call.js";
import { dispose } from "./disposal.js";
import { Drawing, inPlace } from "./drawing.js";
import { check, checked, kindOf, LogitdrawError, lastError, moved } from "./errors.js";
import { checkTokens, type Integer, idsFrom, integer, toBigInt, tokenId, tokenIds } from "./integers.js";
import { checkLength, tagOf } from "./logits.js";
import { logprobsFrom, type SampleWithLogprobs, type TokenLogprob } from "./logprobs.js";
import type { LogitsRow } from "./memory.js";
import { checkNames, integerOption } from "./names.js";
import type { SamplerOptions, UpdateOptions } from "./options.js";
import { checkOut } from "./out.js";
import { type Callbacks, change, prepare } from "./prepare.js";
import { apart, reserve, reserveTokens } from "./room.js";
import { checkContinues } from "./sync.js";
import type { Logits } from "./types.js";
import { memory } from "./wasm.js";

/** No seed, no sequence. */
const NONE: Integer = { negative: false, words: new Uint32Array(0) };

/** Bytes that a byte of a saved state takes at most once it is restored: five are a token, of which eight strategies may remember something. */
const BYTES_PER_BYTE = 120;

/** What stands behind a sampler, for batches; undefined for what is none. */
export let drawingOf: (value: unknown) => Drawing | undefined;

/**
 * Draws tokens, one a call: logits in, token out.
 *
 * It holds its options, the history and a generator, nothing of the vocabulary's size: samplers of one vocabulary share their
 * scratch memory, so that a thousand sequences cost little more than one. With the default generator a token is a function of its
 * logits, options, history (what strategies learned from it among it), seed, sequence and step alone.
 *
 * @example
 * const sampler = new Sampler({ vocabSize: 128256, temperature: 0.8, topK: 40, seed: 42 });
 * sampler.prompt(promptTokens);
 * const token = sampler.sample(logits);   // a Float32Array of 128256
 * sampler.free();
 */
export class Sampler {
  #drawing: Drawing;

  static {
    drawingOf = (value) =>
      typeof value === "object" && value !== null && #drawing in value ? value.#drawing : undefined;
  }

  /** `INVALID_OPTION` and `UNKNOWN_OPTION` name the option; `OUT_OF_MEMORY` for a vocabulary that does not fit. */
  constructor(options: SamplerOptions) {
    // From `clone` and `restore`: nobody outside can make one of these.
    if (options instanceof Drawing) {
      this.#drawing = options;
    } else {
      const { core, callbacks } = prepare(options);
      this.#drawing = new Drawing(checked(CoreSampler.create(core)), callbacks);
    }
  }

  /** Tokens in the vocabulary: the length of every row. */
  get vocabSize(): number {
    return this.#drawing.vocabSize;
  }

  /** The generator's seed, chosen by the platform's entropy where the options gave none. */
  get seed(): bigint {
    const core = this.#drawing.alive();
    return toBigInt(core.seed_negative(), core.seed_words());
  }

  /** Which stream of the seed. */
  get sequence(): bigint {
    return this.#drawing.alive().sequence();
  }

  /** How many tokens were drawn or accepted. */
  get step(): number {
    return this.#drawing.alive().step();
  }

  /** Prompt, drawn and accepted tokens, oldest first (a copy). */
  get history(): Uint32Array {
    return this.#drawing.history().slice();
  }

  /**
   * Gives the prompt's tokens to whatever looks back, behind those that are there: again for each turn of a talk. `INVALID_TOKEN` names
   * the first that is none of the vocabulary; then none of them is taken.
   */
  prompt(tokens: ArrayLike<number> | ArrayLike<bigint>): this {
    const ids = tokenIds(tokens);
    check(this.#drawing.alive().prompt(ids));
    return this;
  }

  /**
   * Draws the next token, adds it to the history and moves to the next step. The caller's array is left as it was; a row of a
   * {@link LogitsBuffer} is used where it stands and may be overwritten.
   *
   * `INVALID_LOGITS` names the first NaN or +Infinity, `WRONG_LENGTH`: there is not one logit a token, `NO_TOKEN_LEFT`: all of them
   * are masked. `INVALID_OPTION` and `UNKNOWN_OPTION` name an option of this call that cannot be, or a `generator` of one's own that
   * returned no number in [0, 1); `INVALID_TOKEN`: `prefixAllowedTokens` returned what is no token. `OUT_OF_MEMORY`: the history has no
   * room to grow. `FREED`: the sampler is no more. What a callback throws comes through. Nothing has moved then.
   */
  sample(logits: Logits | LogitsRow, options?: SampleOptions): number {
    const drawing = this.#drawing;
    const { core, scratch } = drawing;
    if (core !== undefined && options === undefined && logits instanceof Float32Array && drawing.plain) {
      // The way of nearly every token: one copy, one call, nothing allocated.
      checkLength(logits.byteLength / 4, drawing.vocabSize);
      const view = scratch.view.length === 0 ? scratch.row() : scratch.view;
      view.set(logits);
      const token = core.sample();
      if (token < 0) throw lastError();
      return token;
    }
    if (options !== undefined) checkNames(options, SAMPLE_OPTIONS);
    const token = drawing.choose(drawing.call(logits, options), inPlace);
    this.#drawing.alive().commit();
    return token;
  }

  /**
   * Draws as {@link sample} does, the same token, and says how probable it was: its log-probability (natural logarithm) and its rank,
   * 1 the best, among the raw probabilities (default) or the processed ones, and the same of the `top` best tokens (default 0).
   * The sum over the vocabulary is paid for here, and only here. As vLLM defines them. A row of a buffer stays as it is.
   *
   * Errors as {@link sample}, and `INVALID_OPTION` naming `top` or `of`.
   *
   * @example
   * const { token, logprob, rank, top } = sampler.sampleWithLogprobs(logits, { top: 5 });
   */
  sampleWithLogprobs(
    logits: Logits | LogitsRow,
    options: SampleOptions & { top?: number; of?: LogprobsOf } = {},
  ): SampleWithLogprobs {
    checkNames(options, [...SAMPLE_OPTIONS, "top", "of"]);
    const { top, of } = options;
    const best = topOf(top, this.vocabSize);
    const processed = isProcessed(of);
    const drawing = this.#drawing;
    const numbers = drawing.choose(drawing.call(logits, options), (_, call, uniform) => {
      const { core, words, scale } = drawing.loaded(call);
      return core.logprobs(call.given.format, words, uniform, scale, true, processed, new Uint32Array(0), best);
    });
    this.#drawing.alive().commit();
    const [drawn, ...others] = logprobsFrom(numbers as Float64Array);
    return { ...(drawn as TokenLogprob), top: others };
  }

  /**
   * Log-probabilities and ranks of the given `tokens`, in their order, and then of the `top` best; draws nothing (a prompt's own
   * log-probabilities). Of the raw probabilities (default), which neither mask nor guidance changes, or the processed ones. A token without a probability has
   * -Infinity, and is none of the best.
   *
   * Errors as {@link sample}, `INVALID_TOKEN` with the index, and `INVALID_OPTION` naming `top` or `of`.
   *
   * @example
   * const [next] = sampler.logprobs(logits, { tokens: [promptTokens[position + 1]] });
   */
  logprobs(
    logits: Logits | LogitsRow,
    options: SampleOptions & { tokens?: ArrayLike<number>; top?: number; of?: LogprobsOf } = {},
  ): TokenLogprob[] {
    checkNames(options, [...SAMPLE_OPTIONS, "tokens", "top", "of"]);
    const { tokens, top, of } = options;
    const ids = tokens === undefined ? new Uint32Array(0) : tokenIds(tokens);
    const best = topOf(top, this.vocabSize);
    const processed = isProcessed(of);
    const drawing = this.#drawing;
    const given = drawing.call(logits, options);
    // What came is what it is, whatever may follow.
    const call = processed ? drawing.constrained(given) : given;
    const { core, words, scale } = drawing.loaded(call);
    const { format } = call.given;
    return logprobsFrom(checked(core.logprobs(format, words, Number.NaN, scale, false, processed, ids, best)));
  }

  /**
   * The probabilities from which `sample` would draw now, one a token, their sum 1 but for rounding; moves nothing and leaves a row
   * of a buffer as it is. `out`, a Float32Array of vocabSize outside of WebAssembly memory, is filled and returned where it is given.
   * Errors as `sample`, and `INVALID_OPTION` and `WRONG_LENGTH` naming `out`.
   */
  distribution(logits: Logits | LogitsRow, options: SampleOptions & { out?: Float32Array } = {}): Float32Array {
    checkNames(options, [...SAMPLE_OPTIONS, "out"]);
    const { out } = options;
    checkOut(out, "Float32Array", this.vocabSize);
    const drawing = this.#drawing;
    const call = drawing.constrained(drawing.call(logits, options));
    const { core, words, scale } = drawing.loaded(call);
    const pointer = core.distribution(call.given.format, words, scale);
    check(pointer !== 0);
    const probabilities = new Float32Array(memory().buffer, pointer, this.vocabSize);
    if (out === undefined) return probabilities.slice();
    // What the caller's functions did may have detached it.
    checkOut(out, "Float32Array", this.vocabSize);
    out.set(probabilities);
    return out;
  }

  /** Records a token that something else chose, as if `sample` had drawn it. `INVALID_TOKEN` for none of the vocabulary. */
  accept(token: number): void {
    const id = tokenId(token);
    check(this.#drawing.alive().accept(id));
  }

  /**
   * Brings the history in line with a whole sequence (transformers' input_ids): records what follows the known part. The first call's
   * tokens are the prompt, all later ones count as new ones (for `step`, presence and frequency penalties, `minNewTokens`): what a user
   * says in between goes to `prompt` instead. `INVALID_TOKEN` names the first place where an older token differs, the
   * end of a sequence that is shorter than the history, or the first id that is none of the vocabulary; nothing is recorded then.
   *
   * @example
   * sampler.sync(inputIds).sample(logits);   // with each step: only the tokens that are new cross into WebAssembly
   */
  sync(tokens: ArrayLike<number> | ArrayLike<bigint>): this {
    const list = checkTokens(tokens);
    const core = this.#drawing.alive();
    const known = core.history_length();
    // Reading what is no typed array may run code of the caller's, which a view of the memory need not outlive.
    checkContinues(list, ArrayBuffer.isView(list) ? this.#drawing.history() : this.history);
    const ids = idsFrom(list, known, this.vocabSize);
    // Reading them may have run code of the caller's.
    if (this.#drawing.alive().history_length() !== known) {
      throw moved("its sequence was read");
    }
    if (ids.length === 0) return this;
    reserveTokens(ids.length);
    check(known === 0 ? core.prompt(ids) : core.accept_all(ids));
    return this;
  }

  /**
   * Takes the last `count` tokens back (a refused draft): history, step, generator and what strategies keep are what they were before
   * them. A function as generator knows nothing of it. `INVALID_OPTION` naming `count` unless it is an integer from 0 to the history's
   * length.
   */
  rollback(count: number): this {
    const core = this.#drawing.alive();
    check(core.rollback(integerOption("count", count, 0, core.history_length())));
    return this;
  }

  /**
   * New settings for the steps to come; history, seed and step stay, and so does what strategies that stay on have learned. Keys that
   * are absent stay as they are, undefined puts an option back to its default, and an option that is an object is replaced as a whole.
   *
   * Errors as the constructor's, and `INVALID_OPTION` for `vocabSize`, `seed`, `sequence` and `generator`; nothing has changed then.
   *
   * @example
   * sampler.update({ temperature: 0.2, xtc: undefined });
   */
  update(options: UpdateOptions): this {
    const prepared = change(this.#drawing.alive().options(), this.#drawing.callbacks, options);
    check(this.#drawing.alive().update(prepared.core));
    this.#drawing.callbacks = prepared.callbacks;
    return this;
  }

  /**
   * The whole state: options, seed, history, and what generator and strategies keep; versioned and checksummed. 4 bytes and a few more a
   * token of the history. `INVALID_STATE` where `generator` or `prefixAllowedTokens` is a function: those cannot be saved.
   */
  save(): Uint8Array {
    const core = this.#drawing.alive();
    if (this.#drawing.callbacks.prefix !== undefined) {
      throw new LogitdrawError("INVALID_STATE", "a prefixAllowedTokens that is a function cannot be saved");
    }
    reserveTokens(core.history_length());
    return checked(core.save());
  }

  /**
   * The sampler that `save` saved: it draws what that one would have. `INVALID_STATE` for bytes that are cut, altered, or of another
   * version or kind.
   *
   * @example
   * const sampler = Sampler.restore(readFileSync("sampler.bin"));
   */
  static restore(state: Uint8Array): Sampler {
    if (tagOf(state) !== "Uint8Array") {
      throw new LogitdrawError("INVALID_STATE", `a saved state is a Uint8Array, not ${kindOf(state)}`);
    }
    reserve(BYTES_PER_BYTE * state.length);
    const core = checked(CoreSampler.restore(apart(state)));
    return samplerOf(core, { generator: undefined, prefix: undefined });
  }

  /** Back to step 0 of the same seed, history empty. A function as generator knows nothing of it. */
  reset(): void {
    this.#drawing.alive().reset();
  }

  /**
   * A sampler of the same options, history and state. It goes on as this one would. With a `sequence` or `seed` of its own philox goes on
   * at this step of that stream, and the other generators start anew from the seed. `INVALID_OPTION` names `seed` or `sequence`.
   */
  clone(options: { seed?: number | bigint; sequence?: number | bigint } = {}): Sampler {
    checkNames(options, ["seed", "sequence"]);
    const { seed, sequence } = options;
    const s = seed === undefined ? NONE : integer("seed", seed);
    const q = sequence === undefined ? NONE : integer("sequence", sequence);
    const twin = this.#drawing
      .alive()
      .twin(seed !== undefined, s.negative, s.words, sequence !== undefined, q.negative, q.words);
    return samplerOf(checked(twin), this.#drawing.callbacks);
  }

  /**
   * Gives the memory back; every other call throws FREED from then on. A sampler that is forgotten gives it back once it is collected, and the
   * collector, which does not see the module's memory, may take its time.
   */
  free(): void {
    // First, so that what cannot be freed (a call of it has ended in a trap) is not tried again.
    const { core } = this.#drawing;
    this.#drawing.core = undefined;
    core?.free();
  }

  /** `free`, for `using`. */
  [dispose](): void {
    this.free();
  }
}

/** Outside of the class, which bundlers would otherwise call by another name, in the console too. */
function samplerOf(core: CoreSampler, callbacks: Callbacks): Sampler {
  return new Sampler(new Drawing(core, callbacks) as unknown as SamplerOptions);
}
