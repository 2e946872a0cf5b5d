// ARM's Node on an x86 machine: an emulator and ARM's C library, which Debian has, and Node's own binary, which the set-up installs apart
// from the other packages, because pnpm leaves out those for another processor.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const EMULATOR = "qemu-aarch64";
/** Where Debian puts ARM's libraries. */
const LIBRARIES = "/usr/aarch64-linux-gnu";
const TOOLS = new URL("../../../../.tools/arm/node_modules/", import.meta.url);

/** Whether ARM is emulated here: only Linux has this emulator, and an ARM machine needs none. */
export const EMULATES_ARM = process.platform === "linux" && process.arch === "x64";

const { optionalDependencies } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
/** The package with ARM's Node, and its version: one of those that ARM machines install. */
export const NODE_PACKAGE = optionalDependencies["node-22-linux-arm64"].replace("npm:", "");
const [NAME, VERSION] = NODE_PACKAGE.split("@");

export function hasEmulator() {
  try {
    execFileSync(EMULATOR, ["--version"], { stdio: "ignore" });
    return ["ld-linux-aarch64.so.1", "libstdc++.so.6"].every((name) => existsSync(`${LIBRARIES}/lib/${name}`));
  } catch {
    return false;
  }
}

/**
 * Returns the command that runs ARM's Node, or undefined if something is missing.
 *
 * @returns {[command: string, ...args: string[]] | undefined}
 */
export function armNode() {
  const installed = new URL(`${NAME}/package.json`, TOOLS);
  if (!hasEmulator() || !existsSync(installed)) return undefined;
  if (JSON.parse(readFileSync(installed, "utf8")).version !== VERSION) return undefined;
  return [EMULATOR, "-L", LIBRARIES, fileURLToPath(new URL(`${NAME}/bin/node`, TOOLS))];
}
