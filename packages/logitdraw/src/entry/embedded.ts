// Everywhere but workerd: the module is part of this file, so that no bundler can lose it and no request waits for it.

import text from "../../pkg/logitdraw_wasm_bg.wasm";
import { decode } from "../text.js";
import { setSource } from "../wasm.js";

setSource(() => decode(text));

export * from "../index.js";
