// Runs the built bin as a shell would.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const BIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export function logitdraw(args: readonly string[], input?: Uint8Array | string): Outcome {
  // Without colours, whatever the terminal of whoever runs the tests.
  const { FORCE_COLOR: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    input: input ?? "",
    encoding: "utf8",
    env,
  });
  return { status, stdout, stderr };
}

/** Returns the JSON printed by a call that must succeed. */
export function logitdrawJson<T>(args: readonly string[], input?: Uint8Array | string): T {
  const { status, stdout, stderr } = logitdraw([...args, "--json"], input);
  if (status !== 0) throw new Error(`ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

let directory: string | undefined;
afterAll(() => {
  if (directory !== undefined) rmSync(directory, { recursive: true });
  directory = undefined;
});

/** Writes a file to a temporary directory; returns its path. */
export function file(name: string, content: Uint8Array | string): string {
  directory ??= mkdtempSync(join(tmpdir(), "logitdraw-cli-"));
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** Returns the bytes of a .npy file, format version 1. */
export function npy(descr: string, shape: readonly number[], data: ArrayBufferView, fortran = false): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${dims}), }`;
  const padded = `${header.padEnd(128 - 10 - 1)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, padded.length & 255, padded.length >> 8]);
  return Buffer.concat([
    start,
    Buffer.from(padded, "latin1"),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}
