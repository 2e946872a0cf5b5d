// The logits to measure with: made from a fixed seed, so that every run measures the same rows.

import { readFileSync } from "node:fs";
import { parse } from "npyjs";
import { uniform } from "./random.js";

/** The default vocabulary size: Llama 3's. */
export const VOCAB = 128_256;

/** Makes `count` rows of N(0, sigma^2), by Box and Muller. */
export function normalRows(vocabSize: number, sigma: number, count: number, seed = 1): Float32Array[] {
  const random = uniform(seed);
  return Array.from({ length: count }, () => {
    const row = new Float32Array(vocabSize);
    for (let i = 0; i < vocabSize; i += 2) {
      const radius = sigma * Math.sqrt(-2 * Math.log(1 - random()));
      const angle = 2 * Math.PI * random();
      row[i] = radius * Math.cos(angle);
      if (i + 1 < vocabSize) row[i + 1] = radius * Math.sin(angle);
    }
    return row;
  });
}

/** Returns the same rows in ascending order: the worst case for any running threshold. */
export const ascendingRows = (rows: readonly Float32Array[]): Float32Array[] => rows.map((row) => row.slice().sort());

/** 16 positions of SmolLM2-135M, V = 49,152, from nearly certain to nearly flat. */
export function smollm2Rows(): Float32Array[] {
  const file = readFileSync(new URL("../data/smollm2-16.f16.npy", import.meta.url));
  const { data, shape } = parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer);
  const [count = 0, vocabSize = 0] = shape;
  const floats = data as Float32Array;
  return Array.from({ length: count }, (_, i) => floats.slice(i * vocabSize, (i + 1) * vocabSize));
}
