// Seeds nobody chose: the platform's entropy. Nothing in the core reads any.

import type { Integer } from "./integers.js";

/** Words of 32 bits that a seed of each generator has; the libraries behind two of them take no more than one. */
const WORDS: ReadonlyMap<unknown, number> = new Map([
  ["numpy", 4],
  ["numpy-legacy", 1],
  ["llama.cpp", 1],
]);

let fill = (words: Uint32Array<ArrayBuffer>): unknown => crypto.getRandomValues(words);

/** Says how to fill words with the platform's entropy, where there is a quicker way than `crypto`. */
export function setEntropy(filler: typeof fill): void {
  fill = filler;
}

/** A seed for a generator of that name. */
export function entropySeed(algorithm: unknown): Integer {
  const words = new Uint32Array(WORDS.get(algorithm) ?? 2);
  fill(words);
  // llama.cpp takes this one as "choose a seed".
  if (words.length === 1 && words[0] === 0xffffffff) words[0] = 0xfffffffe;
  return { negative: false, words };
}
