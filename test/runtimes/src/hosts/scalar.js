// Like node.js beside it, but with a module that was built without SIMD.

import { readFileSync } from "node:fs";
import * as logitdraw from "logitdraw/slim";
import { run } from "../program.js";
import { readVectors } from "../vectors.js";

logitdraw.initSync(readFileSync(new URL("../../pkg/logitdraw_wasm_bg.wasm", import.meta.url)));
const job = { golden: readVectors("golden"), list: readVectors("digest"), count: Number(process.argv[2]) };
console.log(JSON.stringify(await run(logitdraw, job)));
