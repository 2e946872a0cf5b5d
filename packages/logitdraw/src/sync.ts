// A whole sequence beside a history of which it should be the continuation.

import { LogitdrawError } from "./errors.js";
import type { Tokens } from "./integers.js";
import { tagOf } from "./logits.js";

/**
 * `INVALID_TOKEN` naming the first place where a sequence differs from the history, or its end where it is shorter. Every token is
 * looked at and none copied: callers hand over the whole sequence with each token.
 */
export function checkContinues(tokens: Tokens, history: Uint32Array): void {
  const place = firstDifference(tokens, history);
  if (place === history.length) return;
  const message = `the history and the sequence differ at ${place}`;
  throw new LogitdrawError("INVALID_TOKEN", message, { index: place });
}

function firstDifference(tokens: Tokens, history: Uint32Array): number {
  const end = Math.min(tokens.length, history.length);
  const halves = halvesOf(tokens);
  let place = 0;
  if (halves !== undefined) {
    while (place < end && halves[2 * place] === history[place] && halves[2 * place + 1] === 0) place++;
  } else if (tagOf(tokens) === "Uint32Array") {
    const ids = tokens as Uint32Array;
    while (place < end && ids[place] === history[place]) place++;
  } else {
    while (place < end && numberAt(tokens, place) === history[place]) place++;
  }
  return place;
}

function numberAt(tokens: Tokens, place: number): unknown {
  const token = tokens[place];
  return typeof token === "bigint" ? Number(token) : token;
}

/** 64-bit integers as what they are made of: a bigint each would cost far more than looking at both halves. */
function halvesOf(tokens: Tokens): Uint32Array | undefined {
  const tag = tagOf(tokens);
  if (tag !== "BigInt64Array" && tag !== "BigUint64Array") return undefined;
  const { buffer, byteOffset, length } = tokens as BigInt64Array;
  return new Uint32Array(buffer, byteOffset, 2 * length);
}
