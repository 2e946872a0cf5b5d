// Many sequences, one call. Rows stream through the one scratch row; nothing moves until the last of them is drawn.

import { badOption, freed, kindOf, LogitdrawError, ofRow } from "./errors.js";
import { classify, type Given, tagOf } from "./logits.js";
import { maskWords } from "./masks.js";
import { LogitsBuffer } from "./memory.js";
import { checkNames, integerOption } from "./names.js";
import { type SampleOptions, Sampler, staging } from "./sampler.js";
import type { Float16ArrayLike } from "./types.js";

export interface BatchOptions extends Pick<SampleOptions, "dtype"> {
  /** A mask a row, undefined where a row has none. */
  masks?: readonly (Uint32Array | Int32Array | undefined)[];
  /** Where row 0 starts, in elements. Default 0. */
  rowOffset?: number;
  /** From row to row, in elements; 0 gives every sampler the same row. Default: vocabSize. */
  rowStride?: number;
  /** The result, one token a sampler; it is written only once every row is drawn. */
  out?: Uint32Array;
  /**
   * Given: a bad row puts its error here and 0xFFFFFFFF into the result, the others are drawn. Absent: all rows are drawn or none,
   * the first error is thrown and no sampler has moved.
   */
  errors?: (LogitdrawError | undefined)[];
}

const NAMES: readonly string[] = ["dtype", "masks", "rowOffset", "rowStride", "out", "errors"];

/** In the result where a row is bad. */
const NO_TOKEN = 0xffffffff;

/** Tells the samplers of one batch from those of another. */
let batches = 0;

/**
 * Draws one token a sampler: row b of `logits` goes to `samplers[b]`, as `sample` would draw it. The logits stay as they are, those
 * in a {@link LogitsBuffer} too.
 *
 * All samplers have the same vocabulary. `logits` holds exactly one row each, or with `rowOffset` or `rowStride` at least as much as
 * they reach: `WRONG_LENGTH` otherwise. The same sampler twice is `INVALID_STATE`. Errors of a row carry its number in `row`.
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
  checkOut(out, samplers.length);
  if (errors !== undefined && !Array.isArray(errors)) {
    throw badOption("errors", `errors must be an array, not ${kindOf(errors)}`);
  }
  const rows = new Rows(samplers, logits, options);
  const tokens = new Uint32Array(samplers.length);
  if (errors === undefined) drawAll(samplers, rows, tokens);
  else drawEach(samplers, rows, tokens, errors);
  if (out === undefined) return tokens;
  out.set(tokens);
  return out;
}

/** All rows or none. */
function drawAll(samplers: readonly Sampler[], rows: Rows, tokens: Uint32Array): void {
  const mark = ++batches;
  let row = 0;
  try {
    for (; row < samplers.length; row++) tokens[row] = rows.choose(row, mark);
  } catch (error) {
    while (row-- > 0) staging.discard(samplers[row] as Sampler);
    throw error;
  }
  for (const sampler of samplers) staging.commit(sampler);
}

/** Every row that can be drawn. */
function drawEach(
  samplers: readonly Sampler[],
  rows: Rows,
  tokens: Uint32Array,
  errors: (LogitdrawError | undefined)[],
): void {
  const mark = ++batches;
  errors.length = samplers.length;
  for (let row = 0; row < samplers.length; row++) {
    try {
      tokens[row] = rows.choose(row, mark);
      staging.commit(samplers[row] as Sampler);
      errors[row] = undefined;
    } catch (error) {
      tokens[row] = NO_TOKEN;
      errors[row] = error instanceof LogitdrawError ? error : thrown(error, row);
    }
  }
}

/** What a caller's own function threw must not cost the other rows their tokens. */
function thrown(cause: unknown, row: number): LogitdrawError {
  return new LogitdrawError("INVALID_OPTION", `row ${row}: the generator threw ${cause}`, {
    option: "generator",
    row,
    cause,
  });
}

