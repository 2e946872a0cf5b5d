// Compares with llama.cpp's own compiled samplers: which tokens survive, their probabilities, and the tokens that its generator draws.

import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Sampler, type SamplerOptions } from "../src/index.js";
import { vectors } from "./helpers.js";

const { cases, streams } = vectors("llama_samplers");
const { streams: changing } = vectors("llama_streams");

interface Vector {
  kind: string;
  V: number;
  seed: number;
  options: Record<string, unknown>;
  history?: number[];
  note?: string;
}

/** Makes a row of logits by the formula that the vectors were made with. */
function logits({ V, seed }: Vector): Float32Array {
  return Float32Array.from({ length: V }, (_, i) => {
    const h = Number((BigInt(i) * 2654435761n + BigInt(seed) * 40503n) % 2n ** 32n);
    const t = (Math.floor(h / 256) / 2 ** 24) ** 2;
    return 24 * (t * t) - 8;
  });
}

function make({ V, options, history }: Vector, more: Partial<SamplerOptions> = {}): Sampler {
  const { logitBias, ...rest } = options;
  const bias = (logitBias as [number, number | string][] | undefined)?.map(([id, b]) => [id, Number(b)] as const);
  const all = { ...rest, ...(bias && { logitBias: new Map(bias) }), order: "llama.cpp", vocabSize: V, ...more };
  return new Sampler(all as SamplerOptions).prompt(history ?? []);
}

const crcOf = (ids: readonly number[]): number => crc32(new Uint8Array(Uint32Array.from(ids).buffer));

describe("survivors and probabilities equal llama.cpp's", () => {
  test.each(
    (cases as (Vector & { kept: number; kept_crc32: number; top: [number, number][] })[]).map(
      (c) => [c.kind, JSON.stringify(c.options), c] as const,
    ),
  )("%#: %s %s", (_, __, vector) => {
    const law = make(vector).distribution(logits(vector));
    // In float32, not only masked tokens but also possible ones may have probability 0: only the log-probabilities tell them apart.
    const listed = make(vector)
      .logprobs(logits(vector), { top: vector.V, of: "processed" })
      .map(({ token }) => token)
      .sort((a, b) => a - b);
    const counted = vector.note?.includes("llama.cpp's n in ln n");
    expect(listed.length).toBe(vector.kept);
    expect(crcOf(listed)).toBe(vector.kept_crc32);
    if (counted) return;
    for (const [id, p] of vector.top) expect(Math.abs((law[id] as number) / p - 1)).toBeLessThan(5e-6);
  });
});

describe("draws from one row equal llama.cpp's", () => {
  test.each(
    (streams as (Vector & { rng_seed: number; draws: number; tokens: number[] })[]).map(
      (s) => [s.kind, s.rng_seed, s] as const,
    ),
  )("%#: %s, seed %d", (_, seed, vector) => {
    const sampler = make(vector, { generator: "llama.cpp", seed });
    const row = logits(vector);
    const drawn = Array.from({ length: vector.draws }, () => sampler.sample(row));
    expect(drawn).toEqual(vector.tokens);
    sampler.rollback(vector.draws - 5);
    expect(Sampler.restore(sampler.save()).sample(row)).toBe(vector.tokens[5]);
  });
});

describe("draws from changing rows equal llama.cpp's", () => {
  type Stream = Vector & { rng_seed: number; masked?: "third" | "alone"; tokens: number[] };

  /** Makes the row of a step, by the rule in the vectors' file. */
  function rowOf(stream: Stream, step: number): Float32Array {
    const { V, seed, masked } = stream;
    const isMasked = (id: number) =>
      (masked === "third" && id % 3 === step % 3) || (masked === "alone" && step % 2 === 1 && id !== (seed + step) % V);
    return logits({ ...stream, seed: seed + 100003 * step }).map((x, id) => (isMasked(id) ? -Infinity : x));
  }

  test.each((changing as Stream[]).map((s, i) => [i, s.kind, s] as const))("%d: %s", (_, __, stream) => {
    const sampler = make(stream, { generator: "llama.cpp", seed: stream.rng_seed });
    const rows = stream.tokens.map((_, step) => rowOf(stream, step));
    expect(rows.map((row) => sampler.sample(row))).toEqual(stream.tokens);
    // Rolling back restores both generators' positions before a token, however many numbers each step has used.
    sampler.rollback(stream.tokens.length - 7);
    expect(Sampler.restore(sampler.save()).sample(rows[7] as Float32Array)).toBe(stream.tokens[7]);
  });
});
