// The sources run as they are; only the module's bytes are taken from where they were built.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { setSource } from "../src/wasm.js";

setSource(() => readFileSync(new URL("../pkg/logitdraw_wasm_bg.wasm", import.meta.url)));

// The same cases each time: a build that fails must fail again. FC_SEED looks further.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 1) });
