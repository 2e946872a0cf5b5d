// Compares a whole sequence with the history that it should continue.

import { tagOf } from "./arrays.js";
import { LogitdrawError } from "./errors.js";
import type { Tokens } from "./integers.js";

/**
 * Throws `INVALID_TOKEN` with the index of the first token that differs from the history, or of the sequence's end if that is shorter.
 * Every token is compared and none copied, since callers pass the whole sequence with each new token.
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

/** Returns 64-bit integers as 32-bit halves, undefined for other arrays: comparing both halves costs far less than making a bigint. */
function halvesOf(tokens: Tokens): Uint32Array | undefined {
  const tag = tagOf(tokens);
  if (tag !== "BigInt64Array" && tag !== "BigUint64Array") return undefined;
  const { buffer, byteOffset, length } = tokens as BigInt64Array;
  return new Uint32Array(buffer, byteOffset, 2 * length);
}