function checkOut(out: unknown, length: number): void {
  if (out === undefined) return;
  if (tagOf(out) !== "Uint32Array") throw badOption("out", `out must be a Uint32Array, not ${kindOf(out)}`);
  if ((out as Uint32Array).length !== length) {
    throw new LogitdrawError("WRONG_LENGTH", `out has ${(out as Uint32Array).length} places for ${length} tokens`, {
      option: "out",
    });
  }
}

/** The rows of a batch, each of which is handed to its sampler. */
class Rows {
  readonly #samplers: readonly Sampler[];
  readonly #buffer: LogitsBuffer | undefined;
  readonly #given: Given | undefined;
  readonly #masks: readonly unknown[] | undefined;
  readonly #vocabSize: number;
  readonly #offset: number;
  readonly #stride: number;

  constructor(samplers: readonly Sampler[], logits: unknown, options: BatchOptions) {
    const { dtype, masks, rowOffset, rowStride } = options;
    this.#samplers = samplers;
    this.#masks = masksOf(masks, samplers.length);
    this.#buffer = logits instanceof LogitsBuffer ? logits : undefined;
    // A buffer's data is read anew for each row: drawing may grow the memory.
    const given = classify(this.#buffer === undefined ? logits : this.#buffer.data, dtype);
    if (!ArrayBuffer.isView(given.array)) {
      throw new LogitdrawError("INVALID_LOGITS", "a batch's logits are a typed array or a LogitsBuffer");
    }
    this.#given = this.#buffer === undefined ? given : undefined;
    const first = samplers.find((sampler) => sampler instanceof Sampler);
    this.#vocabSize = first?.vocabSize ?? 0;
    this.#offset = integerOption("rowOffset", rowOffset === undefined ? 0 : rowOffset, 0, Number.MAX_SAFE_INTEGER);
    this.#stride = integerOption(
      "rowStride",
      rowStride === undefined ? this.#vocabSize : rowStride,
      0,
      Number.MAX_SAFE_INTEGER,
    );
    this.#checkLength(given.array.length, rowOffset === undefined && rowStride === undefined);
  }

  #checkLength(length: number, exact: boolean): void {
    const rows = this.#samplers.length;
    const needed = rows === 0 ? 0 : this.#offset + (rows - 1) * this.#stride + this.#vocabSize;
    if (length < needed || (exact && length > needed)) {
      const message = `${rows} rows of ${this.#vocabSize} take ${needed} logits, not ${length}`;
      throw new LogitdrawError("WRONG_LENGTH", message);
    }
  }

  /** Draws a row without moving; errors say which row it was. */
  choose(row: number, mark: number): number {
    try {
      const sampler = this.#samplers[row] as Sampler;
      if (!(sampler instanceof Sampler)) throw badOption("samplers", `not a Sampler: ${kindOf(sampler)}`);
      staging.alive(sampler);
      if (staging.marked(sampler, mark)) {
        throw new LogitdrawError("INVALID_STATE", "the same sampler stands in this batch twice");
      }
      if (sampler.vocabSize !== this.#vocabSize) {
        throw new LogitdrawError(
          "WRONG_LENGTH",
          `rows have ${this.#vocabSize} logits, the sampler's ${sampler.vocabSize}`,
        );
      }
      return staging.choose(sampler, { given: this.#row(row), mask: maskWords(this.#masks?.[row]) });
    } catch (error) {
      throw ofRow(error, row);
    }
  }

  #row(row: number): Given {
    const start = this.#offset + row * this.#stride;
    const end = start + this.#vocabSize;
    if (this.#buffer !== undefined) return { array: this.#buffer.data.subarray(start, end), format: 0 };
    if (this.#given === undefined) throw freed("LogitsBuffer");
    const { array, format } = this.#given;
    return { array: (array as Float32Array | Uint16Array).subarray(start, end), format };
  }
}

function masksOf(masks: unknown, rows: number): readonly unknown[] | undefined {
  if (masks === undefined) return undefined;
  if (!Array.isArray(masks)) throw badOption("masks", `masks must be an array, not ${kindOf(masks)}`);
  if (masks.length !== rows) {
    throw new LogitdrawError("WRONG_LENGTH", `${masks.length} masks for ${rows} rows`, { option: "masks" });
  }
  return masks;
}
