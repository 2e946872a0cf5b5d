// Starts the WebAssembly module, synchronously and on first use. The entry point sets where it comes from.

import { initSync, linearMemory } from "../pkg/logitdraw_wasm.js";
import { LogitdrawError } from "./errors.js";

let find: (() => WebAssembly.Module) | undefined;
let linear: WebAssembly.Memory | undefined;

/** Sets how to get the module once it is needed. */
export function setSource(source: () => WebAssembly.Module): void {
  find = source;
}

/** Whether the module has been started. */
export function running(): boolean {
  return linear !== undefined;
}

/** Returns the module's memory, starting the module if necessary. Throws `WASM_UNAVAILABLE` if it cannot start. */
export function memory(): WebAssembly.Memory {
  return linear ?? start();
}

function start(): WebAssembly.Memory {
  if (find === undefined) {
    throw new LogitdrawError("WASM_UNAVAILABLE", "logitdraw/slim has no module yet: call init() first");
  }
  try {
    initSync(find());
    linear = linearMemory();
    return linear;
  } catch (cause) {
    throw new LogitdrawError("WASM_UNAVAILABLE", `the WebAssembly module does not start: ${cause}`, { cause });
  }
}
