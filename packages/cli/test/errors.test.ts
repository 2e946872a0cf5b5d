// A user's mistake gives one line that says what is wrong and the right exit code, never a stack trace.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, truncateSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sampleLogits } from "@logitdraw/tiny-tales";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

describe("wrong usage exits with code 2", () => {
  test.each<[string, string[], RegExp]>([
    ["an unknown command", ["sampel"], /unknown command 'sampel'.*Did you mean sample/s],
    ["an unknown flag", ["experiment", "--tempreature", "1"], /unknown option '--tempreature'.*--temperature/s],
    ["no file argument", ["sample"], /missing required argument 'file'/],
    ["a word instead of a number", ["experiment", "--temperature", "hot"], /'hot' is invalid.*Expected a number/],
    ["a fractional number of draws", ["experiment", "--draws", "1.5"], /Expected a whole number/],
    ["too many draws of the experiment", ["experiment", "--draws", "1e10"], /0 or more and at most 10000000/],
    [
      "too many draws over all rows",
      ["sample", tales, "--n", "400000"],
      /one call draws at most 10,000,000 .*12,800,000/,
    ],
    ["no draws", ["sample", tales, "--n", "0"], /1 or more/],
    ["too many draws per row", ["sample", tales, "--n", "1e10"], /1 or more and at most 10000000/],
    [
      "more draws than --json lists",
      ["sample", tales, "--n", "200000", "--json"],
      /--json lists at most 5,000,000 .*6,400,000/,
    ],
    ["two biases for one id", ["sample", tales, "--logit-bias", "5:-2,05:30"], /Expected each ID once/],
    ["a sequence bias without a number", ["sample", tales, "--sequence-bias", "5,7"], /Expected IDS:BIAS/],
    ["an unknown format", ["sample", tales, "--format", "csv"], /Allowed choices are npy, json, f32/],
    ["an unknown generator", ["sample", tales, "--generator", "dice"], /Allowed choices are philox/],
    ["a temperature below zero", ["sample", tales, "--temperature", "-1"], /temperature.*\(INVALID_OPTION\)\n$/],
    ["a top-p above 1", ["sample", tales, "--top-p", "1.1"], /topP must be from 0 to 1, not 1\.1.*INVALID_OPTION/],
    ["NaN as a number", ["sample", tales, "--top-p", "NaN"], /Expected a number/],
    [
      "a temperature below zero in the experiment",
      ["experiment", "--temperature", "-1"],
      /temperature.*INVALID_OPTION/,
    ],
    ["--max-tokens 0", ["generate", "--max-tokens", "0"], /1 or more/],
    [
      "an abbreviated flag",
      ["sample", tales, "--temp", "3"],
      /unknown option '--temp'\n\(Did you mean --temperature\?\)/,
    ],
    [
      "an abbreviated flag much shorter than its full name",
      ["generate", "--exponential"],
      /mean --exponential-decay-length-penalty\?/,
    ],
    ["an abbreviated flag too short for a suggestion", ["sample", tales, "--t", "3"], /unknown option '--t'\n\(--help/],
    ["an unknown kind of p-less", ["sample", tales, "--p-less=best"], /'best' is invalid. Expected norm, or nothing/],
    [
      "an unknown preset as the order",
      ["sample", tales, "--order", "openai"],
      /openai .*--order takes transformers, llama\.cpp/,
    ],
    ["a misspelt stage in the order", ["sample", tales, "--order", "topKK"], /did you mean topK\?/],
    [
      "a trailing comma in the order",
      ["sample", tales, "--order", "topK,"],
      /'topK,' is invalid.*both sides of each comma/,
    ],
    ["a row outside the file", ["sample", tales, "--row", "32"], /has 32 rows; there is no row 32/],
    ["a row length for .npy", ["sample", tales, "--row-length", "2048"], /--row-length is for raw float32; .*as npy/],
    [
      "a row length for JSON",
      ["sample", file("two.json", "[1, 2]"), "--row-length", "2"],
      /as json, which says how long/,
    ],
    [
      "a row length that does not divide the file",
      ["sample", file("five.f32", floats(1, 2, 3, 4, 5)), "--row-length", "2"],
      /not a multiple of --row-length 2/,
    ],
    [
      "a token outside the model's vocabulary",
      ["generate", "--suppress-tokens", "999999"],
      /999999.*vocabulary of 2048/,
    ],
    ["--max-new-tokens 0", ["generate", "--max-new-tokens", "0"], /maxNewTokens.*INVALID_OPTION/],
  ])("%s", (_, args, message) => refused(args, 2, message));

  test("a call without a command shows the help", () => {
    const { status, stderr } = logitdraw([]);
    expect(stderr).toContain("Usage: logitdraw");
    expect(status).toBe(2);
  });
});

describe("unusable input exits with code 1", () => {
  test.each<[string, () => string[], RegExp]>([
    ["a missing file", () => ["sample", "nowhere.npy"], /cannot read nowhere\.npy: no such file/],
    ["a directory", () => ["sample", fileURLToPath(new URL(".", sampleLogits))], /is a directory/],
    ["an empty file", () => ["sample", file("empty.npy", "")], /is empty/],
    ["a .npy file with other content", () => ["sample", file("fake.npy", "hello world")], /not a readable \.npy file/],
    [
      "a truncated .npy",
      () => ["sample", file("cut.npy", npy("<f4", [9], new Float32Array(8)))],
      /cut short: 8 numbers of 9/,
    ],
    [
      "a .npy that is longer than its shape",
      () => ["sample", file("long.npy", npy("<f4", [5], new Float32Array(6)))],
      /holds 6 numbers, but its shape \(5\) has 5/,
    ],
    [
      "a .npy truncated in its header",
      () => ["sample", file("head.npy", npy("<f4", [8], new Float32Array(8)).subarray(0, 40))],
      /not a readable/,
    ],
    [
      "a .npy of integers",
      () => ["sample", file("int.npy", npy("<i4", [2], new Int32Array(2)))],
      /holds i4; logits are float32/,
    ],
    [
      "a .npy of big-endian numbers",
      () => ["sample", file("big.npy", npy(">f4", [2], new Float32Array(2)))],
      /not a readable.*>f4/,
    ],
    [
      "a .npy with three axes",
      () => ["sample", file("cube.npy", npy("<f4", [1, 2, 2], new Float32Array(4)))],
      /3 axes; expected \[V\] or \[N, V\]/,
    ],
    ["invalid JSON", () => ["sample", file("bad.json", "[1, 2")], /not readable JSON/],
    ["a JSON object without logits", () => ["sample", file("else.json", '{"a": 1}')], /expected an array of numbers/],
    [
      "a string among numbers",
      () => ["sample", file("word.json", '[1, "x"]')],
      /"x" at row 0, index 1 is not a number/,
    ],
    [
      "null among numbers",
      () => ["sample", file("null.json", "[[1, 2], [3, null]]")],
      /null at row 1, index 1 is not a number/,
    ],
    ["NaN in JSON", () => ["sample", file("nan.json", "[[1, 2], [1, NaN]]")], /row 1: logit 1 is NaN.*INVALID_LOGITS/],
    ["+Infinity in JSON", () => ["sample", file("inf.json", "[1, Infinity]")], /row 0: .*1.*INVALID_LOGITS/],
    [
      "a number as a string",
      () => ["sample", file("text.json", '["-Infinity", 1]')],
      /"-Infinity" at row 0, index 0 is/,
    ],
    [
      "an array nested one level too deep",
      () => ["sample", file("deep.json", "[1, [NaN]]")],
      /: an array at row 0, index 1 is not a number/,
    ],
    [
      "an array nested 2,500 levels deep",
      () => ["sample", file("abyss.json", `[1, ${"[".repeat(2500)}${"]".repeat(2500)}]`)],
      /: an array at row 0, index 1 is not a number|not readable JSON/,
    ],
    [
      "a long string, which the message shortens",
      () => ["sample", file("long.json", `[1, "${"x".repeat(5000)}"]`)],
      /: "x{39}\.\.\. at row 0, index 1 is not a number/,
    ],
    [
      "a JSON file longer than the longest string",
      () => {
        const path = file("endless.json", "[");
        truncateSync(path, 600e6);
        return ["sample", path];
      },
      /endless\.json is too large for JSON; use \.npy or \.f32 for more than \d+ bytes/,
    ],
    [
      "invalid JSON after Python's NaN and -Infinity, quoted with the file's spacing in one line",
      () => ["sample", file("words.json", "[NaN, -Infinity,\n x]")],
      /^error: .*words\.json is not readable JSON: .*"\[0 +, 0 +, x\]".*\n$/,
    ],
    ["a digit joined to Infinity in JSON", () => ["sample", file("glued.json", "[1, 1Infinity]")], /not readable JSON/],
    [
      "a plus sign in JSON",
      () => ["sample", file("plus.json", "[1, +Infinity]")],
      /not readable JSON: .*\+.*"\[1, \+Infinity\]"/,
    ],
    ...["1e39", "-1e39", "1e999", "-1e999"].map((text): [string, () => string[], RegExp] => [
      `${text} in JSON`,
      () => ["sample", file("beyond.json", `[[1, 2], [3, ${text}]]`), "--remove-invalid-values"],
      /beyond\.json: the number at row 1, index 1 is beyond float32/,
    ]),
    ...[false, true].map((fortran): [string, () => string[], RegExp] => [
      `-1e300 in a float64 .npy, Fortran order ${fortran}`,
      () => ["sample", file("beyond.npy", npy("<f8", [2, 2], Float64Array.of(1, 2, -Infinity, -1e300), fortran))],
      /beyond\.npy: the number at row 1, index 1 is beyond float32/,
    ]),
    [
      "rows of different lengths",
      () => ["sample", file("ragged.json", "[[1, 2], [3]]")],
      /row 1 has 1 numbers, row 0 has 2/,
    ],
    ["an empty JSON array", () => ["sample", file("none.json", "[]")], /holds no logits/],
    [
      "numbers in a text file",
      () => ["sample", file("four.txt", "1 2 3 4\n")],
      /four\.txt is text; expected \.npy, JSON, or raw/,
    ],
    [
      "numpy's or PyTorch's archive",
      () => ["sample", file("all.npz", "PK\x03\x04\x14\0\0\0logits!!")],
      /all\.npz is an archive/,
    ],
    [
      "a safetensors file",
      () => ["sample", file("all.safetensors", `\x10\0\0\0\0\0\0\0{"logits": {}}  `)],
      /all\.safetensors is an archive/,
    ],
    [
      "raw float32 whose size is not a multiple of 4",
      () => ["sample", file("odd.f32", "12345")],
      /5 bytes; raw float32 come in fours/,
    ],
    ["NaN in a raw file", () => ["sample", file("nan.f32", floats(1, 2, NaN))], /row 0: .*2.*INVALID_LOGITS/],
    ["+Infinity in a raw file", () => ["sample", file("inf.f32", floats(1, Infinity))], /row 0: .*1.*INVALID_LOGITS/],
    [
      "a row whose every token is masked",
      () => ["sample", file("masked.f32", floats(-Infinity, -Infinity))],
      /row 0: .*NO_TOKEN_LEFT/,
    ],
    ["a missing model", () => ["generate", "--model", "nowhere"], /no model in nowhere: config\.json is missing/],
  ])("%s", (_, args, message) => refused(args(), 1, message));

  test("the message names standard input", () => refused(["sample", "-"], 1, /standard input is empty/));

  test("a prompt that leaves no room in the model's context", () => {
    for (const [words, tokens] of [
      [300, 302],
      [254, 256],
    ] as const) {
      const message = new RegExp(`the prompt has ${tokens} tokens; the model looks back 256 at most`);
      refused(["generate", "king ".repeat(words)], 1, message);
    }
  });

  test("the prompt is not printed if no first token can be drawn", () => {
    refused(["generate", "--allowed-token-ids", "5", "--suppress-tokens", "5"], 1, /NO_TOKEN_LEFT/);
  });
});

describe("help", () => {
  test.each([[["--help"]], [["experiment", "--help"]], [["sample", "--help"]], [["generate", "--help"]]])(
    "%j prints to standard output and exits with code 0",
    (args) => {
      const { status, stdout } = logitdraw(args);
      expect(status).toBe(0);
      expect(stdout).toContain("Usage: logitdraw");
      if (args.length > 1) expect(stdout).toContain("$ logitdraw");
    },
  );

  test("--version prints the version", () => expect(logitdraw(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/));
});

describe("process exit", () => {
  test("a reader that closes the pipe early is not an error", async () => {
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

  const full = "/dev/full";
  describe.skipIf(!existsSync(full))(`with a full disk (${full})`, () => {
    const onto = (args: readonly string[], stdout: "pipe" | number, stderr: "pipe" | number) =>
      spawnSync(process.execPath, [BIN, ...args], { stdio: ["ignore", stdout, stderr], encoding: "utf8" });
    let disk: number;
    beforeAll(() => {
      disk = openSync(full, "w");
    });
    afterAll(() => closeSync(disk));

    test.each([[["sample", tales, "--seed", "1"]], [["experiment", "--json"]], [["--help"]]])(
      "%j reports that it cannot write",
      (args) => {
        const { status, stderr } = onto(args, disk, "pipe");
        expect(stderr).toBe("error: cannot write to standard output: no space left on device\n");
        expect(status).toBe(1);
      },
    );

    test("generate continues if its remarks cannot be written", () => {
      const { status, stdout } = onto(["generate", "--seed", "1", "--max-tokens", "3"], "pipe", disk);
      expect(stdout).toMatch(/^Once upon a time .+\n$/);
      expect(status).toBe(0);
    });
  });

  test("Ctrl-C ends experiment and sample in the middle of their draws", async () => {
    // Sent by a thread of the child: its main thread is busy drawing.
    const interrupt = `import { Worker } from "node:worker_threads";
      new Worker('setTimeout(() => process.kill(process.pid, "SIGINT"), 300)', { eval: true }).unref();`;
    const script = `data:text/javascript,${encodeURIComponent(interrupt)}`;
    for (const args of [
      ["experiment", "--draws", "10000000"],
      ["sample", tales, "--row", "3", "--n", "10000000"],
    ]) {
      const child = spawn(process.execPath, ["--import", script, BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
      let stdout = "";
      child.stdout.on("data", (data) => {
        stdout += data;
      });
      const [code, signal] = await once(child, "close");
      // Shells count a signal as 128 + its number.
      expect([code, signal]).toEqual([null, "SIGINT"]);
      expect(stdout).not.toContain("draws");
    }
  });

  test("Ctrl-C ends generate at once, with code 130", async () => {
    // Sent from within the child at its first write: sent from here, it might arrive only after the whole text on a slow machine.
    const interrupt = `const { write } = process.stdout;
      process.stdout.write = (...given) => {
        process.stdout.write = write;
        process.kill(process.pid, "SIGINT");
        return process.stdout.write(...given);
      };`;
    const script = `data:text/javascript,${encodeURIComponent(interrupt)}`;
    const flags = ["--temperature", "0", "--max-tokens", "250"];
    const child = spawn(process.execPath, ["--import", script, BIN, "generate", ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(130);
    expect(stdout.length).toBeLessThan(500);
  });
});
