// The programs of docs/models.md that use transformers.js, run with the fairy-tale model.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { modelDirectory } from "@logitdraw/tiny-tales";
import { expect, test } from "vitest";
import { logitdrawJson } from "./command.js";

const PAGE = readFileSync(new URL("../../../docs/models.md", import.meta.url), "utf8");
const MODEL = JSON.stringify(fileURLToPath(modelDirectory));

/** Returns the programs: the samples that import something. Others are parts of a program. */
const PROGRAMS = [...PAGE.matchAll(/^```js\n(import .*?)^```$/gms)].map(([, code]) => code as string);

/** Runs a program with the fairy-tale model in place of "your/model"; returns what it prints. */
function run(program: string): string {
  const code = program.replaceAll('"your/model"', MODEL);
  // A program given by --eval imports packages as a file in this folder would.
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

/** The text of `logitdraw generate` with the options of the programs. */
function told(prompt: string): string {
  const flags = ["--temperature", "0.8", "--top-k", "40", "--seed", "1", "--max-new-tokens", "60"];
  return prompt + logitdrawJson<{ text: string }>(["generate", prompt, ...flags]).text;
}

test("a logits processor in a pipeline draws the tokens of `logitdraw generate`", () => {
  const [pipeline] = PROGRAMS;
  expect(run(pipeline as string).trim()).toBe(told("Once upon a time").trim());
});

test("so does the first row of a batch, whose other rows have texts of their own", () => {
  const [, batch] = PROGRAMS;
  const [first, second] = JSON.parse(
    run((batch as string).replace(/console\.log\((.*)\);$/m, "console.log(JSON.stringify($1));")),
  );
  expect(first.trim()).toBe(told("Once upon a time").trim());
  expect(second).toMatch(/^The king said./);
  expect(PROGRAMS).toHaveLength(2);
});
