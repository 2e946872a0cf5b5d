// JavaScript's views of the WebAssembly module's memory: the row that all samplers of a vocabulary size share, and rows that callers
// own. Growing the memory detaches every view of it; a detached view has length 0.

import { CoreBuffer, type CoreSampler } from "../pkg/logitdraw_wasm.js";
import { dispose } from "./disposal.js";
import { badOption, checked, freed, kindOf, LogitdrawError } from "./errors.js";
import { integerOption } from "./names.js";
import { memory } from "./wasm.js";

/** The views of one vocabulary size's scratch: the shared row as float32 or 16-bit floats, and the mask. */
export class Scratch {
  /** The float32 row; get it through `row`, or check that its length is not 0 (detached). */
  view: Float32Array;
  #bits: Uint16Array | undefined;
  #mask: Uint32Array | undefined;

  constructor(
    private readonly vocabSize: number,
    private readonly pointer: number,
    readonly id: number,
  ) {
    this.view = new Float32Array(memory().buffer, pointer, vocabSize);
  }

  /** Returns the float32 row, never detached. */
  row(): Float32Array {
    if (this.view.length === 0) this.view = new Float32Array(memory().buffer, this.pointer, this.vocabSize);
    return this.view;
  }

  /** Returns where 16-bit floats are written: the second half of the padded float32 row, which the next call widens in place. */
  bits(): Uint16Array {
    if (this.#bits === undefined || this.#bits.length === 0) {
      this.#bits = new Uint16Array(memory().buffer, this.pointer + 64 * Math.ceil(this.vocabSize / 32), this.vocabSize);
    }
    return this.#bits;
  }

  /** Returns the words of the mask. */
  mask(core: CoreSampler): Uint32Array {
    const pointer = core.mask_pointer();
    if (this.#mask?.byteOffset !== pointer || this.#mask.length === 0) {
      this.#mask = new Uint32Array(memory().buffer, pointer, Math.ceil(this.vocabSize / 32));
    }
    return this.#mask;
  }
}

/** Scratches by vocabulary size. The memory itself belongs to the module, which frees it with the last sampler of that size. */
const scratches = new Map<number, Scratch>();

/** Returns the scratch that a sampler shares with all others of its vocabulary size. */
export function scratchOf(core: CoreSampler, vocabSize: number): Scratch {
  const id = core.scratch_id();
  let scratch = scratches.get(vocabSize);
  // The cached one was freed. Its address proves nothing: the new one may have its row there, too, but its mask elsewhere.
  if (scratch?.id !== id) {
    scratch = new Scratch(vocabSize, core.row_pointer(), id);
    scratches.set(vocabSize, scratch);
  }
  return scratch;
}

/** A row of a {@link LogitsBuffer}, to pass to `sample`. */
export interface LogitsRow {
  /** The buffer that holds the row. */
  readonly buffer: LogitsBuffer;
  /** Which of the buffer's rows, counted from 0. */
  readonly index: number;
}

/** Whether a value is a LogitsBuffer. */
export let isBuffer: (value: unknown) => value is LogitsBuffer;

/** Returns a LogitsBuffer's core, for the rest of this package; throws `FREED` after `free`. */
export let coreOfBuffer: (buffer: LogitsBuffer) => CoreBuffer;

/** Keeps a buffer alive as long as its view is: otherwise a buffer referenced nowhere else would be collected while its view is in use. */
const owners = new WeakMap<Float32Array, LogitsBuffer>();

/**
 * Rows of logits in WebAssembly memory, which can be written to without a copy; all 0 at first.
 *
 * `sample` may overwrite the row it is given; `sampleBatch`, `distribution` and `logprobs` leave it as it is.
 *
 * @example
 * const buffer = new LogitsBuffer(vocabSize, 2);
 * buffer.data.set(modelOutput);             // [2, vocabSize]
 * const token = sampler.sample(buffer.row(1));
 * buffer.free();
 */
export class LogitsBuffer {
  /** How many tokens the vocabulary has: the length of a row. */
  readonly vocabSize: number;
  /** How many rows there are. */
  readonly rows: number;
  #core: CoreBuffer | undefined;
  #data: Float32Array | undefined;

  static {
    coreOfBuffer = (buffer) => buffer.#alive();
    isBuffer = (value): value is LogitsBuffer => typeof value === "object" && value !== null && #core in value;
  }

  /**
   * Creates `rows` rows of `vocabSize` logits; both are integers from 1 to 2^31. Throws `INVALID_OPTION` naming the invalid one, and
   * `OUT_OF_MEMORY`.
   */
  constructor(vocabSize: number, rows = 1) {
    memory();
    integerOption("vocabSize", vocabSize, 1, 2 ** 31);
    integerOption("rows", rows, 1, 2 ** 31);
    this.#core = checked(CoreBuffer.create(vocabSize, rows));
    this.vocabSize = vocabSize;
    this.rows = rows;
  }

  /**
   * All rows, one after the other: [rows, vocabSize]. Read it anew for each use, as growing memory detaches arrays read before. The buffer
   * is not garbage collected while this array is referenced; a `subarray` does not keep it, and shows other data once it is collected.
   */
  get data(): Float32Array {
    const core = this.#alive();
    if (this.#data === undefined || this.#data.length === 0) {
      this.#data = new Float32Array(memory().buffer, core.pointer(), this.rows * this.vocabSize);
      owners.set(this.#data, this);
    }
    return this.#data;
  }

  /** Returns a row to pass to `sample`. Throws `INVALID_OPTION` naming `index` unless it is an integer with 0 <= index < rows. */
  row(index: number): LogitsRow {
    this.#alive();
    integerOption("index", index, 0, this.rows - 1);
    return Object.freeze({ buffer: this, index });
  }

  /**
   * Frees the memory; every other call throws `FREED` from then on, and `data` read before must not be used any more. Without it the memory
   * is freed when the buffer is collected, which may be late: JavaScript does not know how much it is.
   */
  free(): void {
    const core = this.#core;
    this.#core = undefined;
    this.#data = undefined;
    core?.free();
  }

  /** `free`, for `using`. */
  [dispose](): void {
    this.free();
  }

  #alive(): CoreBuffer {
    if (this.#core === undefined) throw freed("LogitsBuffer");
    return this.#core;
  }
}

/** Whether a value is meant as a row of a buffer: an object whose `buffer` is a LogitsBuffer. */
export function isRow(value: unknown): value is LogitsRow {
  return typeof value === "object" && value !== null && isBuffer((value as LogitsRow).buffer);
}

/** Returns where a row of a buffer starts, in floats; `WRONG_LENGTH` for another vocabulary size, `INVALID_OPTION` for a bad index. */
export function startOf({ buffer, index }: LogitsRow, vocabSize: number): number {
  coreOfBuffer(buffer);
  if (buffer.vocabSize !== vocabSize) {
    throw new LogitdrawError("WRONG_LENGTH", `expected ${vocabSize} logits, got a row of ${buffer.vocabSize}`);
  }
  if (!(Number.isInteger(index) && index >= 0 && index < buffer.rows)) {
    throw badOption("index", `the buffer has ${buffer.rows} rows, no row ${kindOf(index)}`);
  }
  return index * vocabSize;
}
