// Cloudflare's workerd compiles no bytes at run time: it takes the module as an import.

import { setSource } from "../wasm.js";
import module from "./logitdraw.wasm";

setSource(() => module);

export * from "../index.js";
