// Starts the WebAssembly module, on first use and synchronously. An entry point says where it comes from.

import { initSync, linearMemory } from "../pkg/logitdraw_wasm.js";
import { LogitdrawError } from "./errors.js";

let find: (() => WebAssembly.Module) | undefined;
let linear: WebAssembly.Memory | undefined;

/** Says how to find the module once it is needed. */
export function setSource(source: () => WebAssembly.Module): void {
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

function start(): WebAssembly.Memory {
  if (find === undefined) {
    throw new LogitdrawError("WASM_UNAVAILABLE", "logitdraw/slim has to be given the module first: call init()");
  }
  try {
    initSync(find());
    linear = linearMemory();
    return linear;
  } catch (cause) {
    throw new LogitdrawError("WASM_UNAVAILABLE", `the WebAssembly module does not start: ${cause}`, { cause });
  }
}
