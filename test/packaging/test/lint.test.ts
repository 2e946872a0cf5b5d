// publint and are-the-types-wrong, on the packed package.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { expect, inject, test } from "vitest";
import { project } from "../src/project.js";

test("publint has nothing to say", async () => {
  const { messages } = await publint({ pkgDir: join(project, "node_modules/logitdraw"), strict: true, pack: false });
  expect(messages).toEqual([]);
});

test("the types are right however they are resolved", async () => {
  const analysis = await checkPackage(createPackageFromTarballData(readFileSync(inject("tarball"))), {
    entrypoints: [".", "./slim"],
  });
  if (!analysis.types) throw new Error("the package has no types");
  // Node 10 and its like know nothing of `exports`, and so not of `logitdraw/slim`; the package asks for Node 20.
  const problems = analysis.problems.filter(
    (problem) =>
      !("resolutionKind" in problem && problem.resolutionKind === "node10" && problem.entrypoint === "./slim"),
  );
  expect(problems).toEqual([]);
});

test("only what users need is packed", () => {
  const { files, sideEffects, dependencies, optionalDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(project, "node_modules/logitdraw/package.json"), "utf8"),
  );
  expect({ files, sideEffects }).toEqual({ files: ["dist"], sideEffects: false });
  expect({ ...dependencies, ...optionalDependencies, ...peerDependencies }).toEqual({});
});
