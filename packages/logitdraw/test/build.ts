// Threads and processes of their own run what is published, so the package's JavaScript is built before the tests.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function build(): void {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const tsup = fileURLToPath(new URL("../node_modules/tsup/dist/cli-default.js", import.meta.url));
  execFileSync(process.execPath, [tsup, "--silent", "--no-dts", "--no-clean"], { cwd, stdio: "inherit" });
}
