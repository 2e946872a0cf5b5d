// Node, Deno and Bun: as everywhere, in a text that their own decoder reads in a fraction of the time.

import base64 from "../../pkg/logitdraw_wasm_bg.wasm?base64";
import { fromBase64 } from "../base64.js";
import { setEntropy } from "../entropy.js";
import { fillFromDevice } from "../random-device.js";
import { setSource } from "../wasm.js";

// The global Buffer: importing node:buffer would cost every process a millisecond. Where there is none (older Deno) atob does.
setSource(() => new WebAssembly.Module(globalThis.Buffer?.from(base64, "base64") ?? fromBase64(base64)));
// Not Deno: it would ask its user for a permission.
if (!("Deno" in globalThis)) setEntropy(fillFromDevice);

export * from "../index.js";
