// The entry for all but Node and workerd: the module is part of this file, so that no bundler can lose it and no request is needed for it.

import text from "../../pkg/logitdraw_wasm_bg.txt";
import unpacker from "../../pkg/unpack.wasm?hex";
import { unpack } from "../unpack.js";
import { setSource } from "../wasm.js";

setSource(() => new WebAssembly.Module(unpack(text, unpacker)));

export * from "../index.js";
