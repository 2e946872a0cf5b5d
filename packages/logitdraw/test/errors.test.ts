// The table of docs/errors.md, row by row.

import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import * as logitdraw from "../src/index.js";
import { Generator, LogitdrawError, LogitsBuffer, multinomial, Sampler, sampleBatch, topK } from "../src/index.js";
import { detach, NINE, refusal } from "./helpers.js";

const nine = Float32Array.from(NINE);
const make = (options: object = {}) => new Sampler({ vocabSize: 9, seed: 1, ...options });
const bad = (value: number) => nine.map((x, i) => (i === 4 ? value : x));
const option = (name: string, code = "INVALID_OPTION") => ({ code, option: name });
const freed = <T extends { free(): void }>(thing: T): T => {
  thing.free();
  return thing;
};

const CASES: Record<string, [() => unknown, object]> = {
  "options that are not an object": [() => new Sampler(null as never), option("options")],
  "an option's value of a wrong type": [() => make({ temperature: "1" }), option("temperature")],
  "an option's value out of its range": [() => make({ topP: 1.5 }), option("topP")],
  "null where an option's value belongs": [() => make({ minP: null }), option("minP")],
  "an unknown option": [() => make({ top_k: 5 }), option("top_k", "UNKNOWN_OPTION")],
  "a stage named twice in an order": [() => make({ order: ["topK", "topK"] }), option("order")],
  "an unknown stage in an order": [() => make({ order: ["topK", "tpoP"] }), option("order")],
  "an unknown order": [() => make({ order: "openai" }), option("order")],
  "an option whose stage the order leaves out": [() => make({ topK: 5, order: ["temperature"] }), option("topK")],
  "an option without the one it needs": [() => make({ minNewTokens: 3 }), option("minNewTokens")],
  "options that exclude each other": [
    () => make({ noRepeatNgramSize: 2, noRepeatNgram: { size: 3 } }),
    option("noRepeatNgramSize"),
  ],
  "a part of an option that is missing": [() => make({ xtc: { probability: 1 } }), option("xtc.threshold")],
  "an unknown part of an option": [() => make({ xtc: { probabilty: 1 } }), option("xtc.probabilty", "UNKNOWN_OPTION")],
  "a list with an id outside the vocabulary": [
    () => make({ suppressTokens: [1, 9] }),
    { ...option("suppressTokens"), index: 1 },
  ],
  "an empty sequence": [() => make({ badWords: [[1], []] }), { ...option("badWords"), index: 1 }],
  "a bias above 3.4e38": [() => make({ logitBias: { 3: 1e39 } }), { ...option("logitBias"), index: 0 }],
  "a bias below -3.4e38": [() => make({ logitBias: { 2: -3e38, 3: -1e39 } }), { ...option("logitBias"), index: 1 }],
  "sequences without a bias": [() => make({ sequenceBias: [[[1]]] }), { ...option("sequenceBias"), index: 0 }],
  "an empty list of allowed tokens": [() => make({ allowedTokenIds: [] }), option("allowedTokenIds")],
  "a seed outside the generator's range": [() => make({ generator: "numpy", seed: -1 }), option("seed")],
  "a sequence for a generator that has none": [() => make({ generator: "torch", sequence: 1 }), option("sequence")],
  "a seed beyond 2^53 that is not a bigint": [() => make({ seed: 2 ** 60 }), option("seed")],
  "a generator function that does not return a number in [0, 1)": [
    () => make({ generator: () => 1 }).sample(nine),
    option("generator"),
  ],
  "an unknown generator": [() => new Generator({ algorithm: "mersenne" as never }), option("algorithm")],
  "a vocabulary or buffer too large for memory": [() => make({ vocabSize: 2 ** 31 }), { code: "OUT_OF_MEMORY" }],
  "logits of an unknown type": [() => make().sample(new Float64Array(9) as never), { code: "INVALID_LOGITS" }],
  "NaN in a row": [() => make().sample(bad(Number.NaN)), { code: "INVALID_LOGITS", index: 4 }],
  "+Infinity in a row": [() => make().sample(bad(Number.POSITIVE_INFINITY)), { code: "INVALID_LOGITS", index: 4 }],
  "a number beyond float32 in a row": [
    () => make().sample(NINE.map((x, i) => (i === 2 ? 1e300 : x))),
    { code: "INVALID_LOGITS", index: 2 },
  ],
  "a row whose length is not the vocabulary size": [
    () => make().sample(nine.subarray(1)),
    { code: "WRONG_LENGTH", index: 8 },
  ],
  "a detached array of an option": [
    () => make({ suppressTokens: detach(Uint32Array.of(3)) }),
    { code: "WRONG_LENGTH", option: "suppressTokens" },
  ],
  "a detached mask": [
    () => make().sample(nine, { mask: detach(Uint32Array.of(3)) }),
    { code: "WRONG_LENGTH", option: "mask" },
  ],
  "a detached array, elsewhere": [() => make().prompt(detach(Uint32Array.of(3))), { code: "WRONG_LENGTH" }],
  "a row whose every token is masked": [
    () => make().sample(nine.map(() => Number.NEGATIVE_INFINITY)),
    { code: "NO_TOKEN_LEFT", index: 0 },
  ],
  "options that leave no token": [
    () => make({ suppressTokens: [0, 1, 2, 3, 4, 5, 6, 7, 8] }).sample(nine),
    { code: "NO_TOKEN_LEFT" },
  ],
  "a Uint16Array without a dtype": [() => make().sample(new Uint16Array(9)), option("dtype")],
  "a dtype that contradicts the array": [() => make().sample(nine, { dtype: "float16" }), option("dtype")],
  "a mask that is neither a Uint32Array nor an Int32Array": [
    () => make().sample(nine, { mask: [1] as never }),
    option("mask"),
  ],
  "guidance without its unconditional row": [
    () => make().sample(nine, { guidance: { scale: 2 } as never }),
    option("guidance.unconditional"),
  ],
  "a guidance scale that is not a finite number": [
    () => make().sample(nine, { guidance: { unconditional: nine, scale: Number.NaN } }),
    option("guidance.scale"),
  ],
  "NaN or +Infinity in the unconditional row": [
    () => make().sample(nine, { guidance: { unconditional: bad(Number.NaN), scale: 2 } }),
    { code: "INVALID_LOGITS", option: "guidance.unconditional", index: 4 },
  ],
  "an unconditional row whose length is not the vocabulary size": [
    () => make().sample(nine, { guidance: { unconditional: nine.subarray(1), scale: 2 } }),
    { code: "WRONG_LENGTH", option: "guidance.unconditional", index: 8 },
  ],
  "a `top` that is not an integer of at least 0": [() => make().logprobs(nine, { top: -1 }), option("top")],
  "log-probabilities of neither the raw nor the processed logits": [
    () => make().sampleWithLogprobs(nine, { of: "both" as never }),
    option("of"),
  ],
  "log-probabilities of a token outside the vocabulary": [
    () => make().logprobs(nine, { tokens: [1, 9] }),
    { code: "INVALID_TOKEN", index: 1 },
  ],
  "an `out` of the wrong array type, or in WebAssembly memory": [
    () => make().distribution(nine, { out: [] as never }),
    option("out"),
  ],
  "an `out` whose length is not that of the results": [
    () => make().distribution(nine, { out: new Float32Array(8) }),
    option("out", "WRONG_LENGTH"),
  ],
  "a token id outside the vocabulary": [() => make().accept(9), { code: "INVALID_TOKEN" }],
  "a prompt with a token outside the vocabulary": [() => make().prompt([1, 9]), { code: "INVALID_TOKEN", index: 1 }],
  "a value that is not a token id": [() => make().accept(1.5), { code: "INVALID_TOKEN" }],
  "a prefix constraint's id outside the vocabulary": [
    () => make({ prefixAllowedTokens: () => [1, 9] }).sample(nine),
    { code: "INVALID_TOKEN", index: 1 },
  ],
  "a prefix constraint that returns nothing": [
    () => make({ prefixAllowedTokens: () => undefined as never }).sample(nine),
    { code: "INVALID_TOKEN" },
  ],
  "a prefix constraint that allows nothing": [
    () => make({ prefixAllowedTokens: () => [] }).sample(nine),
    { code: "NO_TOKEN_LEFT", index: 0 },
  ],
  "a sequence that differs from the history": [
    () => make().prompt([1, 2, 3]).sync([1, 5, 3, 4]),
    { code: "INVALID_TOKEN", index: 1 },
  ],
  "a sequence that is shorter than the history": [
    () => make().prompt([1, 2, 3]).sync([1, 2]),
    { code: "INVALID_TOKEN", index: 2 },
  ],
  "a sampler that moves while its sequence is read": [
    () => {
      const sampler = make();
      const moves = {
        length: 1,
        get 0() {
          sampler.accept(1);
          return 1;
        },
      };
      sampler.sync(moves);
    },
    { code: "INVALID_STATE" },
  ],
  "a rollback of more tokens than there are": [() => make().prompt([1, 2]).rollback(3), option("count")],
  "an update of vocabSize, seed, sequence or generator": [() => make().update({ seed: 1 } as object), option("seed")],
  "an update to an impossible value": [() => make().update({ topP: 2 }), option("topP")],
  "more tokens at once than fit in memory": [
    () => {
      const size = { length: { value: 2 ** 28 + 1 }, byteLength: { value: 2 ** 30 + 4 } };
      make().prompt(Object.defineProperties(new Uint32Array(1), size));
    },
    { code: "OUT_OF_MEMORY" },
  ],
  "a probability that is negative, NaN or infinite": [
    () => multinomial([1, -1], 1),
    { code: "INVALID_PROBABILITIES", index: 1 },
  ],
  "probabilities that sum to 0": [() => multinomial([0, 0], 1), { code: "INVALID_PROBABILITIES" }],
  "more samples without replacement than tokens with a probability": [
    () => multinomial([1, 0], 2),
    { code: "INVALID_PROBABILITIES" },
  ],
  "a `replacement` that is not a boolean": [
    () => multinomial([1], 1, { replacement: 1 as never }),
    option("replacement"),
  ],
  "k of 0, or more than there are logits": [() => topK(nine, 10), option("k")],
  "a bad row of a batch": [
    () => sampleBatch([make(), make()], Float32Array.of(...nine, ...bad(Number.NaN))),
    { code: "INVALID_LOGITS", index: 4, row: 1 },
  ],
  "samplers or errors of a batch that are not an array": [
    () => sampleBatch([make()], nine, { errors: {} as never }),
    option("errors"),
  ],
  "an element of a batch that is not a sampler": [
    () => sampleBatch([{} as never], nine),
    { ...option("samplers"), row: 0 },
  ],
  "a row offset or stride that is not an integer of at least 0": [
    () => sampleBatch([make()], nine, { rowOffset: -1 }),
    option("rowOffset"),
  ],
  "an error thrown by a row's own function, where errors are collected": [
    () => {
      const errors: (LogitdrawError | undefined)[] = [];
      const fails = () => {
        throw new Error("mine");
      };
      sampleBatch([make({ prefixAllowedTokens: fails })], nine, { errors });
      throw errors[0];
    },
    { ...option("prefixAllowedTokens"), row: 0 },
  ],
  "the same sampler twice in a batch": [
    () => {
      const sampler = make();
      sampleBatch([sampler, sampler], Float32Array.of(...nine, ...nine));
    },
    { code: "INVALID_STATE", row: 1 },
  ],
  "a sampler that moves while its batch is drawn": [
    () => {
      const sampler = make();
      const moves = () => {
        sampler.reset();
        return 0.5;
      };
      sampleBatch([sampler, make({ generator: moves })], Float32Array.of(...nine, ...nine));
    },
    { code: "INVALID_STATE", row: 0 },
  ],
  "a batch whose length does not match its rows": [
    () => sampleBatch([make(), make()], nine),
    { code: "WRONG_LENGTH", index: 9 },
  ],
  "a buffer of another vocabulary size": [
    () => sampleBatch([make(), make()], new LogitsBuffer(6, 3)),
    { code: "WRONG_LENGTH" },
  ],
  "a number of masks that is not the number of rows": [
    () => sampleBatch([make()], nine, { masks: [] }),
    option("masks", "WRONG_LENGTH"),
  ],
  "a row index outside the buffer": [() => new LogitsBuffer(9, 2).row(2), option("index")],
  "a saved sampler that is truncated or altered": [
    () => Sampler.restore(make().save().subarray(1)),
    { code: "INVALID_STATE" },
  ],
  "saving a sampler whose generator or prefix constraint is a function": [
    () => make({ generator: () => 0.5 }).save(),
    { code: "INVALID_STATE" },
  ],
  "a saved generator that is truncated or altered": [
    () => Generator.restore(new Generator({ seed: 1 }).save().subarray(1)),
    { code: "INVALID_STATE" },
  ],
  "a sampler after free": [() => freed(make()).sample(nine), { code: "FREED" }],
  "a generator after free": [() => freed(new Generator()).random(), { code: "FREED" }],
  "a buffer, or a row of it, after free": [
    () => {
      const buffer = new LogitsBuffer(9);
      const row = buffer.row(0);
      expect(refusal(() => freed(buffer).data)).toEqual({ code: "FREED" });
      make().sample(row);
    },
    { code: "FREED" },
  ],
};

