// Room in the module's memory. It is checked before a call needs it, since an allocation that fails in the middle of a call ends the
// module. Arrays that growing memory would detach during a call are copied before.

import { spare_room } from "../pkg/logitdraw_wasm.js";
import { check, LogitdrawError } from "./errors.js";
import { memory } from "./wasm.js";

/** Upper bound on the bytes that one id of a list takes. The module itself checks the room for what strategies remember of a history. */
const BYTES_PER_ID = 64;

/** Throws `OUT_OF_MEMORY` unless there is room for a call that takes this many bytes. */
export function checkRoom(bytes: number): void {
  memory();
  check(spare_room(bytes));
}

/** Throws `OUT_OF_MEMORY` unless there is room for this many tokens. */
export function checkRoomForTokens(count: number): void {
  checkRoom(BYTES_PER_ID * count);
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
  throw new LogitdrawError("WRONG_LENGTH", "an array is detached, or its length is wrong", { option });
}

/** Checks a list of any kind: if it is a typed array, it must be `attached`. */
export function attachedList<L extends ArrayLike<unknown>>(list: L, option?: string): L {
  if (ArrayBuffer.isView(list)) attached(list as unknown as TypedArray, option);
  return list;
}

/**
 * Returns an array that is safe to pass to an allocating call: a copy if it views the module's own memory, since growing that memory would
 * detach it.
 */
export function ownCopy<A extends TypedArray & { slice(): A }>(array: A, option?: string): A {
  return attached(array, option).buffer === memory().buffer ? array.slice() : array;
}
