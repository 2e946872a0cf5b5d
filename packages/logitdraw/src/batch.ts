// Draws for many sequences in one call. The rows stream through the one scratch row; no sampler moves until the last row is drawn.

import { attached, ownCopy } from "./arrays.js";
import type { Call, SampleOptions } from "./call.js";
import { badOption, freed, kindOf, LogitdrawError, lastError, moved, ofRow } from "./errors.js";
import { type Ask, copied, type Internals } from "./internals.js";
import { checkLength, classify, type Given } from "./logits.js";
import { maskWords } from "./masks.js";
import { isBuffer, type LogitsBuffer, startOf } from "./memory.js";
import { checkNames, integerOption } from "./names.js";
import { checkOut } from "./out.js";
import { checkRoom } from "./room.js";
import { internalsOf, type Sampler } from "./sampler.js";
import type { Float16ArrayLike } from "./types.js";

/** Options of {@link sampleBatch}: where the rows are, and where results and errors go. */
export interface BatchOptions extends Pick<SampleOptions, "dtype"> {
  /** One mask per row, undefined for a row without a mask. */
  masks?: readonly (Uint32Array | Int32Array | undefined)[];
  /** Where row 0 starts in `logits`, in elements. Default 0. */
  rowOffset?: number;
  /** The distance from one row to the next, in elements; 0 gives every sampler the same row. Default `vocabSize`. */
  rowStride?: number;
  /** Receives the result, one token per sampler; it is written only once every row is drawn. It may not be in WebAssembly memory. */
  out?: Uint32Array;
  /**
   * If given, a bad row puts its error here and 0xFFFFFFFF into the result, and the other rows are drawn. If absent, either all rows are
   * drawn or none: the first error is thrown, and no sampler has moved.
   */
  errors?: (LogitdrawError | undefined)[];
}

const NAMES: readonly string[] = ["dtype", "masks", "rowOffset", "rowStride", "out", "errors"];

/** What the result holds for a bad row. */
const NO_TOKEN = 0xffffffff;

/** Numbers the batches, to tell the samplers of one batch from those of another. */
let batches = 0;

/**
 * Draws one token per sampler: row b of `logits` goes to `samplers[b]`, which draws as `sample` would (but without guidance, which batches
 * do not have). Samplers of the same seed draw alike unless each has its own `sequence`. The logits are left unchanged, even those in a
 * {@link LogitsBuffer}.
 *
 * All samplers have the same vocabulary size, which is also that of a {@link LogitsBuffer}. `logits` holds exactly one row per sampler; with
 * `rowOffset` or `rowStride` it holds at least as many elements as they reach, and rows of a buffer may be of another size. Throws
 * `WRONG_LENGTH` otherwise, and `INVALID_STATE` if a sampler occurs twice, or if the caller's own functions move it after its row is
 * drawn. Errors of a row carry its number in `row`.
 *
 * @example
 * // The last position of a [B, T, V] output:
 * const tokens = sampleBatch(samplers, logits, { rowOffset: (T - 1) * V, rowStride: T * V });
 */
