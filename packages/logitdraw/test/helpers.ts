// What the tests share: rows, vectors, and what an error says.

import { readFileSync } from "node:fs";
import { LogitdrawError } from "../src/index.js";

/** The textbook's nine logits. */
export const NINE = [4.51, 0.89, -1.9, 6.75, 1.63, -1.62, -1.89, 6.28, 1.79] as const;

/** A file of `test/vectors`. */
export function vectors(name: string) {
  return JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}.json`, import.meta.url), "utf8"));
}

/** Logits that look like a model's, the same for the same seed: sums of four uniforms, spread to 3 or so. */
export function row(vocabSize: number, seed = 1, spread = 5): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length: vocabSize }, () => spread * (uniform() + uniform() + uniform() + uniform() - 2));
}

/** What a call throws: its code and places. Anything but a LogitdrawError is thrown on. */
export function refusal(call: () => unknown): Partial<LogitdrawError> {
  try {
    call();
  } catch (error) {
    if (!(error instanceof LogitdrawError)) throw error;
    const { code, option, index, row: at, message } = error;
    if (message === "") throw new Error("an error without a sentence");
    return Object.fromEntries(
      Object.entries({ code, option, index, row: at }).filter(([, value]) => value !== undefined),
    );
  }
  throw new Error("nothing was thrown");
}

/** Bits of float16 nearest to x, for x that float16 holds exactly or nearly. */
export function float16(x: number): number {
  if (x === 0) return 0;
  const sign = x < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(x);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  const fraction = Math.round((magnitude / 2 ** exponent - 1) * 1024);
  return sign | (((exponent + 15) << 10) + fraction);
}
