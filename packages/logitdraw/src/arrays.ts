// Arrays as callers pass them: of which kind they are, whether they are what they claim to be, and copies that a growing memory does not
// detach.

import { LogitdrawError } from "./errors.js";
import { memory } from "./wasm.js";

/** Returns a typed array's own name, undefined for anything else. Unlike `instanceof`, it works across realms. */
export function tagOf(value: unknown): string | undefined {
  return ArrayBuffer.isView(value)
    ? (value as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag]
    : undefined;
}

/** Whether a value is an array of any kind, typed arrays included. */
export function isAnyArray(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Whether a value can be read like an array: plain and typed arrays, and other objects with a length. */
export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  if (typeof value !== "object" || value === null) return false;
  const { length } = value as ArrayLike<unknown>;
  return Number.isSafeInteger(length) && length >= 0;
}

/** What typed arrays have in common. */
interface TypedArray {
  readonly BYTES_PER_ELEMENT: number;
  readonly buffer: ArrayBufferLike;
  readonly byteLength: number;
  readonly length: number;
  keys(): unknown;
}

/**
 * Throws `WRONG_LENGTH` for a typed array that does not have the length it claims: a detached one claims to be empty, and a subclass may
 * claim anything. `option` is the option that holds it, if any.
 */
export function attached<A extends TypedArray>(array: A, option?: string): A {
  try {
    // For an empty array, `keys` throws only if it is detached.
    if (array.length > 0 ? array.byteLength === array.length * array.BYTES_PER_ELEMENT : array.keys()) return array;
  } catch {}
  throw detached(option);
}

/** Returns the error for an array that does not have the length it claims. */
export function detached(option?: string): LogitdrawError {
  return new LogitdrawError("WRONG_LENGTH", "an array is detached, or its length is wrong", { option });
}

/** Checks a list of any kind: if it is a typed array, it must be `attached`. */
export function attachedList<L extends ArrayLike<unknown>>(list: L, option?: string): L {
  if (ArrayBuffer.isView(list)) attached(list as unknown as TypedArray, option);
  return list;
}

/**
 * Returns an array that is safe to pass to an allocating call: a copy if it views the module's own memory, since growing that memory would
 * detach it, or shared memory that another thread may grow meanwhile, and with it the array's length.
 */
export function ownCopy<A extends TypedArray & { slice(): A }>(array: A, option?: string): A {
  const { buffer } = attached(array, option) as { buffer: ArrayBufferLike & { growable?: boolean } };
  return buffer === memory().buffer || buffer.growable ? array.slice() : array;
}