export function sampleBatch(
  samplers: readonly Sampler[],
  logits: Float32Array | Float16ArrayLike | Uint16Array | LogitsBuffer,
  options: BatchOptions = {},
): Uint32Array {
  checkNames(options, NAMES);
  const { out, errors } = options;
  if (!Array.isArray(samplers)) throw badOption("samplers", `samplers must be an array, not ${kindOf(samplers)}`);
  checkOut(out, "Uint32Array", samplers.length);
  if (errors !== undefined && !Array.isArray(errors)) {
    throw badOption("errors", `errors must be an array, not ${kindOf(errors)}`);
  }
  // The caller's arrays of samplers and masks are copied: they are not read again once drawing has begun.
  const rows = new Rows(Array.from(samplers), logits, options);
  if (errors !== undefined) makePlaces(errors, samplers.length);
  const tokens = new Uint32Array(samplers.length);
  const chosen = new Array<Internals | undefined>(samplers.length).fill(undefined);
  // If errors are collected, a bad row affects only itself; otherwise it fails the whole batch. Either way, its error carries its number.
  const refuse = (row: number, cause: unknown) => {
    const error = ofRow(cause, row);
    if (errors === undefined) throw error;
    errors[row] = errorOf(error, row);
    tokens[row] = NO_TOKEN;
    chosen[row] = undefined;
  };
  try {
    for (let row = 0; row < tokens.length; row++) {
      try {
        const internals = rows.internals(row);
        tokens[row] = rows.choose(row, internals);
        chosen[row] = internals;
      } catch (error) {
        refuse(row, error);
      }
    }
    // The caller's functions may have freed a sampler, moved one, or detached `out`: this is checked before any sampler moves here.
    // The last row comes first: a batch drawn within this one may have overwritten `internals.batch`, hiding that a sampler has two of our
    // rows. The draw that waits is the later row's, so the earlier row is refused.
    for (let row = tokens.length - 1; row >= 0; row--) {
      const internals = chosen[row];
      if (internals === undefined) continue;
      if (internals.core === undefined) refuse(row, freed("Sampler"));
      else if (internals.batch !== rows.batch || !internals.core.waits()) refuse(row, moved("its batch was drawn"));
      internals.batch = 0;
    }
    checkOut(out, "Uint32Array", samplers.length);
    // Each sampler has room for its token; this is room for all of them.
    let growth = 0;
    for (const internals of chosen) growth += internals?.core?.growth() ?? 0;
    checkRoom(growth);
  } catch (error) {
    for (const internals of chosen) internals?.core?.discard();
    throw error instanceof Thrown ? error.cause : error;
  }
  for (const internals of chosen) internals?.core?.commit();
  if (out === undefined) return tokens;
  out.set(tokens);
  return out;
}

/** Clears and sizes the array for errors, so that one that cannot be written to is refused before anything is drawn. */
function makePlaces(errors: unknown[], length: number): void {
  try {
    errors.length = length;
    errors.fill(undefined);
  } catch (cause) {
    throw new LogitdrawError("INVALID_OPTION", "errors cannot be written to", { option: "errors", cause });
  }
}

/** Wraps what one of the caller's functions threw, with the option that holds the function. */
class Thrown {
  constructor(
    readonly option: string,
    readonly cause: unknown,
  ) {}
}

const askOrBlame: Ask = (option, call) => {
  try {
    return call();
  } catch (cause) {
    throw new Thrown(option, cause);
  }
};

/** Returns the error of a row: one of ours, or one for what a caller's function threw, so that the other rows keep their tokens. */
function errorOf(error: unknown, row: number): LogitdrawError {
  if (error instanceof LogitdrawError) return error;
  if (!(error instanceof Thrown)) throw error;
  const { option, cause } = error;
  return new LogitdrawError("INVALID_OPTION", `row ${row}: ${option} threw ${kindOf(cause)}`, { option, row, cause });
}

/** The rows of a batch, and the sampler that each is for. */
class Rows {
  readonly #samplers: readonly Sampler[];
  readonly #buffer: LogitsBuffer | undefined;
  readonly #given: Given;
  readonly #masks: readonly unknown[] | undefined;
  readonly #vocabSize: number;
  readonly #offset: number;
  readonly #stride: number;
  readonly batch = ++batches;

