// Seeds that nobody chose, from the platform's entropy. The core itself reads no entropy.

import type { Integer } from "./integers.js";

/** How many 32-bit words a seed has, by generator (2 for the others); the libraries behind two of them take only one. */
const WORDS: ReadonlyMap<unknown, number> = new Map([
  ["numpy", 4],
  ["numpy-legacy", 1],
  ["llama.cpp", 1],
]);

let fill = (words: Uint32Array<ArrayBuffer>): unknown => crypto.getRandomValues(words);

/** Sets how words are filled with the platform's entropy, where there is a faster way than `crypto`. */
export function setEntropy(filler: typeof fill): void {
  fill = filler;
}

/** Returns a random seed for the generator of that name. */
export function entropySeed(algorithm: unknown): Integer {
  const words = new Uint32Array(WORDS.get(algorithm) ?? 2);
  fill(words);
  // llama.cpp takes this value to mean "choose a seed".
  if (words.length === 1 && words[0] === 0xffffffff) words[0] = 0xfffffffe;
  return { negative: false, words };
}
