// Node's entropy without Node's `crypto`, whose loading takes a fifth of the time from import to first token.

/** Fills `words` from /dev/urandom, where `crypto` gets it, too; by `crypto` where that cannot be read (Windows, a process without the permission). */
export function fillFromDevice(words: Uint32Array<ArrayBuffer>): void {
  if (!readDevice(words)) crypto.getRandomValues(words);
}

function readDevice(words: Uint32Array): boolean {
  try {
    const { openSync, readSync, closeSync } = process.getBuiltinModule("node:fs");
    const device = openSync("/dev/urandom", "r");
    try {
      return readSync(device, words) === words.byteLength;
    } finally {
      closeSync(device);
    }
  } catch {
    return false;
  }
}
