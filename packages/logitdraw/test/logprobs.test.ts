// Log-probabilities and guidance, compared with float64, and with the draws made without them.

import { describe, expect, test } from "vitest";
import { type Logits, LogitsBuffer, Sampler, type SamplerOptions, type TokenLogprob } from "../src/index.js";
import { float16, NINE, refusal, row } from "./helpers.js";
import { CASES, softmax } from "./model.js";

const V = 150;
const logits = row(V, 3, 4);

/** Computes the expected result from a row of logits or of log-probabilities. */
function model(x: readonly number[], tokens: readonly number[], top = 0): TokenLogprob[] {
  const p = softmax(x);
  const of = (token: number) => ({
    token,
    logprob: Math.log(p[token] as number),
    rank: p.filter((other) => other >= (p[token] as number)).length,
  });
  const best = [...x.keys()].sort((a, b) => (x[b] as number) - (x[a] as number) || a - b);
  return [...tokens, ...best.slice(0, top).filter((id) => x[id] !== Number.NEGATIVE_INFINITY)].map(of);
}

const close = (found: readonly TokenLogprob[], expected: readonly TokenLogprob[]) => {
  expect(found.map(({ token, rank }) => [token, rank])).toEqual(expected.map(({ token, rank }) => [token, rank]));
  found.forEach(({ logprob }, i) => {
    const wanted = expected[i]?.logprob as number;
    if (Number.isFinite(wanted)) expect(Math.abs(logprob - wanted)).toBeLessThan(1e-5);
    else expect(logprob).toBe(wanted);
  });
};

describe("logprobs", () => {
  const options = { vocabSize: V, temperature: 0.5, topK: 10, seed: 1 };

  test("raw log-probabilities are those of the given logits, regardless of options and mask", () => {
    const sampler = new Sampler({ ...options, suppressTokens: [5], repetitionPenalty: 2 }).prompt([7]);
    const mask = new Uint32Array(5);
    const found = sampler.logprobs(logits, { tokens: [5, 7, 5], top: 12, mask });
    close(found, model([...logits], [5, 7, 5], 12));
    expect(sampler.step).toBe(0);
    expect(sampler.logprobs(logits)).toEqual([]);
    expect(sampler.logprobs(logits, { tokens: [] })).toEqual([]);
  });

  test("processed log-probabilities are the logarithms of distribution", () => {
    for (const kind of [
      {},
      { topK: 0, topP: 0.9 },
      { topK: 0, mirostat: { version: 2 as const } },
      { temperature: 0 },
    ]) {
      const sampler = new Sampler({ ...options, ...kind });
      const law = sampler.distribution(logits);
      const tokens = [...law.keys()];
      const found = sampler.logprobs(logits, { tokens, of: "processed" });
      found.forEach(({ token, logprob }, i) => {
        expect(token).toBe(i);
        expect(Math.exp(logprob)).toBeCloseTo(law[i] as number, 5);
      });
      const best = sampler.logprobs(logits, { top: V, of: "processed" });
      expect(best.length).toBe(law.reduce((n, p) => n + (p > 0 ? 1 : 0), 0));
      expect(best[0]?.rank).toBe(1);
    }
  });

  test("tied tokens share the last of their ranks, and top lists them by ascending id", () => {
    const sampler = new Sampler({ vocabSize: 5 });
    const ties = [1, 2, 2, Number.NEGATIVE_INFINITY, 0];
    close(sampler.logprobs(ties, { tokens: [1, 0], top: 3 }), model(ties, [1, 0], 3));
    expect(sampler.logprobs(ties, { tokens: [1, 2], top: 5 }).map(({ rank }) => rank)).toEqual([2, 2, 2, 2, 3, 4]);
    expect(sampler.logprobs(ties, { tokens: [3] })).toEqual([{ token: 3, logprob: Number.NEGATIVE_INFINITY, rank: 5 }]);
  });

  test("tokens, top and of are checked", () => {
    const sampler = new Sampler({ vocabSize: 9 });
    for (const bad of [9, -1, 1.5, "1", null]) {
      const call = () => sampler.logprobs(NINE, { tokens: [1, bad as number] });
      expect(refusal(call)).toEqual({ code: "INVALID_TOKEN", index: 1 });
    }
    for (const tokens of [null, 5, "12"]) {
      expect(refusal(() => sampler.logprobs(NINE, { tokens: tokens as never })).code).toBe("INVALID_TOKEN");
    }
    for (const name of ["logprobs", "sampleWithLogprobs"] as const) {
      const refuse = (options: object) => refusal(() => sampler[name](NINE, options));
      for (const top of [-1, 1.5, Number.NaN, "1", null, 2 ** 53]) {
        expect(refuse({ top })).toEqual({ code: "INVALID_OPTION", option: "top" });
      }
      for (const of of ["both", "", null, 1]) expect(refuse({ of })).toEqual({ code: "INVALID_OPTION", option: "of" });
      expect(refuse({ tpo: 1 })).toEqual({ code: "UNKNOWN_OPTION", option: "tpo" });
      expect(refuse({ top: 2, mask: 1 })).toEqual({ code: "INVALID_OPTION", option: "mask" });
    }
    expect(refusal(() => sampler.sampleWithLogprobs(NINE, { tokens: [1] } as object)).code).toBe("UNKNOWN_OPTION");
    expect(sampler.logprobs(NINE, { top: 2 ** 53 - 1 }).length).toBe(9);
    expect(sampler.step).toBe(0);
  });

  test("raw log-probabilities do not call prefixAllowedTokens, processed ones do", () => {
    let calls = 0;
    const prefixAllowedTokens = () => {
      calls++;
      return [3];
    };
    const sampler = new Sampler({ vocabSize: V, seed: 1, prefixAllowedTokens });
    const twin = new Sampler({ vocabSize: V, seed: 1 });
    expect(sampler.logprobs(logits, { top: 4 })).toEqual(twin.logprobs(logits, { top: 4 }));
    expect(calls).toBe(0);
    expect(sampler.logprobs(logits, { top: 4, of: "processed" })).toEqual([{ token: 3, logprob: 0, rank: 1 }]);
    expect(calls).toBe(1);
  });

  test("the error for bad logits names the index, raw or processed", () => {
    const sampler = new Sampler({ vocabSize: 9, seed: 1, generator: "torch" });
    const twin = sampler.clone();
    const bad = Float32Array.from(NINE, (x, i) => (i === 4 ? Number.NaN : x));
    for (const of of ["raw", "processed"] as const) {
      expect(refusal(() => sampler.logprobs(bad, { top: 1, of }))).toEqual({ code: "INVALID_LOGITS", index: 4 });
      expect(refusal(() => sampler.sampleWithLogprobs(bad, { top: 1, of }))).toEqual({
        code: "INVALID_LOGITS",
        index: 4,
      });
    }
    expect(sampler.sample(NINE)).toBe(twin.sample(NINE));
  });
});

