// What differs between a terminal and a pipe.

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { BIN } from "./command.js";

const ESCAPE = "\u001b";
/** A colour code. Others move the cursor. */
const COLOUR = new RegExp(`${ESCAPE}\\[[0-9;]*m`);

/** Runs the bin with outputs that say they are terminals of so many columns; the others are pipes. */
function run(args: readonly string[], terminals: { stdout?: number; stderr?: number }, variables: object = {}) {
  const script = Object.entries(terminals).map(
    ([name, columns]) =>
      `Object.assign(process.${name}, { isTTY: true, columns: ${columns}, cursorTo() {}, clearLine() {}, moveCursor() {} });`,
  );
  const preload = `data:text/javascript,${encodeURIComponent(script.join(""))}`;
  const { FORCE_COLOR: _, NO_COLOR: __, CI: ___, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", preload, BIN, ...args], {
    encoding: "utf8",
    env: { ...env, TERM: "xterm", ...variables },
    timeout: 25_000,
    maxBuffer: 1e6,
  });
  return { status, stdout, stderr };
}

const GENERATE = ["generate", "--seed", "1", "--max-tokens", "3"];

test("generate ends on a terminal of 0 columns, such as one that nobody gave a size", () => {
  const { status, stderr } = run(GENERATE, { stdout: 0, stderr: 0 });
  expect(status).toBe(0);
  expect(stderr).toContain("loading the model\n");
});

test("generate shows its progress on a terminal, without colours if NO_COLOR is set", () => {
  const { status, stderr } = run(GENERATE, { stderr: 80 });
  expect(status).toBe(0);
  expect(stderr).toMatch(COLOUR);
  const plain = run(GENERATE, { stdout: 80, stderr: 80 }, { NO_COLOR: "1" });
  expect(plain.stderr).toContain("loading the model");
  expect(plain.stderr).toContain(ESCAPE);
  expect(plain.stdout + plain.stderr).not.toMatch(COLOUR);
});

test("each output has colours only if it is itself a terminal", () => {
  const missing = ["sample", "no such file"];
  expect(run(missing, { stdout: 80 }).stderr).toMatch(/^error: /);
  expect(run(missing, { stderr: 80 }).stderr).toMatch(COLOUR);
  expect(run(["experiment"], { stderr: 80 }).stdout).not.toMatch(COLOUR);
  expect(run(["experiment"], { stdout: 80 }).stdout).toMatch(COLOUR);
});

test.each([
  [{}, {}, false],
  [{}, { CI: "true" }, false],
  [{}, { FORCE_COLOR: "1" }, true],
  [{ stdout: 80 }, { FORCE_COLOR: "0" }, false],
  [{ stdout: 80 }, { FORCE_COLOR: "false" }, false],
  [{ stdout: 80 }, { NO_COLOR: "1" }, false],
  [{ stdout: 80 }, { TERM: "dumb" }, false],
])("with the terminals %j and %j, colours: %j", (terminals, variables, coloured) => {
  expect(COLOUR.test(run(["experiment"], terminals, variables).stdout)).toBe(coloured);
});
