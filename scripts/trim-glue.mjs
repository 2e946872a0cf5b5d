// Takes out of the glue what our wrapper, its one caller, does not need: a page's bundle has a third of a kilobyte less. Names of options go
// into the module, messages of errors come out of it, a few letters each.

import { join } from "node:path";
import { edit, fail } from "./steps.mjs";

const EDITS = [
  // A text written piece by piece, into memory that grows meanwhile: encoded as a whole instead.
  [
    /function passStringToWasm0\(arg, malloc, realloc\) \{.*?\n\}\n/s,
    `function passStringToWasm0(arg, malloc) {
    return passArray8ToWasm0(cachedTextEncoder.encode(arg), malloc);
}
`,
  ],
  [/, wasm\.__wbindgen_realloc\)/g, ")"],
  // What only that asks for, of hosts that had no SIMD yet.
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{.*?\n\}\n/s, ""],
  // A decoder made anew after two gigabytes, for Safari: some thirty million messages.
  [
    /let cachedTextDecoder = .*?\n\}\n/s,
    `const cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
function decodeText(ptr, len) {
    return cachedTextDecoder.decode(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}
`,
  ],
  // Other forms of the module, and of the call: entries compile it (packages/logitdraw/src/entry).
  [
    /(function initSync\(module\) \{\n).*?(\n {4}const imports.*?) {4}if \(.*?\n {4}\}\n/s,
    "$1    if (wasm !== undefined) return wasm;$2",
  ],
  // Whether objects are of the module's own classes, which never leave the wrapper.
  [/^ *_assertClass\(.*\n/gm, ""],
  // Views of a memory that was there before: a module starts once.
  [/^ *cached\w+Memory0 = null;\n/gm, ""],
];

/** Edits the glue in a folder that wasm-pack has written. */
export function trimGlue(folder) {
  edit(join(folder, "logitdraw_wasm.js"), (glue) =>
    EDITS.reduce((text, [old, now]) => {
      if (text.search(old) < 0)
        fail(`The glue has nothing like ${old.source}: does this wasm-bindgen write it in another way?`);
      return text.replace(old, now);
    }, glue),
  );
}
