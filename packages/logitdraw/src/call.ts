// The arguments of one draw, checked before the core or any of the caller's functions is called.

import { tagOf } from "./arrays.js";
import { asOption, badOption, kindOf } from "./errors.js";
import { classify, type Dtype, type Given, held, settled } from "./logits.js";
import { maskWords } from "./masks.js";
import type { LogitsRow } from "./memory.js";
import { checkNames, integerOption } from "./names.js";
import { checkRoom } from "./room.js";
import type { Logits } from "./types.js";

/** Options of a single draw. */
export interface SampleOptions {
  /**
   * How to read the elements: required for a Uint16Array, including unconditional logits that are one; for logits of another kind it must
   * match the array. A tensor's own `type` is right, if it is one of these (in TypeScript `type as SampleOptions["dtype"]`).
   */
  dtype?: Dtype;
  /**
   * Allowed tokens, one bit each: bit id % 32 of word id / 32; 1 = allowed (xgrammar's and llguidance's layout). Ids past the mask's end
   * are not allowed; words past the vocabulary are not read.
   */
  mask?: Uint32Array | Int32Array;
  /**
   * Classifier-free guidance: the logits without the prompt, and the scale g, a finite number. A token's logit becomes g * (c - u) + u,
   * where c and u are its log-probabilities with and without the prompt; a scale of 1 changes nothing, a larger one follows the prompt
   * more closely. Tokens that the mask forbids stay forbidden. (Sanchez et al. 2023, arXiv 2306.17806)
   */
  guidance?: { unconditional: Logits | LogitsRow; scale: number };
}

/**
 * Which probabilities are meant: "raw", the softmax of the logits as passed, without mask, edits and temperature; or "processed", those
 * from which this step's token is drawn (with XTC, those of the side its coin shows at this step; `distribution` mixes both sides).
 */
export type LogprobsOf = "raw" | "processed";

export const SAMPLE_OPTIONS: readonly string[] = ["dtype", "mask", "guidance"];
const GUIDANCE: readonly string[] = ["unconditional", "scale"];
const UNCONDITIONAL = "guidance.unconditional";

/** A call's logits, mask and guidance, with their kinds and lengths checked. */
export interface Call {
  given: Given;
  mask: Uint32Array | undefined;
  guidance: { given: Given; scale: number } | undefined;
}

/** Checks the arguments of a draw; nothing is copied into WebAssembly yet. The caller has checked the names of `options`. */
export function callOf(logits: unknown, options: SampleOptions | undefined, vocabSize: number): Call {
  const { dtype, mask, guidance } = options ?? {};
  const unconditional = guidanceOf(guidance, dtype, vocabSize);
  const given = settled(classify(logits, dtype), vocabSize);
  // Reading plain numbers may have run the caller's code, so whatever is not a copy yet is checked after that, for some a second time.
  return {
    given,
    mask: maskWords(mask),
    guidance: unconditional && {
      ...unconditional,
      given: asOption(UNCONDITIONAL, () => settled(unconditional.given, vocabSize)),
    },
  };
}

/** Returns the same call with its arrays copied, so that the caller's functions cannot detach or change them. */
export function heldCall({ given, mask, guidance }: Call): Call {
  return {
    given: held(given),
    mask: mask?.slice(),
    guidance: guidance && { given: held(guidance.given), scale: guidance.scale },
  };
}

function guidanceOf(guidance: unknown, dtype: unknown, vocabSize: number): Call["guidance"] {
  if (guidance === undefined) return undefined;
  checkNames(guidance as object, GUIDANCE, "guidance");
  const { unconditional, scale } = guidance as { unconditional: unknown; scale: unknown };
  if (typeof scale !== "number" || !Number.isFinite(scale)) {
    throw badOption("guidance.scale", `guidance.scale must be a finite number, not ${kindOf(scale)}`);
  }
  if (unconditional === undefined) throw badOption(UNCONDITIONAL, `${UNCONDITIONAL} is missing`);
  // `dtype` applies only to arrays that need one.
  const type = tagOf(unconditional) === "Uint16Array" ? dtype : undefined;
  return { given: asOption(UNCONDITIONAL, () => settled(classify(unconditional, type), vocabSize)), scale };
}

/** Upper bound on the bytes that one log-probability takes on its way to the caller. */
const BYTES_PER_LOGPROB = 64;

/** Reads the option `top`: at most the whole vocabulary, 0 if absent. `OUT_OF_MEMORY` if there is no room for that many tokens. */
export function topOf(top: unknown, vocabSize: number): number {
  const best = top === undefined ? 0 : Math.min(integerOption("top", top, 0, Number.MAX_SAFE_INTEGER), vocabSize);
  checkRoom(BYTES_PER_LOGPROB * best);
  return best;
}

/** Reads the option `of`: whether the processed probabilities are meant; the raw ones if absent. */
export function isProcessed(of: unknown): boolean {
  if (of === undefined || of === "raw") return false;
  if (of === "processed") return true;
  throw badOption("of", `of must be "raw" or "processed", not ${kindOf(of)}`);
}
