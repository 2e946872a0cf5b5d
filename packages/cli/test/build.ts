// The tests run the published bin, so it is built before them.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function build(): void {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const tsup = fileURLToPath(new URL("../node_modules/tsup/dist/cli-default.js", import.meta.url));
  execFileSync(process.execPath, [tsup, "--silent"], { cwd, stdio: "inherit" });
}
