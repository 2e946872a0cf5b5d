// Arrays that callers want their results in.

import { tagOf } from "./arrays.js";
import { badOption, kindOf, LogitdrawError } from "./errors.js";
import { memory } from "./wasm.js";

/**
 * Checks the array that results are to be written to, if there is one: `INVALID_OPTION` and `WRONG_LENGTH` name `out`. It may not be a
 * view of the module's own memory, since growing that would detach it before anything is written.
 */
export function checkOut(out: unknown, kind: "Float32Array" | "Uint32Array", length: number): void {
  if (out === undefined) return;
  if (tagOf(out) !== kind) throw badOption("out", `out must be a ${kind}, not ${kindOf(out)}`);
  const array = out as Float32Array | Uint32Array;
  if (array.buffer === memory().buffer) throw badOption("out", "out must not be in WebAssembly memory");
  if (array.length !== length) {
    throw new LogitdrawError("WRONG_LENGTH", `out must have length ${length}, not ${array.length}`, { option: "out" });
  }
}
