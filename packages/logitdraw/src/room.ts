// Room in the module's memory. It is checked before a call needs it, since an allocation that fails in the middle of a call ends the
// module.

import { spare_room } from "../pkg/logitdraw_wasm.js";
import { check } from "./errors.js";
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
