// What users' compilers see: the declarations as they are published, under strict settings, with no types of the platform's beside.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const home = fileURLToPath(new URL("..", import.meta.url));
const bin = (path: string) => join(home, "node_modules", path);
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(home, "dist/user-"));
  const installed = join(project, "node_modules/logitdraw");
  mkdirSync(installed, { recursive: true });
  const tsup = [bin("tsup/dist/cli-default.js"), "--silent", "--no-clean", "--out-dir"];
  execFileSync(process.execPath, [...tsup, join(installed, "dist")], { cwd: home, stdio: "pipe" });
  cpSync(join(home, "package.json"), join(installed, "package.json"));
  cpSync(join(home, "test/user/user.ts"), join(project, "user.ts"));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
}, 60_000);

afterAll(() => rmSync(project, { recursive: true, force: true }));

test.each([
  ["nodenext", true, ["es2022"]],
  ["nodenext", false, ["es2022"]],
  ["bundler", true, ["es2022", "dom"]],
  ["bundler", false, ["esnext", "dom"]],
] as const)("%s, exact optional properties %s, lib %s", (moduleResolution, exact, lib) => {
  const compilerOptions = {
    lib,
    target: "es2022",
    module: moduleResolution === "bundler" ? "esnext" : "nodenext",
    moduleResolution,
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: exact,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    noEmit: true,
    types: [],
  };
  // Without a platform's types there is no console either.
  const console = "declare const console: { log(...what: unknown[]): void };";
  writeFileSync(join(project, "console.d.ts"), lib.some((name) => name === "dom") ? "" : console);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const { stdout, status } = spawnSync(process.execPath, [bin("typescript/bin/tsc"), "-p", project], {
    encoding: "utf8",
  });
  expect([stdout, status]).toEqual(["", 0]);
});
