// The installed package in Node: both kinds of modules, a bundle for servers, and `logitdraw/slim` with each form of the module.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { DRAWN, DRAWS, NAMES, node, project, write } from "../src/project.js";

const MODULE = `
  import { readFileSync } from "node:fs";
  import { runInNewContext } from "node:vm";
  const EMPTY = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const bytes = readFileSync(new URL(import.meta.resolve("logitdraw/logitdraw.wasm")));
  const response = (status) => new Response(bytes, { status, headers: { "content-type": "application/wasm" } });`;

test("works by import", () => {
  expect(node(write("import.mjs", `import { ${NAMES} } from "logitdraw";${DRAWS}console.log(drawn);`))).toBe(DRAWN);
});

test("works by require", () => {
  expect(node(write("require.cjs", `const { ${NAMES} } = require("logitdraw");${DRAWS}console.log(drawn);`))).toBe(
    DRAWN,
  );
});

test.each(["logitdraw", "logitdraw/slim"])(
  "%s: an uncaught error prints its message and less than 2,000 characters",
  (name) => {
    const code = `${MODULE} import * as logitdraw from "${name}"; logitdraw.initSync?.(bytes); new logitdraw.Sampler({ topk: 1 });`;
    const { stderr } = spawnSync(process.execPath, [write("uncaught.mjs", code)], { encoding: "utf8" });
    expect(stderr).toMatch(/LogitdrawError: .*/);
    expect(stderr.length).toBeLessThan(2000);
  },
);

test("class names are not minified", () => {
  const code = `import { Generator, LogitsBuffer, Sampler } from "logitdraw";
    const things = [new Sampler({ vocabSize: 9 }), new Generator(), new LogitsBuffer(9), new LogitsBuffer(9).row(0)];
    console.log(things.map((thing) => thing.constructor.name).join());`;
  expect(node(write("names.mjs", code))).toBe("Sampler,Generator,LogitsBuffer,Object");
});

test("works without a global Buffer", () => {
  const code = `delete globalThis.Buffer; import { ${NAMES} } from "logitdraw";${DRAWS}console.log(drawn);`;
  expect(node(write("no-buffer.mjs", code))).toBe(DRAWN);
});

test("works where there is nothing but the language and WebAssembly", () => {
  // As in an audio worklet or in Jest's jsdom: no TextEncoder, no TextDecoder, no Buffer.
  const code = `
    const { readFileSync } = require("node:fs");
    const { runInNewContext } = require("node:vm");
    const code = readFileSync("node_modules/logitdraw/dist/index.cjs", "utf8");
    const bare = { module: { exports: {} } };
    console.log(runInNewContext(\`\${code};
      { const { ${NAMES} } = module.exports;${DRAWS}
      let unknown;
      try { new Sampler({ vocabSize: 9, seed: 1, "\\u00e9\\u{1f600}\\ud800": 1 }); } catch (error) { unknown = error.option; }
      drawn + " " + (unknown === "\\u00e9\\u{1f600}\\ufffd"); }\`, bare));`;
  expect(node(write("bare.cjs", code))).toBe(`${DRAWN} true`);
});

test("import and require work side by side with the same exports", () => {
  const code = `
    import { createRequire } from "node:module";
    import * as esm from "logitdraw";
    const cjs = createRequire(import.meta.url)("logitdraw");
    const draw = ({ Sampler }) => new Sampler({ vocabSize: 99, seed: 1 }).sample(new Float32Array(99));
    console.log(draw(esm) === draw(cjs), Object.keys(esm).sort().join() === Object.keys(cjs).sort().join());`;
  expect(node(write("both.mjs", code))).toBe("true true");
});

test("an import compiles no module and adds no globals, the first call compiles it once", () => {
  const code = `
    const before = Object.getOwnPropertyNames(globalThis).join();
    const { Module, Instance } = WebAssembly;
    let started = 0;
    WebAssembly.Module = class extends Module { constructor(bytes) { super(bytes); started++; } };
    const { argmax } = await import("logitdraw");
    const atImport = started;
    argmax([1, 2]);
    argmax([1, 2]);
    console.log(atImport, started, Object.getOwnPropertyNames(globalThis).join() === before);`;
  expect(node(write("lazy.mjs", code))).toBe("0 1 true");
});

test.each(["esm", "cjs"] as const)("works bundled for Node as %s", async (format) => {
  const outfile = join(project, "dist/server", format === "esm" ? "bundle.mjs" : "bundle.cjs");
  const entry = write(`server-${format}.js`, `import { ${NAMES} } from "logitdraw";${DRAWS}console.log(drawn);`);
  await esbuild.build({ entryPoints: [entry], outfile, bundle: true, platform: "node", format, logLevel: "error" });
  expect(node(outfile)).toBe(DRAWN);
});

test.each([
  ["bytes", "initSync(bytes)"],
  ["an ArrayBuffer", "initSync(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))"],
  ["a DataView", "initSync(new DataView(bytes.buffer, bytes.byteOffset, bytes.length))"],
  ["a compiled module", "initSync(new WebAssembly.Module(bytes))"],
  ["a response", "await init(response(200))"],
  ["the promise of a response", "await init(Promise.resolve(response(200)))"],
  ["a module of another realm", 'initSync(new (runInNewContext("WebAssembly.Module"))(bytes))'],
  ["a module after another one has failed", "try { initSync(EMPTY); } catch {} initSync(bytes)"],
  ["a module that is given twice", "initSync(bytes); initSync(bytes); await init(response(404))"],
])("logitdraw/slim accepts %s", (_, start) => {
  const code = `${MODULE} import { init, initSync, ${NAMES} } from "logitdraw/slim"; ${start};${DRAWS}console.log(drawn);`;
  expect(node(write("slim.mjs", code))).toBe(DRAWN);
});

test.each([
  ["no module", "argmax([1, 2])"],
  ["bytes of no module", "initSync(new Uint8Array(8))"],
  ["another module", "initSync(EMPTY)"],
  [
    "another version's module",
    'initSync(Buffer.from(bytes.toString("latin1").replace("logitdraw0.", "logitdraw7."), "latin1"))',
  ],
  ["a response with status 404", "await init(response(404))"],
  ["a failed request", 'await init(Promise.reject(new TypeError("fetch failed")))'],
  [
    "a response that breaks off",
    'await init({ ...response(200), arrayBuffer: () => Promise.reject(new TypeError("terminated")) })',
  ],
  ["a response to initSync", "initSync(response(200))"],
  ["undefined", "await init(undefined)"],
  ["a URL", 'await init("/logitdraw.wasm")'],
])("logitdraw/slim throws WASM_UNAVAILABLE given %s", (_, start) => {
  const code = `${MODULE} import { init, initSync, argmax } from "logitdraw/slim";
    try { ${start}; } catch (error) { console.log(error.code); }`;
  expect(node(write("slim-bad.mjs", code))).toBe("WASM_UNAVAILABLE");
});

test("logitdraw/slim works by require", () => {
  const code = `
    const { readFileSync } = require("node:fs");
    const { initSync, ${NAMES} } = require("logitdraw/slim");
    initSync(readFileSync(require.resolve("logitdraw/logitdraw.wasm")));${DRAWS}console.log(drawn);`;
  expect(node(write("slim.cjs", code))).toBe(DRAWN);
});
