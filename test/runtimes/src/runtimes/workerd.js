// Cloudflare's workerd resolves no packages. As for its users, a bundler follows the condition `workerd`, and the WebAssembly module is
// supplied as a separate module.

import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { lastLine } from "./command.js";

const WASM = fileURLToPath(import.meta.resolve("logitdraw/logitdraw.wasm"));
const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker", esModule = embed "worker.js"),
    (name = "logitdraw.wasm", wasm = embed "logitdraw.wasm"),
  ],
  compatibilityDate = "2026-01-01",
);
`;

/** @param {string} binary @param {number} count */
export async function runWorkerd(binary, count) {
  const folder = await mkdtemp(join(tmpdir(), "logitdraw-workerd-"));
  try {
    await build({
      entryPoints: [fileURLToPath(new URL("../hosts/workerd.js", import.meta.url))],
      outfile: join(folder, "worker.js"),
      bundle: true,
      format: "esm",
      target: "es2022",
      conditions: ["workerd"],
      external: ["./logitdraw.wasm"],
      define: { COUNT: `${count}` },
      logLevel: "error",
    });
    await copyFile(WASM, join(folder, "logitdraw.wasm"));
    await writeFile(join(folder, "config.capnp"), CONFIG);
    return await lastLine(binary, ["test", "config.capnp"], { cwd: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}
