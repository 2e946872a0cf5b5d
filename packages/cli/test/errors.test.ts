// A user's mistake: one line that says what is wrong, the right exit code, never a stack trace.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sampleLogits } from "@logitdraw/tiny-tales";
import { describe, expect, test } from "vitest";
import { BIN, file, logitdraw, npy } from "./command.js";

const tales = fileURLToPath(sampleLogits);
const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);

function refused(args: readonly string[], status: number, message: RegExp, input?: Uint8Array | string): void {
  const outcome = logitdraw(args, input);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.stderr).not.toMatch(/\n\s+at |node_modules|\.js:\d/);
  expect(outcome.stdout).toBe("");
  expect(outcome.status).toBe(status);
}

describe("a call that makes no sense ends with 2", () => {
  test.each<[string, string[], RegExp]>([
    ["an unknown command", ["sampel"], /unknown command 'sampel'.*Did you mean sample/s],
    ["an unknown flag", ["experiment", "--tempreature", "1"], /unknown option '--tempreature'.*--temperature/s],
    ["no file", ["sample"], /missing required argument 'file'/],
    ["a word for a number", ["experiment", "--temperature", "hot"], /'hot' is invalid.*Expected a number/],
    ["half a draw", ["experiment", "--draws", "1.5"], /Expected a whole number/],
    ["no rows", ["sample", tales, "--n", "0"], /1 or more/],
    ["a bias without a number", ["sample", tales, "--sequence-bias", "5,7"], /Expected IDS:BIAS/],
    ["a format that does not exist", ["sample", tales, "--format", "csv"], /Allowed choices are npy, json, f32/],
    ["a generator that does not exist", ["sample", tales, "--generator", "dice"], /Allowed choices are philox/],
    ["a temperature below zero", ["sample", tales, "--temperature", "-1"], /temperature.*INVALID_OPTION/],
    ["a top-p above one in the experiment's stead", ["sample", tales, "--top-p", "NaN"], /Expected a number/],
    [
      "a temperature below zero in the experiment",
      ["experiment", "--temperature", "-1"],
      /temperature.*INVALID_OPTION/,
    ],
    ["no new tokens", ["generate", "--max-tokens", "0"], /1 or more/],
  ])("%s", (_, args, message) => refused(args, 2, message));

  test("no command at all shows the help", () => {
    const { status, stderr } = logitdraw([]);
    expect(stderr).toContain("Usage: logitdraw");
    expect(status).toBe(2);
  });
});

describe("input that cannot be used ends with 1", () => {
  test.each<[string, () => string[], RegExp]>([
    ["no such file", () => ["sample", "nowhere.npy"], /cannot read nowhere\.npy: no such file/],
    ["a directory", () => ["sample", fileURLToPath(new URL(".", sampleLogits))], /is a directory/],
    ["an empty file", () => ["sample", file("empty.npy", "")], /is empty/],
    ["no .npy at all", () => ["sample", file("fake.npy", "hello world")], /not a readable \.npy file/],
    [
      "a .npy that is cut short",
      () => ["sample", file("cut.npy", npy("<f4", [9], new Float32Array(8)))],
      /cut short: 8 numbers of 9/,
    ],
    [
      "a .npy cut in its header",
      () => ["sample", file("head.npy", npy("<f4", [8], new Float32Array(8)).subarray(0, 40))],
      /not a readable/,
    ],
    ["integers", () => ["sample", file("int.npy", npy("<i4", [2], new Int32Array(2)))], /holds i4; logits are float32/],
    [
      "big-endian numbers",
      () => ["sample", file("big.npy", npy(">f4", [2], new Float32Array(2)))],
      /not a readable.*>f4/,
    ],
    [
      "three axes",
      () => ["sample", file("cube.npy", npy("<f4", [1, 2, 2], new Float32Array(4)))],
      /3 axes; expected \[V\] or \[N, V\]/,
    ],
    ["broken JSON", () => ["sample", file("bad.json", "[1, 2")], /not readable JSON/],
    ["JSON of something else", () => ["sample", file("else.json", '{"a": 1}')], /expected an array of numbers/],
    ["a word among numbers", () => ["sample", file("word.json", '[1, "x"]')], /"x" at row 0, index 1 is not a number/],
    [
      "null among numbers",
      () => ["sample", file("null.json", "[[1, 2], [3, null]]")],
      /null at row 1, index 1 is not a number/,
    ],
    ["NaN among numbers", () => ["sample", file("nan.json", "[1, NaN]")], /index 1 is not a number/],
    ["rows of two lengths", () => ["sample", file("ragged.json", "[[1, 2], [3]]")], /row 1 has 1 numbers, row 0 has 2/],
    ["no logits", () => ["sample", file("none.json", "[]")], /holds no logits/],
    ["raw bytes that are no floats", () => ["sample", file("odd.f32", "12345")], /5 bytes; raw float32 come in fours/],
    [
      "a row length that does not fit",
      () => ["sample", file("five.f32", floats(1, 2, 3, 4, 5)), "--row-length", "2"],
      /no multiple of --row-length 2/,
    ],
    ["a row that is not there", () => ["sample", tales, "--row", "32"], /has 32 rows; there is no row 32/],
    ["NaN in a raw file", () => ["sample", file("nan.f32", floats(1, 2, NaN))], /row 0: .*2.*INVALID_LOGITS/],
    ["+Infinity", () => ["sample", file("inf.f32", floats(1, Infinity))], /row 0: .*1.*INVALID_LOGITS/],
    [
      "nothing that may be drawn",
      () => ["sample", file("masked.f32", floats(-Infinity, -Infinity))],
      /row 0: .*NO_TOKEN_LEFT/,
    ],
    ["no such model", () => ["generate", "--model", "nowhere"], /no model in nowhere: config\.json is missing/],
  ])("%s", (_, args, message) => refused(args(), 1, message));

  test("standard input is named as such", () => refused(["sample", "-"], 1, /standard input is empty/));

  test("a prompt longer than the model can look back", () => {
    const { status, stderr } = logitdraw(["generate", "king ".repeat(300)]);
    expect(stderr).toMatch(/the prompt has \d+ tokens; the model looks back 256 at most/);
    expect(status).toBe(1);
  });
});

describe("help", () => {
  test.each([[["--help"]], [["experiment", "--help"]], [["sample", "--help"]], [["generate", "--help"]]])(
    "%j goes to standard output and ends with 0",
    (args) => {
      const { status, stdout } = logitdraw(args);
      expect(status).toBe(0);
      expect(stdout).toContain("Usage: logitdraw");
      if (args.length > 1) expect(stdout).toContain("$ logitdraw");
    },
  );

  test("--version", () => expect(logitdraw(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/));
});

describe("how the process ends", () => {
  test("a reader that leaves early is no error", async () => {
    const child = spawn(process.execPath, [BIN, "sample", tales, "--n", "5000", "--json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.stdout.destroy();
    const [code] = await once(child, "close");
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("Ctrl-C ends a text at once, with 130", async () => {
    const child = spawn(process.execPath, [BIN, "generate", "--max-tokens", "250"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    await once(child.stdout, "data");
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    expect(code).toBe(130);
  });
});
