// Removes from the glue what our wrapper, its only caller, does not need: a page's bundle gets a third of a kilobyte smaller. The strings
// that pass are short: names and values of options into the module, codes and messages of errors out of it.

import { join } from "node:path";
import { edit, fail } from "./steps.mjs";

const EDITS = [
  // Strings are converted by what every host has: audio worklets and Jest's jsdom lack TextEncoder and TextDecoder. As with these, half
  // of a surrogate pair becomes U+FFFD. A string is encoded as a whole, not piece by piece into memory that grows meanwhile.
  [
    /function passStringToWasm0\(arg, malloc, realloc\) \{.*?\n\}\n/s,
    `function passStringToWasm0(arg, malloc) {
    const bytes = unescape(encodeURIComponent(arg.replace(/\\p{Cs}/gu, '\\ufffd')));
    return passArray8ToWasm0(Uint8Array.from(bytes, (byte) => byte.charCodeAt()), malloc);
}
`,
  ],
  [/, wasm\.__wbindgen_realloc\)/g, ")"],
  [/const cachedTextEncoder = .*?\n\}\n/s, ""],
  [
    /let cachedTextDecoder = .*?\n\}\n/s,
    `function decodeText(ptr, len) {
    const bytes = getUint8ArrayMemory0().subarray(ptr, ptr + len);
    return decodeURIComponent(escape(bytes.reduce((text, byte) => text + String.fromCharCode(byte), '')));
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
