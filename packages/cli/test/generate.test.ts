// Text from a real model, every token drawn by this package.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelDirectory } from "@logitdraw/tiny-tales";
import { describe, expect, test } from "vitest";
import { logitdraw, logitdrawJson } from "./command.js";

interface Generated {
  prompt: string;
  text: string;
  tokens: number[];
  promptTokens: number;
  reason: string;
  seed: string;
}

const generate = (...args: string[]) => logitdrawJson<Generated>(["generate", ...args]);

describe("generate", () => {
  test("greedy text repeats itself and does not depend on the seed", () => {
    const greedy = generate("--temperature", "0", "--max-tokens", "80", "--seed", "1");
    expect(greedy.text).toContain("and he was a king who was a king");
    expect(greedy.tokens).toHaveLength(80);
    expect(greedy.reason).toBe("length");
    expect(greedy.promptTokens).toBe(5);
    expect(generate("--temperature", "0", "--max-tokens", "80", "--seed", "2").tokens).toEqual(greedy.tokens);
  });

  test("the same seed gives the same text, another seed another text", () => {
    const tell = (seed: string) =>
      generate("The king", "--temperature", "0.8", "--top-k", "40", "--max-tokens", "30", "--seed", seed);
    const first = tell("1");
    expect(first).toMatchObject({ prompt: "The king", seed: "1", options: { temperature: 0.8, topK: 40, seed: "1" } });
    expect(tell("1")).toMatchObject({ text: first.text, tokens: first.tokens });
    expect(tell("2").tokens).not.toEqual(first.tokens);
  });

  test("--top-k 1 draws the tokens of greedy", () => {
    const flags = ["--max-tokens", "20", "--seed", "9"];
    expect(generate("--top-k", "1", ...flags).tokens).toEqual(generate("--temperature", "0", ...flags).tokens);
  });

  test("prints the text to standard output and remarks to standard error", () => {
    const { status, stdout, stderr } = logitdraw(["generate", "--temperature", "0", "--max-tokens", "10"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Once upon a time there lived a man .*\n$/);
    expect(stderr).toMatch(/loading the model/);
    expect(stderr).toMatch(/10 tokens .* ms each/);
    expect(stdout + stderr).not.toContain("\u001b");
  });

  test("stops at the end of the model's context and gives that as the reason", () => {
    const long = generate("--temperature", "0", "--max-tokens", "1000");
    expect(long.reason === "context" ? long.tokens.length : 0).toBe(256 - 5);
    const full = generate("king ".repeat(253), "--seed", "1");
    expect([full.promptTokens, full.tokens.length, full.reason]).toEqual([255, 1, "context"]);
  });

  test.each([
    { flags: ["--max-new-tokens", "3"], length: 3 },
    { flags: ["--max-new-tokens", "3", "--max-tokens", "5"], length: 3 },
    { flags: ["--max-new-tokens", "5", "--max-tokens", "3"], length: 3 },
    { flags: ["--max-new-tokens", "110"], length: 110 },
    { flags: [], length: 100 },
  ])("$flags: stops at the smaller limit, or after 100 tokens by default", ({ flags, length }) => {
    const { tokens, reason } = generate("--temperature", "0", ...flags);
    expect([tokens.length, reason]).toEqual([length, "length"]);
  });

  test("stops at an end token given by a flag, and forces one at the length limit", () => {
    const flags = ["--seed", "1", "--max-tokens", "20"];
    const { tokens } = generate(...flags);
    const at = 7;
    const end = String(tokens[at]);
    const cut = { tokens: tokens.slice(0, tokens.indexOf(Number(end)) + 1), reason: "eos" };
    expect(generate(...flags, "--eos-token-id", end)).toMatchObject(cut);
    expect(generate(...flags, "--eos-token-id", `2047,${end}`)).toMatchObject(cut);
    // The forced token comes where the length ends the text; before that it is like any other.
    const forced = generate("--seed", "1", "--max-new-tokens", "3", "--forced-eos-token-id", "5");
    expect(forced).toMatchObject({ tokens: [...tokens.slice(0, 2), 5], reason: "length" });
    const before = generate("--seed", "1", "--max-new-tokens", "5", "--max-tokens", "3", "--forced-eos-token-id", "5");
    expect(before).toMatchObject({ tokens: tokens.slice(0, 3), reason: "length" });
  });

  test("--min-new-tokens delays the end tokens of the model and of a flag", () => {
    const flags = ["--temperature", "0", "--max-tokens", "20", "--min-new-tokens", "4"];
    for (const [end, ...more] of [["0"], ["0", "--eos-token-id", "5"]]) {
      const { tokens, reason } = generate(...flags, "--logit-bias", `${end}:100`, ...more);
      expect([tokens.indexOf(Number(end)), tokens.length, reason]).toEqual([4, 5, "eos"]);
    }
  });

  test("--exponential-decay-length-penalty makes the model's own end token likely", () => {
    const flags = ["--temperature", "0", "--max-tokens", "40", "--exponential-decay-length-penalty", "3,1000"];
    const { tokens, reason } = generate(...flags);
    expect([tokens.slice(-1), tokens.length, reason]).toEqual([[0], 5, "eos"]);
  });

  test("an empty prompt starts a text of its own", () => {
    expect(generate("", "--temperature", "0.8", "--seed", "3", "--max-tokens", "5")).toMatchObject({
      promptTokens: 1,
      prompt: "",
    });
  });

  test("--model reads a model from a directory and says what is wrong with it", () => {
    const directory = mkdtempSync(join(tmpdir(), "a model "));
    try {
      cpSync(fileURLToPath(modelDirectory), directory, { recursive: true });
      const flags = ["--temperature", "0", "--max-tokens", "8"];
      expect(generate("--model", directory, ...flags).tokens).toEqual(generate(...flags).tokens);
      // What a model itself asks for does not count, but for its end tokens.
      const wishes = { repetition_penalty: 5, no_repeat_ngram_size: 2, bad_words_ids: [[5]], min_new_tokens: 8 };
      const long = ["--temperature", "0", "--max-tokens", "40"];
      writeFileSync(join(directory, "generation_config.json"), JSON.stringify({ ...wishes, eos_token_id: [0, 1] }));
      expect(generate("--model", directory, ...long).tokens).toEqual(generate(...long).tokens);
      // As in models of several parts, and as in one that can look back without limit.
      const path = join(directory, "config.json");
      const { vocab_size, max_position_embeddings, ...rest } = JSON.parse(readFileSync(path, "utf8"));
      for (const [parts, length, reason] of [
        [{ text_config: { vocab_size, max_position_embeddings: 9 } }, 4, "context"],
        [{ text_config: { vocab_size: 1 }, vocab_size, max_position_embeddings: 9 }, 4, "context"],
        [{ vocab_size }, 8, "length"],
      ] as const) {
        writeFileSync(path, JSON.stringify({ ...rest, ...parts }));
        const { tokens, reason: why } = generate("--model", directory, ...flags);
        expect([tokens, why]).toEqual([generate(...flags).tokens.slice(0, length), reason]);
      }
      for (const [config, message] of [
        ["null", /config\.json has no vocab_size/],
        ["[]", /config\.json has no vocab_size/],
        ['{"text_config": null}', /config\.json has no vocab_size/],
        ['{"vocab_size": "2048"}', /config\.json has no vocab_size, or none that is a number of tokens/],
        ['{"vocab_size": 1e12}', /config\.json has no vocab_size/],
        [
          '{"vocab_size": 2048, "max_position_embeddings": "256"}',
          /max_position_embeddings that is not a number of tokens/,
        ],
        [
          '{"vocab_size": 2048, "max_position_embeddings": 0}',
          /max_position_embeddings that is not a number of tokens/,
        ],
        ['{"vocab_size": -1}', /config\.json has no vocab_size/],
        ["{", /config\.json is not readable/],
      ] as const) {
        writeFileSync(join(directory, "config.json"), config);
        const { status, stderr } = logitdraw(["generate", "--model", directory]);
        expect(stderr).toMatch(message);
        expect(stderr).not.toMatch(/\n\s+at /);
        expect(status).toBe(1);
      }
      cpSync(fileURLToPath(new URL("config.json", modelDirectory)), join(directory, "config.json"));
      writeFileSync(join(directory, "onnx/model_quantized.onnx"), "no weights");
      expect(logitdraw(["generate", "--model", directory])).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/cannot load the weights of/),
      });
      rmSync(join(directory, "onnx"), { recursive: true });
      expect(logitdraw(["generate", "--model", directory]).stderr).toMatch(/onnx\/model_quantized\.onnx is missing/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

test("demo shows the experiment, the real logits and four texts", () => {
  const { status, stdout } = logitdraw(["demo"]);
  expect(status).toBe(0);
  expect(stdout).toContain("counts 73/0/0/582/2/0/0/343/0");
  expect(stdout).toContain("32 rows of 2,048 logits");
  expect(stdout.match(/^Once upon a time/gm)).toHaveLength(4);
  expect(stdout).toContain("and he was a king who was a king");
});
