// The samples of both READMEs, run as a newcomer would run them.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { node, write } from "../src/project.js";

const README = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const OF_PACKAGE = readFileSync(new URL("../../../packages/logitdraw/README.md", import.meta.url), "utf8");

/** Returns the programs in a text: the samples that import the package. Other samples are parts of a program. */
const programs = (text: string): string[] =>
  [...text.matchAll(/^```js\n(.*?)^```$/gms)]
    .map(([, code]) => code as string)
    .filter((code) => code.includes('from "logitdraw";'));

test("the sample programs run", () => {
  const all = [...programs(README), ...programs(OF_PACKAGE)];
  expect(all.length).toBe(3);
  for (const code of all) node(write("readme.mjs", code));
});

test("the experiment prints the counts in its comment", () => {
  const [code] = programs(README).filter((program) => program.includes("manualSeed"));
  const [, call, counts] = /^(bincount\(.*\));\s*\/\/ ([\d ]+), torch's own counts$/m.exec(code as string) ?? [];
  expect(node(write("experiment.mjs", `${code}\nconsole.log(${call}.join(" "));`))).toBe(counts);
});
