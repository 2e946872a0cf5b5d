// Tests run the sources as they are; only the module's bytes come from the build.

import { readFileSync } from "node:fs";
import { setSource } from "../src/wasm.js";

const bytes = new URL("../pkg/logitdraw_wasm_bg.wasm", import.meta.url);
setSource(() => new WebAssembly.Module(readFileSync(bytes)));
