// Every format yields the same logits, and the printed numbers are those of the draws.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sampleLogits } from "@logitdraw/tiny-tales";
import fc from "fast-check";
import { Sampler } from "logitdraw";
import { parse } from "npyjs";
import { describe, expect, test } from "vitest";
import { file, logitdraw, logitdrawJson, npy } from "./command.js";

interface Sampled {
  rows: number;
  vocabSize: number;
  seed: string;
  results: { row: number; survivors: number; draws: { token: number; probability: number }[] }[];
}

const sample = (path: string, flags: readonly string[] = [], input?: Uint8Array | string) =>
  logitdrawJson<Sampled>(["sample", path, "--seed", "1", ...flags], input);
const tokens = ({ results }: Sampled) => results.map(({ draws }) => draws.map(({ token }) => token));

const LOGITS = [1, 0.5, -2, Number.NEGATIVE_INFINITY, 3, 2.25, -0.125, 0];
const FLOAT32 = Float32Array.from(LOGITS);
// The same numbers as float16 bits; each is exact in both formats.
const FLOAT16 = Uint16Array.from([0x3c00, 0x3800, 0xc000, 0xfc00, 0x4200, 0x4080, 0xb000, 0]);
const TWO_ROWS = Float32Array.from([...LOGITS, ...[...LOGITS].reverse()]);
const raw = (data: Float32Array) => Buffer.from(data.buffer);
const FLAGS = ["--n", "50"];

test("two million draws from one row are counted by token", () => {
  const path = file("two.json", "[0, 1]");
  const { status, stdout } = logitdraw(["sample", path, "--n", "2000000", "--seed", "1"]);
  expect(status).toBe(0);
  const draws = [...stdout.matchAll(/^ *(?:0 +)?([01]) +([\d,]+) +0\.\d+/gm)].map((line) =>
    Number((line[2] as string).replaceAll(",", "")),
  );
  expect(draws.reduce((sum, count) => sum + count)).toBe(2_000_000);
  // 5 standard deviations.
  expect(Math.abs((draws[0] as number) / 2e6 - 1 / (1 + Math.exp(-1)))).toBeLessThan(5 * Math.sqrt(0.2 / 2e6));
});

describe("formats", () => {
  const expected = sample(file("plain.f32", raw(FLOAT32)), FLAGS);
  const jsonText = JSON.stringify(LOGITS).replace("null", "-Infinity");

  test.each<[string, string, Uint8Array | string]>([
    [".npy float32 [V]", "a.npy", npy("<f4", [8], FLOAT32)],
    [".npy float32 [1, V]", "b.npy", npy("<f4", [1, 8], FLOAT32)],
    [".npy float16", "c.npy", npy("<f2", [8], FLOAT16)],
    [".npy float64", "d.npy", npy("<f8", [8], Float64Array.from(LOGITS))],
    [".json with Python's -Infinity", "e.json", jsonText],
    [".json of rows", "f.json", `[${jsonText}]`],
    [".json with a byte order mark", "k.json", `\ufeff${jsonText}`],
    ["an unknown extension with JSON and a byte order mark", "k.bin", `\ufeff${jsonText}`],
    [
      ".json with quotes, backslashes and Python's words inside strings",
      "l.json",
      `{"note": "-Infinity and NaN", "a\\\\": "\\"NaN\\\\", "logits": ${jsonText}, "NaN": [NaN]}`,
    ],
    ['.json with a key "logits"', "g.json", `{"model": "m", "logits": ${jsonText}}`],
    ["an unknown extension with .npy content", "h.bin", npy("<f4", [8], FLOAT32)],
    ["an unknown extension with JSON", "i.bin", ` ${jsonText}`],
    ["an unknown extension with raw numbers", "j.bin", raw(FLOAT32)],
  ])("%s", (_, name, content) => {
    const path = file(name, content);
    expect({ ...sample(path, FLAGS), file: "" }).toEqual({ ...expected, file: "" });
    expect({ ...sample("-", FLAGS, content), file: "" }).toEqual({ ...expected, file: "" });
  });

  test("an extension decides, in capitals too, even if the content looks like text", () => {
    const text = "1234".repeat(3);
    const expected = { rows: 1, vocabSize: 3 };
    for (const name of ["text.f32", "TEXT.F32"]) expect(sample(file(name, text))).toMatchObject(expected);
  });

  test("rows of .npy, Fortran-order .npy, JSON and raw with --row-length are the same", () => {
    const expected = sample(file("rows.npy", npy("<f4", [2, 8], TWO_ROWS)), FLAGS);
    expect(expected).toMatchObject({ rows: 2, vocabSize: 8 });
    const columns = Float32Array.from({ length: 16 }, (_, i) => TWO_ROWS[(i % 2) * 8 + (i >> 1)] as number);
    const fortran = file("fortran.npy", npy("<f4", [2, 8], columns, true));
    const json = file(
      "rows.json",
      `[${[TWO_ROWS.subarray(0, 8), TWO_ROWS.subarray(8)].map((row) => `[${[...row].join()}]`).join()}]`,
    );
    for (const same of [
      sample(fortran, FLAGS),
      sample(json, FLAGS),
      sample(file("rows.f32", raw(TWO_ROWS)), [...FLAGS, "--row-length", "8"]),
    ]) {
      expect(tokens(same)).toEqual(tokens(expected));
    }
    for (const row of [0, 1]) {
      expect(sample(fortran, ["--row", `${row}`])).toMatchObject({ rows: 2, results: [{ row }] });
    }
  });

  test("--remove-invalid-values replaces Python's NaN and infinities in JSON as in .npy", () => {
    const flags = ["--remove-invalid-values", "--n", "50"];
    const infinite = [NaN, 2, Infinity, -Infinity, 1];
    const expected = sample(file("invalid.npy", npy("<f4", [5], Float32Array.from(infinite))), flags);
    expect(tokens(sample(file("invalid.json", `[${infinite.join(", ")}]`), flags))).toEqual(tokens(expected));
  });

  test("a vocabulary of 128,256 is read from JSON", () => {
    const logits = Array.from({ length: 128_256 }, (_, i) => (i % 3 === 0 ? -Infinity : Math.fround(Math.sin(i))));
    const expected = sample(file("large.f32", raw(Float32Array.from(logits))), FLAGS);
    expect(tokens(sample(file("large.json", `[${logits.join(", ")}]`), FLAGS))).toEqual(tokens(expected));
  });

  test("every float16 becomes the float32 of the same value", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const { data } = parse(new Uint8Array(npy("<f2", [65536], bits)).buffer);
    const floats = data as Float32Array;
    // Converted independently of npyjs: builds the bits of the float32 by shifting; a subnormal is its fraction times 2^-24.
    const word = new Uint32Array(1);
    const float = new Float32Array(word.buffer);
    for (const half of bits) {
      const [sign, exponent, fraction] = [half >> 15, (half >> 10) & 31, half & 1023];
      word[0] = ((sign << 31) | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13)) >>> 0;
      if (exponent === 0) float[0] = (sign ? -1 : 1) * fraction * 2 ** -24;
      expect(floats[half]).toEqual(float[0]);
    }
  });
});