  constructor(samplers: readonly Sampler[], logits: unknown, options: BatchOptions) {
    const { dtype, masks, rowOffset, rowStride } = options;
    this.#samplers = samplers;
    this.#masks = masksOf(masks, samplers.length);
    this.#buffer = isBuffer(logits) ? logits : undefined;
    this.#given = classify(this.#buffer === undefined ? logits : this.#buffer.data, dtype);
    const { array, format } = this.#given;
    if (!ArrayBuffer.isView(array)) {
      throw new LogitdrawError("INVALID_LOGITS", "a batch's logits are a typed array or a LogitsBuffer");
    }
    // A draw may grow the memory, which detaches its views. (A buffer's data is read anew for each row.)
    if (this.#buffer === undefined) this.#given = { array: ownCopy(array as Float32Array), format };
    const first = samplers.find((sampler) => internalsOf(sampler) !== undefined);
    this.#vocabSize = first?.vocabSize ?? 0;
    this.#offset = integerOption("rowOffset", rowOffset === undefined ? 0 : rowOffset, 0, Number.MAX_SAFE_INTEGER);
    this.#stride = integerOption(
      "rowStride",
      rowStride === undefined ? this.#vocabSize : rowStride,
      0,
      Number.MAX_SAFE_INTEGER,
    );
    // If none of them is a Sampler, the first row reports that instead.
    if (first !== undefined || samplers.length === 0) {
      this.#checkLength((array as Float32Array).length, rowOffset === undefined && rowStride === undefined);
    }
  }

  #checkLength(length: number, exact: boolean): void {
    const rows = this.#samplers.length;
    // Rows of a buffer are those of `LogitsBuffer.row`, unless an offset or a stride says otherwise.
    if (exact && rows > 0 && this.#buffer !== undefined) startOf({ buffer: this.#buffer, index: 0 }, this.#vocabSize);
    const needed = rows === 0 ? 0 : this.#offset + (rows - 1) * this.#stride + this.#vocabSize;
    if (length < needed || (exact && length > needed)) {
      const message = `${rows} rows of ${this.#vocabSize} take ${needed} logits, not ${length}`;
      throw new LogitdrawError("WRONG_LENGTH", message, { index: Math.min(length, needed) });
    }
  }

  /** Returns the internals of a row's sampler, checked to fit the row. */
  internals(row: number): Internals {
    const sampler = this.#samplers[row];
    const internals = internalsOf(sampler);
    if (internals === undefined) throw badOption("samplers", `not a Sampler: ${kindOf(sampler)}`);
    internals.alive();
    if (internals.batch === this.batch) {
      throw new LogitdrawError("INVALID_STATE", "the same sampler is in this batch twice");
    }
    if (internals.vocabSize !== this.#vocabSize) {
      const message = `rows have ${this.#vocabSize} logits, the sampler's ${internals.vocabSize}`;
      throw new LogitdrawError("WRONG_LENGTH", message);
    }
    internals.batch = this.batch;
    return internals;
  }

  /** Draws from a row without moving the sampler. `Thrown` wraps what a caller's function threw. */
  choose(row: number, internals: Internals): number {
    const array = this.#array(row);
    const { format } = this.#given;
    const mask = this.#masks?.[row];
    const { core } = internals;
    if (core !== undefined && mask === undefined && format === 0 && internals.plain) {
      // The fast path, taken for nearly every row, as in `Sampler.sample`.
      internals.scratch.row().set(array);
      const token = core.choose(format, -1, Number.NaN, Number.NaN);
      if (token < 0) throw lastError();
      return token;
    }
    const call: Call = { given: { array, format }, mask: maskWords(mask, "masks"), guidance: undefined };
    return internals.choose(call, copied, askOrBlame);
  }

  #array(row: number): Float32Array | Uint16Array {
    const start = this.#offset + row * this.#stride;
    // A buffer's data is read anew for each row: drawing may grow the memory, which detaches it.
    const array = this.#buffer === undefined ? this.#given.array : this.#buffer.data;
    // The caller's functions may have detached the array, or made it shorter.
    const part = attached(array as Float32Array | Uint16Array).subarray(start, start + this.#vocabSize);
    checkLength(part.length, this.#vocabSize);
    return part;
  }
}

function masksOf(masks: unknown, rows: number): readonly unknown[] | undefined {
  if (masks === undefined) return undefined;
  if (!Array.isArray(masks)) throw badOption("masks", `masks must be an array, not ${kindOf(masks)}`);
  if (masks.length !== rows) {
    throw new LogitdrawError("WRONG_LENGTH", `${masks.length} masks for ${rows} rows`, { option: "masks" });
  }
  return Array.from(masks);
}