describe("sampleWithLogprobs", () => {
  const uniforms = [0.1, 0.9, 0.4, 0.7];
  const kinds: [string, Partial<SamplerOptions>][] = [
    ...Object.entries(CASES).map(([name, { options }]): [string, Partial<SamplerOptions>] => [name, options]),
    ...(["torch", "torch-mkl", "numpy", "numpy-legacy", "llama.cpp"] as const).map(
      (generator): [string, Partial<SamplerOptions>] => [generator, { generator, topK: 30 }],
    ),
    ["topP deferred to the draw", { topP: 0.9, temperature: 1.5 }],
  ];

  test.each(kinds)("draws the same tokens as sample, with their log-probabilities: %s", (_, options) => {
    const make = () => new Sampler({ ...options, vocabSize: 300, seed: 5 });
    for (const of of ["raw", "processed"] as const) {
      const [plain, telling] = [make(), make()];
      for (let step = 0; step < 6; step++) {
        const x = row(300, 40 + step, 4);
        const law = telling.distribution(x);
        const before = telling.clone();
        const { top, ...drawn } = telling.sampleWithLogprobs(x, { top: 4, of });
        expect(drawn.token).toBe(plain.sample(x));
        if (of === "raw") close([drawn, ...top], model([...x], [drawn.token], 4));
        else if (options.xtc === undefined) {
          expect(Math.exp(drawn.logprob)).toBeCloseTo(law[drawn.token] as number, 5);
          expect([drawn, ...top]).toEqual(before.logprobs(x, { tokens: [drawn.token], top: 4, of }));
        }
      }
      expect([telling.step, telling.history]).toEqual([6, plain.history]);
    }
  });

  test("calls a generator function once per draw and leaves the rows of a buffer unchanged", () => {
    let calls = 0;
    const generator = () => uniforms[calls++ % 4] as number;
    const [sampler, twin] = [1, 2].map(() => new Sampler({ vocabSize: V, generator, repetitionPenalty: 1.5 }));
    const buffer = new LogitsBuffer(V, 2);
    buffer.data.set(logits, V);
    for (let i = 0; i < 4; i++) {
      const { token } = (sampler as Sampler).sampleWithLogprobs(buffer.row(1), { top: 2 });
      expect(calls).toBe(i + 1);
      expect([...buffer.data.subarray(V)]).toEqual([...logits]);
      calls = i;
      expect((twin as Sampler).sample(logits)).toBe(token);
    }
  });
});

