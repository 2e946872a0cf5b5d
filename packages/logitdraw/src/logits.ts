// Logits as callers have them: which kind they are, whether they fit, and their way into the scratch.

import type { Format } from "../pkg/logitdraw_wasm.js";
import { badOption, kindOf, LogitdrawError } from "./errors.js";
import { isRow, type LogitsRow, type Scratch, startOf } from "./memory.js";
import { apart, sound } from "./room.js";
import type { Float16ArrayLike, Logits } from "./types.js";

/** How to read the elements of an array of logits. */
export type Dtype = "float32" | "float16" | "bfloat16";

/** The core's names of them, which a bundle would have to carry as an object. */
const FLOAT32: Format.Float32 = 0;
const FLOAT16: Format.Float16 = 1;
const BFLOAT16: Format.Bfloat16 = 2;

const DTYPES: readonly unknown[] = [undefined, "float32", "float16", "bfloat16"];

/** What the core reads: 32-bit floats, or the bits of 16-bit ones, or a row where it stands. */
export type Readable = Float32Array | Uint16Array | readonly number[] | LogitsRow;

/** Logits whose kind is known. */
export interface Given {
  array: Readable;
  format: Format;
}

/** The typed array's own name, which holds across realms where `instanceof` does not. */
export function tagOf(value: unknown): string | undefined {
  return ArrayBuffer.isView(value)
    ? (value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag]
    : undefined;
}

/**
 * Says what logits are. `INVALID_LOGITS` for what are none; `INVALID_OPTION` naming `dtype` where it is missing for a
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
    throw badOption("dtype", "a Uint16Array needs a dtype that says how to read it: float16 or bfloat16");
  }
  if (tag === "Float16Array") {
    if (dtype === undefined || dtype === "float16")
      return { array: bitsOf(logits as Float16ArrayLike), format: FLOAT16 };
    throw badOption("dtype", `a Float16Array is not ${dtype}`);
  }
  if (tag === "Float32Array" || Array.isArray(logits) || isRow(logits)) {
    if (dtype === undefined || dtype === "float32") return { array: logits as Float32Array, format: FLOAT32 };
    throw badOption("dtype", `${tag ?? "numbers"} cannot be read as ${dtype}`);
  }
  const kinds = "a Float32Array, Float16Array, Uint16Array, LogitsRow or an array of numbers";
  throw new LogitdrawError("INVALID_LOGITS", `logits must be ${kinds}, not ${kindOf(logits)}`);
}

function bitsOf(array: Float16ArrayLike): Uint16Array {
  sound(array as unknown as Uint16Array);
  return new Uint16Array(array.buffer, array.byteOffset, array.length);
}

/** `WRONG_LENGTH` unless there is one logit a token. */
export function checkLength(length: number, vocabSize: number): void {
  if (length !== vocabSize) throw new LogitdrawError("WRONG_LENGTH", `expected ${vocabSize} logits, got ${length}`);
}

/**
 * Logits that fit a vocabulary, read to the end where reading runs code of the caller's: plain arrays, and rows that are objects of
 * their own. Behind it nothing can move under a draw.
 */
export function settled({ array, format }: Given, vocabSize: number): Given {
  if (isRow(array)) {
    const row = { buffer: array.buffer, index: array.index };
    startOf(row, vocabSize);
    return { array: row, format };
  }
  checkLength(array.length, vocabSize);
  return { array: Array.isArray(array) ? float32Of(array, vocabSize) : apart(array as Float32Array), format };
}

/** The same logits, of which the caller's own functions cannot take anything away. */
export function held({ array, format }: Given): Given {
  return { array: isRow(array) ? array : (array as Float32Array).slice(), format };
}

/** Copies logits into the scratch, a row of a buffer too. */
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

/** Numbers as float32. One that is finite but beyond float32 is no logit: as an infinity it would be a mask or an error. */
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

/** Logits as float32 of their own, for functions without a vocabulary. */
export function toFloat32(logits: Logits, widen: (bits: Uint16Array) => Float32Array): Float32Array {
  const { array, format } = classify(logits, undefined);
  if (isRow(array)) throw new LogitdrawError("INVALID_LOGITS", "logits must be an array, not a LogitsRow");
  if (format !== FLOAT32) return widen(array as Uint16Array);
  return Array.isArray(array) ? float32Of(array, array.length) : (array as Float32Array);
}
