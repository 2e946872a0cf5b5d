// Removes from the glue what our wrapper, its only caller, does not need: a page's bundle gets a third of a kilobyte smaller. The only
// strings that pass are names of options into the module and error messages out of it, a few letters each.

import { join } from "node:path";
import { edit, fail } from "./steps.mjs";

const EDITS = [
  // Instead of writing a string piece by piece into memory that grows meanwhile, encodes it as a whole.
  [
    /function passStringToWasm0\(arg, malloc, realloc\) \{.*?\n\}\n/s,
    `function passStringToWasm0(arg, malloc) {
    return passArray8ToWasm0(cachedTextEncoder.encode(arg), malloc);
}
`,
  ],
  [/, wasm\.__wbindgen_realloc\)/g, ")"],
  // A polyfill that only the code above needs, for hosts so old that they have no SIMD.
  [/if \(!\('encodeInto' in cachedTextEncoder\)\) \{.*?\n\}\n/s, ""],
  // No new decoder after every two gigabytes, which is for Safari: that is some thirty million messages.
  [
    /let cachedTextDecoder = .*?\n\}\n/s,
    `const cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
function decodeText(ptr, len) {
    return cachedTextDecoder.decode(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}
`,
  ],
  // No other forms of the module, or of the call: the entries compile it (packages/logitdraw/src/entry).
  [
    /(function initSync\(module\) \{\n).*?(\n {4}const imports.*?) {4}if \(.*?\n {4}\}\n/s,
    "$1    if (wasm !== undefined) return wasm;$2",
  ],
  // No checks that objects are of the module's own classes, which never leave the wrapper.
  [/^ *_assertClass\(.*\n/gm, ""],
  // No resetting of views of an earlier memory: a module starts only once.
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
