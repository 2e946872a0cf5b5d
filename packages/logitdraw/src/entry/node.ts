// Node, Deno and Bun: as everywhere, in a text that their own decoder reads in a fraction of the time.

import { Buffer } from "node:buffer";
import base64 from "../../pkg/logitdraw_wasm_bg.wasm?base64";
import { setSource } from "../wasm.js";

setSource(() => Buffer.from(base64, "base64"));

export * from "../index.js";
