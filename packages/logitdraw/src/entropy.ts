// Seeds nobody chose: the platform's entropy. Nothing in the core reads any.

import type { Integer } from "./integers.js";

/** Words of 32 bits that a seed of each generator has; the libraries behind two of them take no more than one. */
const WORDS: ReadonlyMap<unknown, number> = new Map([
  ["numpy", 4],
  ["numpy-legacy", 1],
  ["llama.cpp", 1],
]);

/** A seed for a generator of that name. */
export function entropySeed(algorithm: unknown): Integer {
  const words = new Uint32Array(WORDS.get(algorithm) ?? 2);
  crypto.getRandomValues(words);
  // llama.cpp takes this one as "choose a seed".
  if (words.length === 1 && words[0] === 0xffffffff) words[0] = 0xfffffffe;
  return { negative: false, words };
}
