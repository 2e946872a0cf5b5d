// Room in the module's memory: asked for before a call takes it, for an allocation that fails in the middle of one ends the module;
// and what a growing memory would take away from a call is copied before.

import { reserve as hasRoom } from "../pkg/logitdraw_wasm.js";
import { check, LogitdrawError } from "./errors.js";
import { memory } from "./wasm.js";

/** Bytes that an id of a list takes at most. For what strategies remember of a history the module asks itself. */
const BYTES_PER_ID = 64;

/** `OUT_OF_MEMORY` unless a call may take so many bytes. */
export function reserve(bytes: number): void {
  memory();
  check(hasRoom(bytes));
}

/** `OUT_OF_MEMORY` unless there is room for so many tokens. */
export function reserveTokens(count: number): void {
  reserve(BYTES_PER_ID * count);
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
 * `WRONG_LENGTH` for a typed array that is not what its length says: a detached one says that it is empty, and a subclass may say
 * anything. `option`: where it stands, if that is an option.
 */
export function sound<A extends TypedArray>(array: A, option?: string): A {
  try {
    // `keys` throws for a detached array alone.
    if (array.length > 0 ? array.byteLength === array.length * array.BYTES_PER_ELEMENT : array.keys()) return array;
  } catch {}
  throw new LogitdrawError("WRONG_LENGTH", "an array is not as long as it says: it may be detached", { option });
}

/** A list of any kind; `sound`, if it is a typed array. */
export function soundList<L extends ArrayLike<unknown>>(list: L, option?: string): L {
  if (ArrayBuffer.isView(list)) sound(list as unknown as TypedArray, option);
  return list;
}

/** What is handed to a call that allocates: a copy where it stands in the module's own memory, whose growth would detach it. */
export function apart<A extends TypedArray & { slice(): A }>(array: A): A {
  return sound(array).buffer === memory().buffer ? array.slice() : array;
}
