// Entropy in Node without its `crypto`, since loading that takes a fifth of the time from import to first token.

/** Fills `words` from /dev/urandom, as `crypto` does; with `crypto` if that cannot be read (Windows, a process without permission). */
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
