// Flags become options, whatever their values.

import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addSamplingOptions,
  describe as describeOptions,
  flagOf,
  movesLaw,
  pickSamplingOptions,
  samplingOptions,
} from "../src/sampling-options.js";
import { biases, integer, number, numbers } from "../src/values.js";

function parsed(...args: string[]): Record<string, unknown> {
  const command = addSamplingOptions(new Command("test").exitOverride().configureOutput({ writeErr: () => {} }));
  return pickSamplingOptions(command.parse(args, { from: "user" }).opts());
}

const named = (value: string) =>
  Object.keys(samplingOptions).filter((name) => samplingOptions[name as keyof typeof samplingOptions].value === value);

describe("sampling flags", () => {
  test("nothing given, nothing set: the package's defaults hold", () => {
    expect(parsed()).toEqual({});
  });

  test("every option has a flag that sets it and nothing else", () => {
    const example: Record<string, [text: string, value: unknown]> = {
      "<number>": ["0.5", 0.5],
      "<ids>": ["1,2", [1, 2]],
      "<json>": ['{"a":[1]}', { a: [1] }],
      "<integer>": ["7", 7n],
      "<biases>": ["5:-2,7:1.5", { 5: -2, 7: 1.5 }],
      "<start,factor>": ["10,1.05", [10, 1.05]],
      "<chain>": ["topK,temperature", ["topK", "temperature"]],
      "[norm]": ["norm", "norm"],
    };
    for (const [name, row] of Object.entries(samplingOptions)) {
      const choice = row.choices?.[0];
      const [text, value] = choice ? [choice, choice] : (example[row.value ?? ""] ?? []);
      expect(parsed(flagOf(name), ...(text === undefined ? [] : [text])), name).toEqual({
        [name]: text === undefined ? true : value,
      });
    }
  });

  test("a number arrives as the double it is, negative ones too", () => {
    fc.assert(
      fc.property(fc.constantFrom(...named("<number>")), fc.double({ noNaN: true }), (name, value) => {
        expect(parsed(flagOf(name), String(value))).toEqual({ [name]: value === 0 ? expect.closeTo(0) : value });
      }),
    );
  });

  test("seeds and sequences keep every digit", () => {
    fc.assert(
      fc.property(fc.bigInt(), (seed) => {
        expect(parsed("--seed", `${seed}`)).toEqual({ seed });
      }),
    );
  });

  test("lists of ids and structured values come through", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 2 }), fc.dictionary(fc.string(), fc.jsonValue()), (ids, value) => {
        expect(parsed("--suppress-tokens", ids.join(), "--eos-token-id", `[${ids}]`)).toEqual({
          suppressTokens: ids,
          eosTokenId: ids,
        });
        expect(parsed("--dry", JSON.stringify(value))).toEqual({ dry: JSON.parse(JSON.stringify(value)) });
      }),
    );
    expect(parsed("--eos-token-id", "2")).toEqual({ eosTokenId: 2 });
    expect(parsed("--order", "llama.cpp")).toEqual({ order: "llama.cpp" });
    expect(parsed("--p-less")).toEqual({ pLess: true });
    expect(parsed("--no-repeat-ngram-size", "3")).toEqual({ noRepeatNgramSize: 3 });
  });

  test("texts that are no numbers are refused", () => {
    const notNumbers = fc.string().filter((text) => text.trim() === "" || Number.isNaN(Number(text)));
    fc.assert(
      fc.property(notNumbers, (text) => {
        expect(() => number(text)).toThrow("Expected a number");
      }),
    );
    for (const text of ["", "1.5", "1e3", "0x10", "seven", "--1"]) expect(() => integer(text)).toThrow("whole number");
    for (const text of ["1,,2", "1,x", ","]) expect(() => numbers(text)).toThrow("number");
    for (const text of ["5", "5:1:2", "x:1", "-1:2", "{", "1.5:2"]) expect(() => biases(text)).toThrow("Expected");
  });

  test("what looks back is known to move the law of the draws", () => {
    expect(movesLaw({ temperature: 1, topK: 3, seed: 1n })).toBe(false);
    expect(movesLaw({ temperature: 1, repetitionPenalty: 1.1 })).toBe(true);
  });

  test("headings name what was asked", () => {
    expect(describeOptions({ temperature: 0.8, topK: 40, seed: 5n, pLess: true })).toBe(
      "temperature 0.8, topK 40, seed 5, pLess",
    );
    expect(describeOptions({})).toContain("nothing cut");
  });
});
