// Starts the WebAssembly module, on first use and synchronously. An entry point says where its bytes come from.

import { reserve as hasRoom, initSync } from "../pkg/logitdraw_wasm.js";
import { LogitdrawError, lastError } from "./errors.js";

/** The module, or its bytes. */
export type Source = WebAssembly.Module | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

let find: (() => Source) | undefined;
let linear: WebAssembly.Memory | undefined;

/** Says how to find the module once it is needed. */
export function setSource(source: () => Source): void {
  find = source;
}

/** Whether the module runs. */
export function running(): boolean {
  return linear !== undefined;
}

/** The memory of the running module; starts it if need be. `WASM_UNAVAILABLE` where it cannot start. */
export function memory(): WebAssembly.Memory {
  return linear ?? start();
}

/** So many bytes are there, whatever else is asked for. */
const SMALL = 2 ** 16;

/** `OUT_OF_MEMORY` unless a call may take so many bytes: an allocation that fails in the middle of it would end the module. */
export function reserve(bytes: number): void {
  if (bytes <= SMALL) return;
  memory();
  if (!hasRoom(bytes)) throw lastError();
}

/** What is handed to a call that allocates: a copy where it stands in the module's own memory, whose growth would detach it. */
export function apart<A extends { readonly buffer: ArrayBufferLike; slice(): A }>(array: A): A {
  return array.buffer === memory().buffer ? array.slice() : array;
}

function start(): WebAssembly.Memory {
  if (find === undefined) {
    throw new LogitdrawError("WASM_UNAVAILABLE", "logitdraw/slim has to be given the module first: call init()");
  }
  try {
    const source = find();
    // `instanceof WebAssembly.Module` would fail on a module of another realm: whatever is no bytes is taken as one.
    const isBytes = ArrayBuffer.isView(source) || Object.prototype.toString.call(source) === "[object ArrayBuffer]";
    const module = isBytes ? new WebAssembly.Module(source as BufferSource) : (source as WebAssembly.Module);
    linear = initSync({ module }).memory;
    return linear;
  } catch (cause) {
    throw new LogitdrawError("WASM_UNAVAILABLE", `the WebAssembly module does not start: ${cause}`, { cause });
  }
}
