// How much a page loads: bundled, minified, compressed as servers do.

import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { project } from "../src/project.js";

/** Bytes after gzip. */
async function gzipped(code: string): Promise<number> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: code, resolveDir: project },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  return gzipSync((outputFiles[0] as esbuild.OutputFile).contents, { level: 9 }).length;
}

const SAMPLER = `import { Sampler } from "logitdraw"; globalThis.Sampler = Sampler;`;

test("what `import { Sampler }` pulls in is at most 60 KB", async () => {
  const bytes = await gzipped(SAMPLER);
  console.log(`import { Sampler }: ${bytes} bytes after gzip`);
  expect(bytes).toBeLessThanOrEqual(60_000);
});

test("a function alone is no larger", async () => {
  const bytes = await gzipped(`import { argmax } from "logitdraw"; globalThis.argmax = argmax;`);
  console.log(`import { argmax }: ${bytes} bytes after gzip`);
  expect(bytes).toBeLessThanOrEqual(await gzipped(SAMPLER));
});

test("without the module the wrapper is small", async () => {
  const bytes = await gzipped(`export * from "logitdraw/slim";`);
  console.log(`logitdraw/slim: ${bytes} bytes after gzip`);
  expect(bytes).toBeLessThanOrEqual(15_000);
});
