// What tells the module that belongs to the code from one of another version: its exports go by one letter, and another's would mean
// something else.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "logitdraw";

/** The mark of the code that calls a module: its glue, in a folder that wasm-pack has written, and the package's version. */
export function stampOf(folder) {
  const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const hash = createHash("sha256").update(readFileSync(join(folder, "logitdraw_wasm.js")));
  return `${version}-${hash.digest("hex").slice(0, 16)}`;
}

/** The module with the mark in a section of its own, which engines skip. */
export function stamped(module, stamp) {
  const content = Buffer.from(`${String.fromCharCode(NAME.length)}${NAME}${stamp}`, "latin1");
  if (content.length > 127) throw new Error(`the stamp ${stamp} is too long for a length of one byte`);
  return Buffer.concat([module, Buffer.of(0, content.length), content]);
}
