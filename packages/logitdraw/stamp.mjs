// The stamp by which slim.ts recognises the module that belongs to its code. In a module of another version, exports may have the same
// names, of a letter or two, and do something else.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "logitdraw";

/**
 * Returns the stamp of the code that calls a module: the package's version and a hash of the glue in `folder`, which has the exports'
 * short names.
 */
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