describe("guidance", () => {
  const other = row(V, 9, 4);

  test("plain numbers, float32, float16 and buffer rows give the same distributions and tokens", () => {
    const exact = Float32Array.from({ length: V }, (_, i) => ((i * 29) % 64) / 8 - 4);
    const buffer = new LogitsBuffer(V, 2);
    buffer.data.set(exact, V);
    const bits = Uint16Array.from(exact, float16);
    const make = () => new Sampler({ vocabSize: V, seed: 3, topK: 20 });
    const expected = make().distribution(exact, { guidance: { unconditional: exact, scale: 1 } });
    expected.forEach((p, i) => {
      expect(p).toBeCloseTo(make().distribution(exact)[i] as number, 6);
    });
    const halves = make().distribution(bits, { dtype: "float16", guidance: { unconditional: bits, scale: 1 } });
    expect(halves).toEqual(expected);
    const law = make().distribution(exact, { guidance: { unconditional: other, scale: 2 } });
    buffer.data.set(other, 0);
    const kinds: [Logits, Parameters<Sampler["sample"]>[1]][] = [
      [exact, { guidance: { unconditional: [...other], scale: 2 } }],
      [[...exact], { guidance: { unconditional: buffer.row(0), scale: 2 } }],
      [bits, { dtype: "float16", guidance: { unconditional: other, scale: 2 } }],
    ];
    for (const [x, call] of kinds) expect(make().distribution(x, call)).toEqual(law);
    const call = { guidance: { unconditional: buffer.row(0), scale: 2 } };
    expect(make().distribution(buffer.row(1), call)).toEqual(law);
    const [plain, inPlace, telling] = [make(), make(), make()];
    for (let i = 0; i < 20; i++) {
      buffer.data.set(exact, V);
      const token = plain.sample(exact, { guidance: { unconditional: other, scale: 2 } });
      expect(inPlace.sample(buffer.row(1), call)).toBe(token);
      expect(telling.sampleWithLogprobs(exact, call).token).toBe(token);
    }
  });

  test("a token masked in logits stays masked, one masked only in unconditional does not", () => {
    const sampler = new Sampler({ vocabSize: 3 });
    const GONE = Number.NEGATIVE_INFINITY;
    const law = sampler.distribution([1, GONE, 1], { guidance: { unconditional: [GONE, 5, 1], scale: 3 } });
    expect(law[1]).toBe(0);
    expect(law[0]).toBeGreaterThan(0);
  });

  test("bad guidance is refused and leaves the sampler unchanged", () => {
    const sampler = new Sampler({ vocabSize: V, seed: 1, generator: "numpy" });
    const twin = sampler.clone();
    const refuse = (guidance: unknown) => refusal(() => sampler.sample(logits, { guidance } as object));
    for (const scale of [Number.NaN, Number.POSITIVE_INFINITY, "1", null, undefined, 1n]) {
      expect(refuse({ unconditional: other, scale })).toEqual({ code: "INVALID_OPTION", option: "guidance.scale" });
    }
    expect(refuse({ scale: 1 })).toEqual({ code: "INVALID_OPTION", option: "guidance.unconditional" });
    for (const guidance of [null, 5, "x"]) {
      expect(refuse(guidance)).toEqual({ code: "INVALID_OPTION", option: "guidance" });
    }
    expect(refuse({ unconditional: other, scale: 1, scael: 1 })).toEqual({
      code: "UNKNOWN_OPTION",
      option: "guidance.scael",
    });
    const option = "guidance.unconditional";
    const short = other.subarray(1);
    expect(refuse({ unconditional: short, scale: 1 })).toEqual({ code: "WRONG_LENGTH", option, index: V - 1 });
    expect(refuse({ unconditional: null, scale: 1 })).toEqual({ code: "INVALID_LOGITS", option });
    const numbers = [1, "2", ...other.subarray(2)];
    expect(refuse({ unconditional: numbers, scale: 1 })).toEqual({ code: "INVALID_LOGITS", option, index: 1 });
    const bad = other.slice();
    bad[7] = Number.NaN;
    expect(refuse({ unconditional: bad, scale: 1 })).toEqual({ code: "INVALID_LOGITS", option, index: 7 });
    expect(refuse({ unconditional: new Uint16Array(V), scale: 1 })).toEqual({
      code: "INVALID_OPTION",
      option: "dtype",
    });
    expect(sampler.sample(logits)).toBe(twin.sample(logits));
  });
});
