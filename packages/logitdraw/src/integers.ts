// Converts integers for WebAssembly: seeds of any size, token ids.

import { attachedList, isArrayLike, ownCopy } from "./arrays.js";
import { badOption, kindOf, LogitdrawError } from "./errors.js";
import { checkRoomForTokens } from "./room.js";

/** An integer of any size: sign and little-endian 32-bit words. */
export interface Integer {
  negative: boolean;
  words: Uint32Array;
}

/** Converts a seed or sequence. Refuses numbers too large to be exact (a bigint is exact at any size), and -0, which is no integer. */
export function integer(name: string, value: unknown): Integer {
  let rest: bigint;
  if (typeof value === "bigint") rest = value;
  else if (Number.isSafeInteger(value) && !Object.is(value, -0)) rest = BigInt(value as number);
  else
    throw badOption(
      name,
      `${name} must be an integer, a bigint where it is beyond 2^53, not ${Object.is(value, -0) ? "-0" : kindOf(value)}`,
    );
  const negative = rest < 0n;
  if (negative) rest = -rest;
  const words: number[] = [];
  for (; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return { negative, words: Uint32Array.from(words) };
}

/** Returns the bigint of a sign and little-endian words. */
export function toBigInt(negative: boolean, words: Uint32Array): bigint {
  const magnitude = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return negative ? -magnitude : magnitude;
}

/** Whether a value can be a token id of any vocabulary. */
export function isId(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 0xffffffff && Number.isInteger(value);
}

/**
 * Returns token ids as the core takes them. `INVALID_TOKEN` with the index of the first element that is no id; the core checks whether
 * ids are in the vocabulary. `OUT_OF_MEMORY` for too many.
 */
export function tokenIds(tokens: unknown): Uint32Array {
  const list = checkTokens(tokens);
  const ids = list instanceof Uint32Array ? ownCopy(list) : idsFrom(list, 0);
  checkRoomForTokens(ids.length);
  return ids;
}

/** Tokens as callers pass them. */
export type Tokens = ArrayLike<unknown>;

/** Checks that tokens are an array: `INVALID_TOKEN` for anything else, `WRONG_LENGTH` for a detached one. */
export function checkTokens(tokens: unknown, what = "tokens"): Tokens {
  if (isArrayLike(tokens)) return attachedList(tokens);
  throw new LogitdrawError("INVALID_TOKEN", `${what} must be an array, not ${kindOf(tokens)}`);
}

/** Returns the ids of the tokens from index `start` on. `INVALID_TOKEN` with the index of the first that is no id, or not below `end`. */
export function idsFrom(tokens: Tokens, start: number, end = 2 ** 32): Uint32Array {
  // Collected one by one, not allocated by length: an object need not have as many elements as its length says.
  const ids: number[] = [];
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    const id = typeof token === "bigint" ? Number(token) : token;
    if (!isId(id))
      throw new LogitdrawError("INVALID_TOKEN", `token ${index} is not an id: ${kindOf(token)}`, { index });
    if (id >= end) {
      throw new LogitdrawError("INVALID_TOKEN", `token ${id} is outside the vocabulary of ${end}`, { index });
    }
    ids.push(id);
  }
  return Uint32Array.from(ids);
}

/** Checks a single token id: `INVALID_TOKEN` for anything else. */
export function tokenId(token: unknown): number {
  if (isId(token)) return token;
  throw new LogitdrawError("INVALID_TOKEN", `a token is an integer of at least 0, not ${kindOf(token)}`);
}
