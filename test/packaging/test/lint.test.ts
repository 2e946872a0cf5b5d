// publint and are-the-types-wrong, on the packed package.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { expect, inject, test } from "vitest";
import { project } from "../src/project.js";

test("publint reports no problems", async () => {
  const { messages } = await publint({ pkgDir: join(project, "node_modules/logitdraw"), strict: true, pack: false });
  expect(messages).toEqual([]);
});

test("are-the-types-wrong reports no problems", async () => {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(inject("tarball"))), {
    entrypoints: [".", "./slim"],
  });
  if (!analysis.types) throw new Error("the package has no types");
  expect(analysis.problems).toEqual([]);
});

test("the packed package has only the expected files and no dependencies", () => {
  const installed = join(project, "node_modules/logitdraw");
  const entries = readdirSync(installed, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const modules = ["index", "node", "slim"].flatMap((name) => [`${name}.cjs`, `${name}.js`]);
  const types = ["index", "slim"].flatMap((name) => [`${name}.d.cts`, `${name}.d.ts`]);
  expect(entries.map(({ parentPath, name }) => relative(installed, join(parentPath, name))).sort()).toEqual(
    [
      ...["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json", join("slim", "package.json")],
      ...[...modules, ...types, "logitdraw.wasm", "workerd.js"].map((name) => join("dist", name)),
    ].sort(),
  );
  const { sideEffects, dependencies, optionalDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(installed, "package.json"), "utf8"),
  );
  expect(sideEffects).toBe(false);
  expect({ ...dependencies, ...optionalDependencies, ...peerDependencies }).toEqual({});
});
