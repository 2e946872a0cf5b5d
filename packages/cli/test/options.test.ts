// Flags become options, whatever their values are.

import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addSamplingOptions,
  describe as describeOptions,
  flagOf,
  pickSamplingOptions,
  samplingOptions,
} from "../src/sampling-options.js";
import { biases, integer, number, numbers, sequences, weighedSequences } from "../src/values.js";

function parsed(...args: string[]): Record<string, unknown> {
  const command = addSamplingOptions(new Command("test").exitOverride().configureOutput({ writeErr: () => {} }));
  return pickSamplingOptions(command.parse(args, { from: "user" }).opts());
}

const named = (value: string) =>
  Object.keys(samplingOptions).filter((name) => samplingOptions[name as keyof typeof samplingOptions].value === value);

/** `xtc.probability`, 0.5 -> `{ xtc: { probability: 0.5 } }`. */
function nested(name: string, value: unknown): object {
  const [whole = "", part] = name.split(".");
  return { [whole]: part === undefined ? value : { [part]: value } };
}

describe("sampling flags", () => {
  test("no flags set no options", () => {
    expect(parsed()).toEqual({});
  });

  test("every option has a flag that sets only that option", () => {
    const example: Record<string, [text: string, value: unknown]> = {
      "<number>": ["0.5", 0.5],
      "<ids>": ["1,2", [1, 2]],
      "<id,...>": ["2", 2],
      "<integer>": ["7", 7n],
      "<id:bias,...>": ["5:-2,7:1.5", { 5: -2, 7: 1.5 }],
      "<ids;...>": ["5,7;9", [[5, 7], [9]]],
      "<ids:bias;...>": [
        "5,7:-1.5;9:2",
        [
          [[5, 7], -1.5],
          [[9], 2],
        ],
      ],
      "<start,factor>": ["10,1.05", [10, 1.05]],
      "<chain>": ["topK,temperature", ["topK", "temperature"]],
      "[norm]": ["norm", "norm"],
    };
    for (const [name, flag] of Object.entries(samplingOptions)) {
      const choice = flag.choices?.[0];
      const [text, value] = choice ? [choice, choice] : (example[flag.value ?? ""] ?? []);
      expect(parsed(flagOf(name), ...(text === undefined ? [] : [text])), name).toEqual(
        nested(name, text === undefined ? true : value),
      );
    }
  });

  test("numbers are read exactly, negative ones too", () => {
    fc.assert(
      fc.property(fc.constantFrom(...named("<number>")), fc.double({ noNaN: true }), (name, value) => {
        expect(parsed(flagOf(name), String(value))).toEqual(nested(name, value === 0 ? expect.closeTo(0) : value));
      }),
    );
  });

  test("parts of an option are merged, in any order of the flags", () => {
    const parts = fc.uniqueArray(fc.tuple(fc.constantFrom(...named("<number>")), fc.integer()), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(parts, (given) => {
        const expected: Record<string, unknown> = {};
        for (const [name, value] of given) {
          const [whole = "", part] = name.split(".");
          expected[whole] = part === undefined ? value : { ...(expected[whole] as object), [part]: value };
        }
        // The size of an n-gram goes to the option that has its window, if there is one.
        const { noRepeatNgramSize: size, ...rest } = expected;
        if (size !== undefined && "noRepeatNgram" in rest)
          rest.noRepeatNgram = { ...(rest.noRepeatNgram as object), size };
        else if (size !== undefined) rest.noRepeatNgramSize = size;
        expect(parsed(...given.flatMap(([name, value]) => [flagOf(name), `${value}`]))).toEqual(rest);
      }),
    );
    expect(parsed("--no-repeat-ngram-size", "3", "--no-repeat-ngram-exempt", "1,2")).toEqual({
      noRepeatNgram: { size: 3, exempt: [1, 2] },
    });
  });

  test("flag names are unique", () => {
    expect(new Set(Object.keys(samplingOptions).map(flagOf)).size).toBe(Object.keys(samplingOptions).length);
  });

  test("seeds and sequences keep every digit", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (seed, sequence) => {
        expect(parsed("--seed", `${seed}`, "--sequence", `${sequence}`)).toEqual({ seed, sequence });
      }),
    );
  });

  test("lists of ids and sequences, orders and optional values are read", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 2 }),
        fc.array(fc.array(fc.nat(), { minLength: 1 })),
        (ids, lists) => {
          expect(parsed("--suppress-tokens", ids.join(), "--eos-token-id", `[${ids}]`)).toEqual({
            suppressTokens: ids,
            eosTokenId: ids,
          });
          expect(parsed("--bad-words", lists.join(";"))).toEqual({ badWords: lists });
          const weighed = lists.map((list, i): [number[], number] => [list, i - 1.5]);
          expect(parsed("--sequence-bias", weighed.map((pair) => pair.join(":")).join(";"))).toEqual({
            sequenceBias: weighed,
          });
        },
      ),
    );
    expect(parsed("--eos-token-id", "2")).toEqual({ eosTokenId: 2 });
    expect(parsed("--order", "llama.cpp")).toEqual({ order: "llama.cpp" });
    expect(parsed("--order", "topK")).toEqual({ order: ["topK"] });
    expect(parsed("--p-less")).toEqual({ pLess: true });
    expect(parsed("--no-repeat-ngram-size", "3")).toEqual({ noRepeatNgramSize: 3 });
  });

  test("--p-less takes only the value norm, in any position", () => {
    const operands = (...args: string[]) => {
      const command = addSamplingOptions(new Command("test").argument("[words...]"));
      const { args: left } = command.parse(args, { from: "user" });
      return [pickSamplingOptions(command.opts()), ...left];
    };
    expect(operands("--p-less", "a.json")).toEqual([{ pLess: true }, "a.json"]);
    expect(operands("--p-less", "norm", "a.json")).toEqual([{ pLess: "norm" }, "a.json"]);
    expect(operands("--p-less=norm", "norm")).toEqual([{ pLess: "norm" }, "norm"]);
    expect(operands("a.json", "--p-less", "norm", "--top-k", "2")).toEqual([{ pLess: "norm", topK: 2 }, "a.json"]);
    expect(operands("--p-less", "--top-k", "2", "--", "norm")).toEqual([{ pLess: true, topK: 2 }, "norm"]);
    expect(operands("--", "--p-less", "a.json")).toEqual([{}, "--p-less", "a.json"]);
  });

  test("texts other than numbers are refused", () => {
    const notNumbers = fc.string().filter((text) => text.trim() === "" || Number.isNaN(Number(text)));
    fc.assert(
      fc.property(notNumbers, (text) => {
        expect(() => number(text)).toThrow("Expected a number");
      }),
    );
    for (const text of ["", "1.5", "1e3", "0x10", "seven", "--1"]) expect(() => integer(text)).toThrow("whole number");
    for (const text of ["1,,2", "1,x", ","]) expect(() => numbers(text)).toThrow("number");
    for (const text of ["5", "5:1:2", "x:1", "-1:2", "{", "1.5:2"]) expect(() => biases(text)).toThrow("Expected");
    for (const text of ["5,7", "5:1:2", "x:1", "5:1;", ":1:"]) expect(() => weighedSequences(text)).toThrow("Expected");
    for (const text of ["5;x", "5,7;1.x"]) expect(() => sequences(text)).toThrow("number");
  });

  test("headings list the given options", () => {
    expect(describeOptions({ temperature: 0.8, topK: 40, seed: 5n, pLess: true })).toBe(
      "temperature 0.8, topK 40, seed 5, pLess",
    );
    expect(describeOptions({})).toContain("no truncation");
  });
});