/** The row whose test is below, since it starts a module of its own. */
const APART = "a WebAssembly module that does not start";

const ROWS = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8")
  .split("\n")
  .map((line) => /^\| (.+?) \| ([A-Z_]+) \|(.*)\|$/.exec(line))
  .filter((row) => row !== null)
  .map(([, what, code, says]) => ({
    what: what as string,
    code,
    says: (says as string).split(",").map((s) => s.trim()),
  }));

test("the table in docs/errors.md and the tests list the same errors", () => {
  expect(ROWS.map(({ what }) => what)).toEqual([...Object.keys(CASES), APART]);
});

test.each(ROWS.filter(({ what }) => what !== APART))("$what: $code", ({ what, code, says }) => {
  const [call, expected] = CASES[what] as (typeof CASES)[string];
  const error = refusal(call);
  expect(error).toEqual(expected);
  expect([error.code, ...Object.keys(error).slice(1)]).toEqual([code, ...says.filter((place) => place !== "")]);
});

test(APART, async () => {
  vi.resetModules();
  const { setSource } = await import("../src/wasm.js");
  const fresh = await import("../src/index.js");
  const code = () => {
    try {
      new fresh.Sampler({ vocabSize: 9 });
    } catch (error) {
      if (error instanceof fresh.LogitdrawError) return [error.code, error.cause instanceof Error];
    }
    return undefined;
  };
  setSource(() => new Uint8Array([1, 2, 3]));
  expect(code()).toEqual(["WASM_UNAVAILABLE", true]);
  setSource(() => {
    throw new Error("no such file");
  });
  expect(code()).toEqual(["WASM_UNAVAILABLE", true]);
});

test("LogitdrawError is an Error with a name, a message and a code", () => {
  const error = new LogitdrawError("FREED", "gone");
  expect(error).toBeInstanceOf(Error);
  expect([error.name, String(error)]).toEqual(["LogitdrawError", "LogitdrawError: gone"]);
  expect(Object.keys(error)).toEqual(["code"]);
  expect(logitdraw.LogitdrawError).toBe(LogitdrawError);
});
