// Some tests run the published files in worker threads and other processes, so the package's JavaScript is built before the tests.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function build(): void {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const tsup = fileURLToPath(new URL("../node_modules/tsup/dist/cli-default.js", import.meta.url));
  execFileSync(process.execPath, [tsup, "--silent", "--no-dts", "--no-clean"], { cwd, stdio: "inherit" });
}
