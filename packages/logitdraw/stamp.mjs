// The stamp that tells the module belonging to the code from that of another version: exports have names of one letter, which would mean
// something else there.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "logitdraw";

/** Returns the stamp of the code that calls a module: the package's version and a hash of the glue that wasm-pack wrote to `folder`. */
export function stampOf(folder) {
  const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const hash = createHash("sha256").update(readFileSync(join(folder, "logitdraw_wasm.js")));
  return `${version}-${hash.digest("hex").slice(0, 16)}`;
}

/** Returns the module with the stamp in a custom section, which engines skip. */
export function stamped(module, stamp) {
  const content = Buffer.from(`${String.fromCharCode(NAME.length)}${NAME}${stamp}`, "latin1");
  if (content.length > 127) throw new Error(`the stamp ${stamp} is too long for a length of one byte`);
  return Buffer.concat([module, Buffer.of(0, content.length), content]);
}
