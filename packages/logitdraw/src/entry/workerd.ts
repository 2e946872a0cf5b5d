// The entry for Cloudflare's workerd, which cannot compile bytes at run time and takes the module as an import.

import { setSource } from "../wasm.js";
import module from "./logitdraw.wasm";

setSource(() => module);

export * from "../index.js";
