// logitdraw as a contender: a row in, a token out, by the public call, with no work hidden outside the timing.

import { type SampleOptions, Sampler, type SamplerOptions } from "logitdraw";
import type { Contender } from "./measure.js";

/** What a contender of ours is made of. */
export interface Recipe {
  name: string;
  options: Omit<SamplerOptions, "vocabSize" | "seed">;
  /** How many tokens the history has before the first draw, for strategies that look back. */
  history?: number;
  /** Makes the options that are passed to each draw, for a vocabulary's size. */
  sample?: (vocabSize: number) => SampleOptions & { top?: number };
  /** Passes the logits as float16 bits instead of float32. */
  float16?: true;
  /** Calls `sampleWithLogprobs` instead of `sample`. */
  logprobs?: true;
  /** Reports the mean, which tells more if the cost of a draw is itself random. */
  mean?: true;
}

export function ours(recipe: Recipe, rows: readonly Float32Array[]): Contender {
  const vocabSize = (rows[0] as Float32Array).length;
  const sampler = new Sampler({ ...recipe.options, vocabSize, seed: 1 });
  if (recipe.history) sampler.prompt(Uint32Array.from({ length: recipe.history }, (_, i) => (i * 7919) % vocabSize));
  const given = recipe.float16 ? rows.map(float16Bits) : rows;
  const logits = (i: number) => given[i] as Float32Array;
  const dtype = recipe.float16 && { dtype: "float16" as const };
  const options = recipe.sample ? { ...recipe.sample(vocabSize), ...dtype } : dtype;
  if (recipe.logprobs) return { name: recipe.name, run: (i) => sampler.sampleWithLogprobs(logits(i), options).token };
  if (options) return { name: recipe.name, run: (i) => sampler.sample(logits(i), options) };
  // Nothing but the row, as most callers do: with an empty object, the call would take the slower, general way.
  return { name: recipe.name, run: (i) => sampler.sample(logits(i)) };
}

/** Converts float32 to the bits of the nearest float16; N(0, 3^2) stays far from both ends of its range. */
function float16Bits(row: Float32Array): Uint16Array {
  const bits = new Uint32Array(row.buffer, row.byteOffset, row.length);
  return Uint16Array.from(bits, (word) => {
    const exponent = ((word >>> 23) & 255) - 127 + 15;
    if (exponent <= 0) return (word >>> 16) & 0x8000;
    const magnitude = (exponent << 10) + ((word >>> 13) & 1023) + ((word >>> 12) & 1);
    return ((word >>> 16) & 0x8000) | magnitude;
  });
}
