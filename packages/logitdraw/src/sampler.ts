// The sampler: options, a history and a generator, all of which live in WebAssembly. This file converts what goes in and comes out.

import { CoreSampler } from "../pkg/logitdraw_wasm.js";
import { ownCopy, tagOf } from "./arrays.js";
import { isProcessed, type LogprobsOf, SAMPLE_OPTIONS, type SampleOptions, topOf } from "./call.js";
import { dispose } from "./disposal.js";
import { check, checked, kindOf, LogitdrawError, lastError, moved } from "./errors.js";
import { checkTokens, type Integer, idsFrom, integer, toBigInt, tokenId, tokenIds } from "./integers.js";
import { Internals, inPlace } from "./internals.js";
import { checkLength } from "./logits.js";
import { logprobsFrom, type SampleWithLogprobs, type TokenLogprob } from "./logprobs.js";
import type { LogitsRow } from "./memory.js";
import { checkNames, integerOption } from "./names.js";
import type { SamplerOptions, UpdateOptions } from "./options.js";
import { checkOut } from "./out.js";
import { type Callbacks, change, copyOf, prepare } from "./prepare.js";
import { checkRoom, checkRoomForTokens } from "./room.js";
import { checkContinues } from "./sync.js";
import type { Logits } from "./types.js";
import { memory } from "./wasm.js";

/** Stands for a seed or sequence that is not given. */
const NONE: Integer = { negative: false, words: new Uint32Array(0) };

/**
 * Upper bound on what restoring takes, per byte of the saved state: five such bytes are a token, of which eight strategies may remember
 * something (room.rs of the bindings: 80 + 8 * 64 bytes). A test in chain.rs counts them.
 */
const BYTES_PER_STATE_BYTE = 120;

/** Returns the internals of a sampler, for batches; undefined if the value is not a sampler. */
export let internalsOf: (value: unknown) => Internals | undefined;

/**
 * Draws tokens, one per call: logits in, token out.
 *
 * A sampler holds its options, the history and a generator, but nothing that grows with the vocabulary: samplers of the same vocabulary
 * size share their scratch memory, so a thousand sequences cost little more than one. With the default generator, a token depends only
 * on its logits, the options, the history (including what strategies learned from it), the seed, the sequence and the step.
 *
 * @example
 * const sampler = new Sampler({ vocabSize: 128256, temperature: 0.8, topK: 40, seed: 42 });
 * sampler.prompt(promptTokens);
 * const token = sampler.sample(logits);   // a Float32Array of 128256
 * sampler.free();
 */
export class Sampler {
  #internals: Internals;

  static {
    internalsOf = (value) =>
      typeof value === "object" && value !== null && #internals in value ? value.#internals : undefined;
  }

  /**
   * Creates a sampler at step 0 with an empty history. Throws `INVALID_OPTION` or `UNKNOWN_OPTION`, naming the option, and
   * `OUT_OF_MEMORY` for a vocabulary that does not fit into memory.
   */
  constructor(options: SamplerOptions) {
    // `clone` and `restore` pass the Internals of a sampler, which code outside the package cannot create.
    if (options instanceof Internals) {
      this.#internals = options;
    } else {
      const { core, callbacks } = prepare(options);
      this.#internals = new Internals(checked(CoreSampler.create(core)), callbacks);
    }
  }

  /** How many tokens the vocabulary has: the length of every row of logits. */
  get vocabSize(): number {
    return this.#internals.vocabSize;
  }

  /** The generator's seed; taken from the platform's entropy if the options gave none. */
  get seed(): bigint {
    const core = this.#internals.alive();
    return toBigInt(core.seed_negative(), core.seed_words());
  }

  /** Which stream of the seed this sampler draws from. */
  get sequence(): bigint {
    return this.#internals.alive().sequence();
  }

  /** How many tokens have been drawn or accepted. */
  get step(): number {
    return this.#internals.alive().step();
  }

  /** Prompt, drawn and accepted tokens, oldest first (a copy). */
  get history(): Uint32Array {
    return this.#internals.history().slice();
  }

