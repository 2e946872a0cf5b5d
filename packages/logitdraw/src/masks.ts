// Allowed tokens, one bit each: bit id % 32 of word id / 32 (xgrammar's and llguidance's layout).

import { attached, ownCopy, tagOf } from "./arrays.js";
import { badOption, kindOf } from "./errors.js";
import { checkTokens, idsFrom } from "./integers.js";

/** Returns a mask as unsigned words; `INVALID_OPTION` naming the option for anything that is not a mask. */
export function maskWords(mask: unknown, option = "mask"): Uint32Array | undefined {
  if (mask === undefined) return undefined;
  const tag = tagOf(mask);
  if (tag === "Uint32Array") return ownCopy(mask as Uint32Array, option);
  if (tag === "Int32Array") {
    const { buffer, byteOffset, length } = attached(mask as Int32Array, option);
    return ownCopy(new Uint32Array(buffer, byteOffset, length));
  }
  throw badOption(option, `a mask must be a Uint32Array or Int32Array, not ${kindOf(mask)}`);
}

/** Returns a mask of those `ids` that `within` allows, too. `INVALID_TOKEN` with the index of the first id outside the vocabulary. */
export function maskOf(ids: unknown, vocabSize: number, within: Uint32Array | undefined): Uint32Array {
  const mask = new Uint32Array(Math.ceil(vocabSize / 32));
  for (const id of idsFrom(checkTokens(ids, "what prefixAllowedTokens returns"), 0, vocabSize)) {
    const word = id >>> 5;
    const bit = 1 << (id & 31);
    if (within === undefined || ((within[word] ?? 0) & bit) !== 0) mask[word] = (mask[word] as number) | bit;
  }
  return mask;
}
