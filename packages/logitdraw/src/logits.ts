// Logits as callers pass them: determines their kind, checks that they fit, and copies them into the scratch.

import type { Format } from "../pkg/logitdraw_wasm.js";
import { attachedList, detached, ownCopy, tagOf } from "./arrays.js";
import { badOption, kindOf, LogitdrawError } from "./errors.js";
import { isRow, type LogitsRow, type Scratch, startOf } from "./memory.js";
import type { Float16ArrayLike } from "./types.js";

/** How to read the elements of an array of logits. */
export type Dtype = "float32" | "float16" | "bfloat16";

/** The values of the core's `Format`: using the enumeration itself would put its object into the bundle. */
export const FLOAT32: Format.Float32 = 0;
const FLOAT16: Format.Float16 = 1;
const BFLOAT16: Format.Bfloat16 = 2;

const DTYPES: readonly unknown[] = [undefined, "float32", "float16", "bfloat16"];

/** What logits are read from: 32-bit floats, the bits of 16-bit floats, plain numbers, or a row of a buffer in place. */
export type Readable = Float32Array | Uint16Array | readonly number[] | LogitsRow;

/** Logits whose kind is known. */
export interface Given {
  array: Readable;
  format: Format;
}

/**
 * Determines the kind of logits. `INVALID_LOGITS` for a value of no known kind; `INVALID_OPTION` naming `dtype` if it is missing for a
 * Uint16Array or contradicts the array.
 */
export function classify(logits: unknown, dtype: unknown): Given {
  if (!DTYPES.includes(dtype)) {
    throw badOption("dtype", `dtype must be "float32", "float16" or "bfloat16", not ${kindOf(dtype)}`);
  }
  const tag = tagOf(logits);
  if (tag === "Uint16Array") {
    if (dtype === "float16") return { array: logits as Uint16Array, format: FLOAT16 };
    if (dtype === "bfloat16") return { array: logits as Uint16Array, format: BFLOAT16 };
    throw badOption("dtype", "a Uint16Array needs a dtype: float16 or bfloat16");
  }
  // `tagOf` knows only views; a polyfill's arrays are proxies, and a `Float16ArrayLike` may be any object.
  if (kindOf(logits) === "Float16Array") {
    if (dtype === undefined || dtype === "float16")
      return { array: bitsOf(logits as Float16ArrayLike), format: FLOAT16 };
    throw badOption("dtype", `a Float16Array is not ${dtype}`);
  }
  if (tag === "Float32Array" || Array.isArray(logits) || isRow(logits)) {
    if (dtype === undefined || dtype === "float32") return { array: logits as Float32Array, format: FLOAT32 };
    throw badOption("dtype", `${tag ?? "these logits"} cannot be read as ${dtype}`);
  }
  const kinds = "a Float32Array, Float16Array, Uint16Array, LogitsRow or an array of numbers";
  throw new LogitdrawError("INVALID_LOGITS", `logits must be ${kinds}, not ${kindOf(logits)}`);
}

function bitsOf(array: Float16ArrayLike): Uint16Array {
  attachedList(array as unknown as Uint16Array);
  try {
    return new Uint16Array(array.buffer, array.byteOffset, array.length);
  } catch {
    // One that is no view, such as a polyfill's, may be detached too.
    throw detached();
  }
}

/** Throws `WRONG_LENGTH`, with the index of the first logit that is missing or too many, unless there is one logit per token. */
export function checkLength(length: number, vocabSize: number): void {
  if (length === vocabSize) return;
  const index = Math.min(length, vocabSize);
  throw new LogitdrawError("WRONG_LENGTH", `expected ${vocabSize} logits, got ${length}`, { index });
}

/**
 * Checks that logits fit a vocabulary, and copies those that reading or allocating may change: plain arrays and rows that are the caller's
 * own objects, whose reading may run the caller's code, and arrays in the module's memory, which growing it detaches. (The caller's
 * functions may still change other arrays: see `held`.)
 */
export function settled({ array, format }: Given, vocabSize: number): Given {
  if (isRow(array)) {
    const row = { buffer: array.buffer, index: array.index };
    startOf(row, vocabSize);
    return { array: row, format };
  }
  checkLength(array.length, vocabSize);
  return { array: Array.isArray(array) ? float32Of(array, vocabSize) : ownCopy(array as Float32Array), format };
}

/** Returns a copy of the logits, which the caller's functions cannot detach or change; a row of a buffer is returned as it is. */
export function held({ array, format }: Given): Given {
  return { array: isRow(array) ? array : (array as Float32Array).slice(), format };
}

/** Copies logits into the scratch, those of a buffer's row included. */
export function load({ array, format }: Given, scratch: Scratch, vocabSize: number): void {
  if (isRow(array)) {
    const start = startOf(array, vocabSize);
    scratch.row().set(array.buffer.data.subarray(start, start + vocabSize));
  } else if (format !== FLOAT32) {
    scratch.bits().set(array as Uint16Array);
  } else {
    scratch.row().set(array as Float32Array);
  }
}

/** Converts numbers to float32. Refuses finite numbers beyond float32: as an infinity, they would be a mask or another error. */
function float32Of(numbers: readonly unknown[], length: number): Float32Array {
  const row = new Float32Array(length);
  for (let index = 0; index < length; index++) {
    const x = numbers[index];
    if (typeof x !== "number" || (Number.isFinite(x) && !Number.isFinite(Math.fround(x)))) {
      const message = typeof x === "number" ? `is ${x}, beyond float32` : `must be a number, not ${kindOf(x)}`;
      throw new LogitdrawError("INVALID_LOGITS", `logit ${index} ${message}`, { index });
    }
    row[index] = x;
  }
  return row;
}