  /**
   * Appends the prompt's tokens to the history, which penalties, n-gram bans and DRY look back at. Call it again for each turn of a
   * conversation. Throws `INVALID_TOKEN` with the index of the first token outside the vocabulary; no token is added then.
   */
  prompt(tokens: ArrayLike<number> | ArrayLike<bigint>): this {
    const ids = tokenIds(tokens);
    check(this.#internals.alive().prompt(ids));
    return this;
  }

  /**
   * Draws the next token, adds it to the history and moves to the next step. The caller's array is left unchanged; a row of a
   * {@link LogitsBuffer} is used in place and may be overwritten.
   *
   * Throws `INVALID_LOGITS` with the index of the first NaN or +Infinity; `WRONG_LENGTH` unless there is one logit per token;
   * `NO_TOKEN_LEFT` if every token is masked; `INVALID_OPTION` or `UNKNOWN_OPTION`, naming an invalid option of this call, or `generator`
   * if that function returned anything but a number in [0, 1); `INVALID_TOKEN` if `prefixAllowedTokens` returned anything but tokens of
   * the vocabulary; `OUT_OF_MEMORY` if the history cannot grow; `FREED` after `free`. Whatever a callback throws passes through. The
   * sampler has not moved then.
   */
  sample(logits: Logits | LogitsRow, options?: SampleOptions): number {
    const internals = this.#internals;
    const { core, scratch } = internals;
    if (core !== undefined && options === undefined && logits instanceof Float32Array && internals.plain) {
      // The fast path, taken for nearly every token: one copy, one call into WebAssembly, no allocation.
      checkLength(logits.byteLength / 4, internals.vocabSize);
      // `row()` written out: calling it would take 4 of some 270 nanoseconds at V = 32.
      const view = scratch.view.length === 0 ? scratch.row() : scratch.view;
      view.set(logits);
      const token = core.sample();
      if (token < 0) throw lastError();
      return token;
    }
    if (options !== undefined) checkNames(options, SAMPLE_OPTIONS);
    const token = internals.choose(internals.call(logits, options), inPlace);
    this.#internals.alive().commit();
    return token;
  }

  /**
   * Draws the same token as {@link sample} would and returns it with its log-probability (natural logarithm) and its rank (1 is the
   * best), and the same for the `top` best tokens (default 0); of the raw probabilities (default) or the processed ones. All are defined
   * as in vLLM. They need a sum over the vocabulary, which a plain `sample` does not pay for. A row of a buffer is left unchanged.
   *
   * Throws as {@link sample} does, and `INVALID_OPTION` naming `top` or `of`.
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
    const internals = this.#internals;
    const numbers = internals.choose(internals.call(logits, options), (_, call, uniform) => {
      const { core, words, scale } = internals.loaded(call);
      return core.logprobs(call.given.format, words, uniform, scale, true, processed, new Uint32Array(0), best);
    });
    this.#internals.alive().commit();
    const [drawn, ...others] = logprobsFrom(numbers as Float64Array);
    return { ...(drawn as TokenLogprob), top: others };
  }

  /**
   * Returns log-probabilities (natural logarithm) and ranks of the given `tokens`, in their order, followed by those of the `top` best
   * tokens; draws nothing. Use it for a prompt's own log-probabilities. They are those of the raw probabilities (default), which neither
   * mask nor guidance changes, or of the processed ones. A token of probability 0 has -Infinity and is never among the best.
   *
   * Throws as {@link sample} does, `INVALID_TOKEN` with the index, and `INVALID_OPTION` naming `top` or `of`.
   *
   * @example
   * const [next] = sampler.logprobs(logits, { tokens: [promptTokens[position + 1]] });
   */
  logprobs(
    logits: Logits | LogitsRow,
    options: SampleOptions & { tokens?: ArrayLike<number>; top?: number; of?: LogprobsOf } = {},
  ): TokenLogprob[] {
    checkNames(options, [...SAMPLE_OPTIONS, "tokens", "top", "of"]);
    const { tokens = [], top, of } = options;
    // A copy: the caller's functions may detach or change the array.
    const ids = new Uint32Array(tokenIds(tokens));
    const best = topOf(top, this.vocabSize);
    const processed = isProcessed(of);
    const internals = this.#internals;
    const given = internals.call(logits, options);
    // Raw probabilities do not depend on what `prefixAllowedTokens` allows, so it is not called for them.
    const call = processed ? internals.constrained(given) : given;
    const { core, words, scale } = internals.loaded(call);
    const { format } = call.given;
    return logprobsFrom(checked(core.logprobs(format, words, Number.NaN, scale, false, processed, ids, best)));
  }

  /**
   * Returns the probabilities from which `sample` would draw now: one per token, summing to 1 up to rounding. Neither moves the sampler
   * nor changes a row of a buffer. If given, `out` is filled and returned; it is a Float32Array of length `vocabSize` outside WebAssembly
   * memory. Throws as `sample` does, and `INVALID_OPTION` or `WRONG_LENGTH` naming `out`.
   */
  distribution(logits: Logits | LogitsRow, options: SampleOptions & { out?: Float32Array } = {}): Float32Array {
    checkNames(options, [...SAMPLE_OPTIONS, "out"]);
    const { out } = options;
    checkOut(out, "Float32Array", this.vocabSize);
    const internals = this.#internals;
    const call = internals.constrained(internals.call(logits, options));
    const { core, words, scale } = internals.loaded(call);
    const pointer = core.distribution(call.given.format, words, scale);
    check(pointer !== 0);
    const probabilities = new Float32Array(memory().buffer, pointer, this.vocabSize);
    if (out === undefined) return probabilities.slice();
    // The caller's functions may have detached it in the meantime.
    checkOut(out, "Float32Array", this.vocabSize);
    out.set(probabilities);
    return out;
  }

  /**
   * Records a token chosen by something else and moves to the next step. It counts as a drawn token, but spends no random number, and
   * mirostat and adaptive-p learn nothing from it. Throws `INVALID_TOKEN` if it is outside the vocabulary.
   */
  accept(token: number): void {
    check(this.#internals.alive().accept(tokenId(token)));
  }

  /**
   * Brings the history in line with a whole sequence (transformers' input_ids) by recording the tokens that follow the known part. On an
   * empty history they are the prompt, otherwise they count as new tokens (for `step`, presence and frequency penalties, `minNewTokens`):
   * pass what a user says in between to `prompt` instead. Throws `INVALID_TOKEN` with the index of the first token that differs from the
   * history, of the end of a sequence shorter than the history, or of the first id outside the vocabulary; nothing is recorded then.
   *
   * @example
   * sampler.sync(inputIds).sample(logits);   // with each step: only the tokens that are new cross into WebAssembly
   */
  sync(tokens: ArrayLike<number> | ArrayLike<bigint>): this {
    const list = checkTokens(tokens);
    const core = this.#internals.alive();
    const known = core.history_length();
    // Reading anything but a typed array may run the caller's code, which can detach a view of the history: compare with a copy then.
    checkContinues(list, ArrayBuffer.isView(list) ? this.#internals.history() : this.history);
    const ids = idsFrom(list, known, this.vocabSize);
    // Reading the ids may have run the caller's code, which can move the sampler.
    if (this.#internals.alive().history_length() !== known) {
      throw moved("its sequence was read");
    }
    if (ids.length === 0) return this;
    checkRoomForTokens(ids.length);
    check(known === 0 ? core.prompt(ids) : core.accept_all(ids));
    return this;
  }

  /**
   * Takes back the last `count` tokens (of a rejected draft): history, step, generator and the strategies' state are again what they were
   * before those tokens. So the next draw uses the same random number again, and is not independent of the token taken back: to draw
   * another one in its place, continue with a `clone` of another sequence or seed. A `generator` that is a function is not told. Throws
   * `INVALID_OPTION` naming `count` unless it is an integer from 0 to the history's length.
   */
  rollback(count: number): this {
    const core = this.#internals.alive();
    check(core.rollback(integerOption("count", count, 0, core.history_length())));
    return this;
  }

  /**
   * Changes settings for the steps to come. History, seed and step stay, and so does what strategies that remain on have learned. An
   * absent key leaves its option as it is, undefined resets it to its default, and an option that is an object is replaced as a whole.
   *
   * Throws as the constructor does, and `INVALID_OPTION` for `vocabSize`, `seed`, `sequence` and `generator`; nothing has changed then.
   *
   * @example
   * sampler.update({ temperature: 0.2, xtc: undefined });
   */
  update(options: UpdateOptions): this {
    // Before anything else: a getter may be a caller's own, which may use this sampler.
    const changes = copyOf(options);
    const prepared = change(this.#internals.alive().options(), this.#internals.callbacks, changes);
    check(this.#internals.alive().update(prepared.core));
    this.#internals.callbacks = prepared.callbacks;
    return this;
  }

  /**
   * Returns the whole state: options, seed, history, and the state of the generator and the strategies; versioned and checksummed. It
   * takes 5 bytes per token of the history; generators other than philox add 20 per drawn token, mirostat and adaptive-p 12 each. Throws
   * `INVALID_STATE` if `generator` or `prefixAllowedTokens` is a function: those cannot be saved.
   */
  save(): Uint8Array {
    const core = this.#internals.alive();
    if (this.#internals.callbacks.prefix !== undefined) {
      throw new LogitdrawError("INVALID_STATE", "a prefixAllowedTokens that is a function cannot be saved");
    }
    return checked(core.save());
  }

  /**
   * Restores the sampler that `save` saved; it draws the tokens that one would have drawn. Throws `INVALID_STATE` for bytes that are
   * truncated, altered, or of another version or kind.
   *
   * @example
   * const sampler = Sampler.restore(readFileSync("sampler.bin"));
   */
  static restore(state: Uint8Array): Sampler {
    if (tagOf(state) !== "Uint8Array") {
      throw new LogitdrawError("INVALID_STATE", `a saved state is a Uint8Array, not ${kindOf(state)}`);
    }
    checkRoom(BYTES_PER_STATE_BYTE * state.length);
    const core = checked(CoreSampler.restore(ownCopy(state)));
    return samplerOf(core, { generator: undefined, prefix: undefined });
  }

  /** Goes back to step 0 of the same seed, with an empty history, and frees what it took. A `generator` that is a function is not told. */
  reset(): void {
    this.#internals.alive().reset();
  }

  /**
   * Returns a sampler with the same options, history and state, which goes on as this one would. If it is given a `sequence` or `seed`,
   * philox goes on at this step of that stream, while other generators start anew from the seed. Throws `INVALID_OPTION` naming `seed` or
   * `sequence`.
   */
  clone(options: { seed?: number | bigint; sequence?: number | bigint } = {}): Sampler {
    checkNames(options, ["seed", "sequence"]);
    const { seed, sequence } = options;
    const s = seed === undefined ? NONE : integer("seed", seed);
    const q = sequence === undefined ? NONE : integer("sequence", sequence);
    const twin = this.#internals
      .alive()
      .twin(seed !== undefined, s.negative, s.words, sequence !== undefined, q.negative, q.words);
    return samplerOf(checked(twin), this.#internals.callbacks);
  }

  /**
   * Frees the memory; from then on everything but `vocabSize` throws `FREED`. A sampler that is not freed gives its memory back when it is garbage
   * collected, which may be late: the collector does not see the module's memory.
   */
  free(): void {
    // Cleared first, so that a core that cannot be freed (because a call of it trapped) is not freed again.
    const { core } = this.#internals;
    this.#internals.core = undefined;
    core?.free();
  }

  /** `free`, for `using`. */
  [dispose](): void {
    this.free();
  }
}

/** Kept outside the class: a reference to the class from within makes bundlers rename it, which then shows in the console. */
function samplerOf(core: CoreSampler, callbacks: Callbacks): Sampler {
  return new Sampler(new Internals(core, callbacks) as unknown as SamplerOptions);
}
