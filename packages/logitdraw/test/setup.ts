// The sources run as they are; only the module's bytes are taken from where they were built.

import { readFileSync } from "node:fs";
import { setSource } from "../src/wasm.js";

const bytes = new URL("../pkg/logitdraw_wasm_bg.wasm", import.meta.url);
setSource(() => new WebAssembly.Module(readFileSync(bytes)));
