// Runtimes that come as npm packages with a binary inside, one per platform. No install script is needed: the file is run in place.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/**
 * Returns the path of a file in an installed package, or undefined if there is no package for this platform, or it is not installed.
 *
 * @param {string} name
 * @param {string} file
 */
function fileOf(name, file) {
  try {
    const path = join(dirname(require.resolve(`${name}/package.json`)), file);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

const platform = `${process.platform}-${process.arch}`;

/** @param {number} major */
export const node = (major) => fileOf(`node-${major}-${platform}`, "bin/node");

export const deno = () => fileOf(`@deno/${platform}${process.platform === "linux" ? "-glibc" : ""}`, "deno");

export const bun = () => fileOf(`@oven/bun-${platform.replace("arm64", "aarch64")}`, "bin/bun");

export const workerd = () => fileOf(`@cloudflare/workerd-${platform.replace("x64", "64")}`, "bin/workerd");