describe("output", () => {
  const tales = fileURLToPath(sampleLogits);
  const expected = JSON.parse(readFileSync(new URL("tiny-tales-32.json", sampleLogits), "utf8")) as { top: number[] };

  const { data } = parse(new Uint8Array(readFileSync(tales)).buffer);
  const logitsOf = (row: number) => (data as Float32Array).subarray(row * 2048, (row + 1) * 2048);
  const best = (row: number, k: number) => {
    const logits = logitsOf(row);
    return [...logits.keys()].sort((a, b) => (logits[b] as number) - (logits[a] as number)).slice(0, k);
  };

  test("greedy leaves one survivor per row, the largest logit, with probability 1", () => {
    const { results, rows, vocabSize } = sample(tales, ["--temperature", "0"]);
    expect([rows, vocabSize]).toEqual([32, 2048]);
    for (const { row, survivors, draws } of results) {
      expect(survivors).toBe(1);
      expect(draws).toEqual([{ token: best(row, 1)[0], probability: 1 }]);
    }
  });

  test("the best token's probability is the one listed in tiny-tales-32.json", () => {
    const { results } = sample(tales, ["--n", "200"]);
    for (const { row, draws } of results) {
      const best = Math.max(...draws.map(({ probability }) => probability));
      expect(best).toBeLessThanOrEqual((expected.top[row] as number) + 1e-5);
      if ((expected.top[row] as number) > 0.2) expect(best).toBeCloseTo(expected.top[row] as number, 4);
    }
  });

  test("--top-k 40 leaves 40 survivors and draws only from them", () => {
    const { results } = sample(tales, ["--temperature", "0.8", "--top-k", "40", "--n", "20"]);
    for (const { row, survivors, draws } of results) {
      expect(survivors).toBe(40);
      expect(draws).toHaveLength(20);
      for (const { token } of draws) expect(best(row, 40)).toContain(token);
    }
  });

  test("each probability is that of its own draw, also where a draw changes the law of the next", () => {
    const path = file("moving.npy", npy("<f4", [2, 8], TWO_ROWS));
    using sampler = new Sampler({ vocabSize: 8, seed: 1, frequencyPenalty: 0.5 });
    for (const { row, draws } of sample(path, ["--frequency-penalty", "0.5", ...FLAGS]).results) {
      const logits = TWO_ROWS.subarray(row * 8, (row + 1) * 8);
      expect(draws).toHaveLength(50);
      for (const draw of draws) {
        const law = sampler.distribution(logits);
        const token = sampler.sample(logits);
        expect(draw).toEqual({ token, probability: law[token] });
      }
    }
  });

  test("the table shows the values of the JSON", () => {
    const flags = ["--temperature", "0.8", "--top-k", "40"];
    const { results } = sample(tales, flags);
    const { stdout } = logitdraw(["sample", tales, "--seed", "1", ...flags]);
    const lines = stdout.trim().split("\n").slice(3);
    expect(lines.map((line) => line.trim().split(/\s+/))).toEqual(
      results.map(({ row, survivors, draws }) => {
        const [{ token, probability }] = draws as [{ token: number; probability: number }];
        return [
          row,
          token,
          probability >= 0.0001 ? probability.toFixed(4) : probability.toExponential(1),
          survivors,
        ].map(String);
      }),
    );
    expect(stdout).toContain("temperature 0.8, topK 40, seed 1\n");
  });

  test("the table lists tokens drawn equally often by ascending id, at most 20 of a row", () => {
    // Without repetition, as many draws as there are tokens draw each of them once.
    const each = (vocabSize: number) => {
      const path = file("flat.f32", raw(new Float32Array(vocabSize)));
      const flags = ["--n", `${vocabSize}`, "--no-repeat-ngram-size", "1", "--seed", "1"];
      const { stdout, stderr } = logitdraw(["sample", path, ...flags]);
      const lines = stdout.trimEnd().split("\n").slice(3);
      return { cells: lines.map((line) => line.trim().split(/\s+/)), stderr };
    };
    const { cells, stderr } = each(20);
    expect(cells.map((line) => (line.length === 5 ? line[1] : line[0]))).toEqual(
      Array.from({ length: 20 }, (_, id) => `${id}`),
    );
    expect(cells.map((line) => line.length)).toEqual([5, ...new Array(19).fill(3)]);
    expect(cells[0]).toMatchObject(["0", "0", "1", expect.anything(), "20"]);
    expect(stderr).toBe("");
    const more = each(21);
    expect(more.cells).toHaveLength(20);
    expect(more.stderr).toBe("row 0: 1 rarer token not shown (--json has all)\n");
  });

  test("a bias of -Infinity is a string in JSON and in the heading", () => {
    const flags = ["--logit-bias", "1:-Infinity,2:3"];
    const path = file("bias.json", "[1, 2, 3]");
    expect(logitdrawJson(["sample", path, ...flags])).toMatchObject({
      options: { logitBias: { 1: "-Infinity", 2: 3 } },
    });
    expect(logitdraw(["sample", path, ...flags]).stdout).toContain('logitBias {"1":"-Infinity","2":3}');
  });

  test("--order accepts a single stage", () => {
    const flags = ["--order", "topK", "--top-k", "2"];
    expect(sample(file("chain.json", "[1, 2, 3]"), flags)).toMatchObject({ results: [{ survivors: 2 }] });
  });

  test.each([
    { before: ["--p-less"], pLess: true },
    { before: ["--p-less", "norm"], pLess: "norm" },
  ])("$before does not take the file as its value", ({ before, pLess }) => {
    const path = file("p-less.json", "[1, 2, 3]");
    expect(logitdrawJson(["sample", ...before, path])).toMatchObject({ file: path, options: { pLess } });
  });

  test("without --seed a random seed is printed, which repeats the draws when given", () => {
    const first = logitdrawJson<Sampled>(["sample", tales, "--n", "5"]);
    const again = logitdrawJson<Sampled>(["sample", tales, "--n", "5", "--seed", first.seed]);
    expect(tokens(again)).toEqual(tokens(first));
    expect(logitdrawJson<Sampled>(["sample", tales]).seed).not.toBe(first.seed);
    expect(logitdraw(["sample", tales]).stdout).toMatch(/seed \d+/);
  });
});

test("for any finite and masked logits, draws and survivors are those of top-k", () => {
  const finite = fc.float({ min: -1000, max: 1000, noNaN: true });
  const row = fc.array(fc.oneof({ weight: 4, arbitrary: finite }, fc.constant(Number.NEGATIVE_INFINITY)), {
    minLength: 1,
    maxLength: 80,
  });
  const some = row.filter((logits) => logits.some(Number.isFinite));
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 90 }), (logits, k) => {
      const { results } = sample(
        "-",
        ["--format", "f32", "--top-k", `${k}`, "--temperature", "500", "--n", "3"],
        raw(Float32Array.from(logits)),
      );
      const sorted = logits.filter(Number.isFinite).sort((a, b) => b - a);
      const threshold = sorted[Math.min(k, sorted.length) - 1] as number;
      expect(results[0]?.survivors).toBe(sorted.filter((x) => x >= threshold).length);
      for (const { token } of results[0]?.draws ?? []) expect(logits[token]).toBeGreaterThanOrEqual(threshold);
    }),
    { numRuns: 15 },
  );
});
