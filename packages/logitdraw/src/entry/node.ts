// The entry for Node, Deno and Bun: embeds the module, too, but as base64, which their own decoder reads in a fraction of the time.

import base64 from "../../pkg/logitdraw_wasm_bg.wasm?base64";
import { fromBase64 } from "../base64.js";
import { setEntropy } from "../entropy.js";
import { fillFromDevice } from "../random-device.js";
import { setSource } from "../wasm.js";

// Uses the global Buffer: importing node:buffer would cost every process a millisecond. Where there is none (older Deno), atob will do.
setSource(() => new WebAssembly.Module(globalThis.Buffer?.from(base64, "base64") ?? fromBase64(base64)));
// Not in Deno, which would ask its user for permission.
if (!("Deno" in globalThis)) setEntropy(fillFromDevice);

export * from "../index.js";
