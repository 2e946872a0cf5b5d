// Integers on their way into WebAssembly: seeds of any size, token ids.

import { badOption, kindOf, LogitdrawError } from "./errors.js";
import { apart, reserveTokens, soundList } from "./room.js";

/** An integer of any size: sign and little-endian 32-bit words. */
export interface Integer {
  negative: boolean;
  words: Uint32Array;
}

/** A seed or sequence. A number that cannot hold its integer exactly is refused (a bigint can), and so is -0, which is none. */
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

/** The bigint of sign and words. */
export function toBigInt(negative: boolean, words: Uint32Array): bigint {
  const magnitude = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return negative ? -magnitude : magnitude;
}

/** Whether it is an array of any kind, typed ones included. */
export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Whether it can be read like an array: typed and plain ones, and objects with a length. */
function hasLength(value: unknown): value is ArrayLike<unknown> {
  if (typeof value !== "object" || value === null) return false;
  const { length } = value as ArrayLike<unknown>;
  return Number.isSafeInteger(length) && length >= 0;
}

/** Whether a number can be a token id of some vocabulary at all. */
export function isId(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 0xffffffff && Number.isInteger(value);
}

/**
 * Token ids as the core takes them. `INVALID_TOKEN` names the first that is no id; whether it is one of this
 * vocabulary the core says. `OUT_OF_MEMORY` for too many.
 */
export function tokenIds(tokens: unknown): Uint32Array {
  const ids = checkTokens(tokens) instanceof Uint32Array ? apart(tokens as Uint32Array) : idsFrom(tokens as Tokens, 0);
  reserveTokens(ids.length);
  return ids;
}

/** Tokens as they come from outside. */
export type Tokens = ArrayLike<unknown>;

/** `INVALID_TOKEN` for what is no array, `WRONG_LENGTH` for a detached one. */
export function checkTokens(tokens: unknown, what = "tokens"): Tokens {
  if (hasLength(tokens)) return soundList(tokens);
  throw new LogitdrawError("INVALID_TOKEN", `${what} must be an array, not ${kindOf(tokens)}`);
}

/** The ids of tokens from a place on. `INVALID_TOKEN` names the first that is none, or none below `end`. */
export function idsFrom(tokens: Tokens, start: number, end = 2 ** 32): Uint32Array {
  // One after the other: what has a length need not have as many elements.
  const ids: number[] = [];
  for (let index = start; index < tokens.length; index++) {
    const token = tokens[index];
    const id = typeof token === "bigint" ? Number(token) : token;
    if (!isId(id)) throw new LogitdrawError("INVALID_TOKEN", `token ${index} is no id: ${kindOf(token)}`, { index });
    if (id >= end) {
      throw new LogitdrawError("INVALID_TOKEN", `token ${id} is outside the vocabulary of ${end}`, { index });
    }
    ids.push(id);
  }
  return Uint32Array.from(ids);
}

/** One token id. */
export function tokenId(token: unknown): number {
  if (isId(token)) return token;
  throw new LogitdrawError("INVALID_TOKEN", `a token is an integer of at least 0, not ${kindOf(token)}`);
}
