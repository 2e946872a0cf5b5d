// Node, Bun and Deno: the module lies beside this file.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setSource } from "../wasm.js";

setSource(() => readFileSync(fileURLToPath(new URL("./logitdraw.wasm", import.meta.url))));

export * from "../index.js";
