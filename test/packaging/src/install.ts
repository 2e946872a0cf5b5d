// Packs the package as it would be published and installs it into an empty project in a temporary folder, whose path the tests are given.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of the packed package. */
    tarball: string;
    /** The path of a project whose only dependency is the package. */
    project: string;
  }
}

const PACKAGE = fileURLToPath(new URL("../../../packages/logitdraw", import.meta.url));

export default function install({ provide }: TestProject): () => void {
  const { main } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  if (!existsSync(join(PACKAGE, main))) throw new Error("the package is not built: run `node scripts/build.mjs`");
  const folder = mkdtempSync(join(tmpdir(), "logitdraw-packaging-"));
  const npm = (args: string[], cwd: string) => execFileSync("npm", args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  npm(["pack", "--ignore-scripts", "--pack-destination", folder], PACKAGE);
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz")) as [string];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  npm(["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", `./${tarball}`], folder);
  provide("tarball", join(folder, tarball));
  provide("project", folder);
  return () => rmSync(folder, { recursive: true });
}
