// Memory of the WebAssembly module, seen from JavaScript: the row every sampler of a vocabulary size shares, and rows that
// callers own. Growing memory detaches every view of it; a detached view has length 0.

import { CoreBuffer, type CoreSampler } from "../pkg/logitdraw_wasm.js";
import { dispose } from "./disposal.js";
import { badOption, checked, freed, kindOf, LogitdrawError } from "./errors.js";
import { integerOption } from "./names.js";
import { memory } from "./wasm.js";

/** The shared row of one vocabulary size, and what may stand beside it. */
export class Scratch {
  /** Float32 logits; use it through `row`, or check that its length is not 0. */
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

  /** The float32 row. */
  row(): Float32Array {
    if (this.view.length === 0) this.view = new Float32Array(memory().buffer, this.pointer, this.vocabSize);
    return this.view;
  }

  /** The row of 16-bit floats, in the second half of the padded row of others: the next call turns them into these. */
  bits(): Uint16Array {
    if (this.#bits === undefined || this.#bits.length === 0) {
      this.#bits = new Uint16Array(memory().buffer, this.pointer + 64 * Math.ceil(this.vocabSize / 32), this.vocabSize);
    }
    return this.#bits;
  }

  /** The words of the mask. */
  mask(core: CoreSampler): Uint32Array {
    const pointer = core.mask_pointer();
    if (this.#mask?.byteOffset !== pointer || this.#mask.length === 0) {
      this.#mask = new Uint32Array(memory().buffer, pointer, Math.ceil(this.vocabSize / 32));
    }
    return this.#mask;
  }
}

/** By vocabulary size. The memory itself is the module's, which frees it with the last sampler of that size. */
const scratches = new Map<number, Scratch>();

/** The scratch that a sampler shares with those of its size. */
export function scratchOf(core: CoreSampler, vocabSize: number): Scratch {
  const id = core.scratch_id();
  let scratch = scratches.get(vocabSize);
  // The former one was freed. Its address says nothing: the next one may have the same, and its mask elsewhere.
  if (scratch?.id !== id) {
    scratch = new Scratch(vocabSize, core.row_pointer(), id);
    scratches.set(vocabSize, scratch);
  }
  return scratch;
}

/** A row of a {@link LogitsBuffer}, to be handed to `sample`. */
export interface LogitsRow {
  readonly buffer: LogitsBuffer;
  readonly index: number;
}

/** Whether it is a LogitsBuffer. */
export let isBuffer: (value: unknown) => value is LogitsBuffer;

/** What stands behind a LogitsBuffer, for the rest of this package; FREED once it is freed. */
export let coreOfBuffer: (buffer: LogitsBuffer) => CoreBuffer;

/** Who has what a view shows: a buffer that nobody holds any more must not be collected under a view that somebody does. */
const owners = new WeakMap<Float32Array, LogitsBuffer>();

/**
 * Rows of logits in WebAssembly memory, to write to without a copy; all 0 at first.
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
  /** Tokens in the vocabulary: the length of a row. */
  readonly vocabSize: number;
  /** How many rows there are. */
  readonly rows: number;
  #core: CoreBuffer | undefined;
  #data: Float32Array | undefined;

  static {
    coreOfBuffer = (buffer) => buffer.#alive();
    isBuffer = (value): value is LogitsBuffer => typeof value === "object" && value !== null && #core in value;
  }

  /** `vocabSize` and `rows` are integers from 1 to 2^31. `INVALID_OPTION` names the wrong one; `OUT_OF_MEMORY`. */
  constructor(vocabSize: number, rows = 1) {
    memory();
    integerOption("vocabSize", vocabSize, 1, 2 ** 31);
    integerOption("rows", rows, 1, 2 ** 31);
    this.#core = checked(CoreBuffer.create(vocabSize, rows));
    this.vocabSize = vocabSize;
    this.rows = rows;
  }

  /**
   * All rows, [rows, vocabSize]. Read it anew for each use: growing memory detaches what was read before. While this array is held the
   * buffer is not collected; a `subarray` does not hold it, and shows other data once it is.
   */
  get data(): Float32Array {
    const core = this.#alive();
    if (this.#data === undefined || this.#data.length === 0) {
      this.#data = new Float32Array(memory().buffer, core.pointer(), this.rows * this.vocabSize);
      owners.set(this.#data, this);
    }
    return this.#data;
  }

  /** A row for `sample`; `INVALID_OPTION` naming `index` unless 0 <= index < rows. */
  row(index: number): LogitsRow {
    this.#alive();
    integerOption("index", index, 0, this.rows - 1);
    return Object.freeze({ buffer: this, index });
  }

  /** Gives the memory back; every other call throws FREED from then on, and `data` read before must not be used any more. */
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

/** Whether it is meant as a row of a buffer. */
export function isRow(value: unknown): value is LogitsRow {
  return typeof value === "object" && value !== null && isBuffer((value as LogitsRow).buffer);
}

/** Where a row of a buffer starts, in floats; `WRONG_LENGTH` where it is of another vocabulary. */
export function startOf({ buffer, index }: LogitsRow, vocabSize: number): number {
  coreOfBuffer(buffer);
  if (buffer.vocabSize !== vocabSize) {
    throw new LogitdrawError("WRONG_LENGTH", `expected ${vocabSize} logits, got a row of ${buffer.vocabSize}`);
  }
  if (!(Number.isInteger(index) && index >= 0 && index < buffer.rows)) {
    throw badOption("index", `the buffer has ${buffer.rows} rows, and none of index ${kindOf(index)}`);
  }
  return index * vocabSize;
}
