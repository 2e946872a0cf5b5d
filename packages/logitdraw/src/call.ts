// What a caller says of one draw, checked before anything is asked of the core or of the caller's own functions.

import { badOption, kindOf } from "./errors.js";
import { classify, type Dtype, type Given, held, settled, tagOf } from "./logits.js";
import { maskWords } from "./masks.js";
import type { LogitsRow } from "./memory.js";
import { checkNames, integerOption } from "./names.js";
import { reserve } from "./room.js";
import type { Logits } from "./types.js";

/** What a caller may say of one draw. */
export interface SampleOptions {
  /**
   * How to read the elements; required for a Uint16Array, for unconditional logits that are one too, and true of all others: a tensor's own
   * `type` fits.
   */
  dtype?: Dtype;
  /**
   * Allowed tokens, one bit each: bit id % 32 of word id / 32; 1 = allowed (xgrammar's and llguidance's layout). Ids past its
   * end are not allowed, words past the vocabulary are not read.
   */
  mask?: Uint32Array | Int32Array;
  /**
   * Classifier-free guidance: the logits without the prompt, and the scale g, a finite number. With log-probabilities c with and u
   * without the prompt a token's logit becomes g * (c - u) + u; 1 changes nothing, more follows the prompt more. What the mask
   * forbids stays so. (Sanchez et al. 2023, arXiv 2306.17806)
   */
  guidance?: { unconditional: Logits | LogitsRow; scale: number };
}

/**
 * Of which probabilities: "raw", the softmax of the logits as they came, without mask, edits and temperature; or "processed", those from
 * which the token of this step is drawn (where XTC tosses a coin, of the side that it shows; `distribution` mixes both).
 */
export type LogprobsOf = "raw" | "processed";

export const SAMPLE_OPTIONS: readonly string[] = ["dtype", "mask", "guidance"];
const GUIDANCE: readonly string[] = ["unconditional", "scale"];

/** A call's logits, mask and guidance, their kinds and lengths checked. */
export interface Call {
  given: Given;
  mask: Uint32Array | undefined;
  guidance: { given: Given; scale: number } | undefined;
}

/** Checks the arguments of a draw; nothing is copied yet. The names of `options` are known to be right. */
export function callOf(logits: unknown, options: SampleOptions | undefined, vocabSize: number): Call {
  const { dtype, mask, guidance } = options ?? {};
  const unconditional = guidanceOf(guidance, dtype, vocabSize);
  const given = settled(classify(logits, dtype), vocabSize);
  // Reading plain numbers may have run code of the caller's: so what is no copy yet is checked behind that, again or for the first time.
  return {
    given,
    mask: maskWords(mask),
    guidance: unconditional && { ...unconditional, given: settled(unconditional.given, vocabSize) },
  };
}

/** The same call, of which the caller's own functions cannot take anything away. */
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
  if (unconditional === undefined) throw badOption("guidance.unconditional", "guidance.unconditional is missing");
  // A dtype speaks of what needs one.
  const given = settled(classify(unconditional, tagOf(unconditional) === "Uint16Array" ? dtype : undefined), vocabSize);
  return { given, scale };
}

/** Bytes that a log-probability takes on its way. */
const BYTES_PER_LOGPROB = 64;

/** How many of the best tokens of a vocabulary; absent: none. `OUT_OF_MEMORY` where there is no room for them. */
export function topOf(top: unknown, vocabSize: number): number {
  const best = top === undefined ? 0 : Math.min(integerOption("top", top, 0, 2 ** 32 - 1), vocabSize);
  reserve(BYTES_PER_LOGPROB * best);
  return best;
}

/** Whether the processed probabilities are meant; absent: the raw ones. */
export function isProcessed(of: unknown): boolean {
  if (of === undefined || of === "raw") return false;
  if (of === "processed") return true;
  throw badOption("of", `of must be "raw" or "processed", not ${typeof of === "string" ? `"${of}"` : kindOf(of)}`);
}
