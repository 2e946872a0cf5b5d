// The packed types as users' compilers see them: they need nothing of Node or the browser, only TypeScript's own lib es2022.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { node, project, write } from "../src/project.js";

const STRICT: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  types: [],
};
const ESM = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 };
const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };

const BODY = `
const sampler = new Sampler({ vocabSize: 9, temperature: 0, seed: 42n });
const logits: Logits = new Float32Array([4.51, 0.89, -1.9, 6.75, 1.63, -1.62, -1.89, 6.28, 1.79]);
export const token: number = sampler.sample(logits);
const name: GeneratorName = "torch";
const generator: Generator = new Generator({ algorithm: name, seed: 1 });
export const drawn: Uint32Array = multinomial(softmax(logits), 5, { replacement: true, generator });
export const code = (error: unknown): ErrorCode | undefined => error instanceof LogitdrawError ? error.code : undefined;
export const rows: Uint32Array = sampleBatch([sampler], new LogitsBuffer(9));
sampler.free();
`;
const IMPORT = `import { type ErrorCode, Generator, type GeneratorName, LogitdrawError, type Logits, LogitsBuffer, multinomial,
  sampleBatch, Sampler, softmax } from "logitdraw";`;

/** Compiles a file, and returns what the compiler complains about. */
function compile(file: string, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([file], { ...STRICT, ...options });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map((diagnostic) => {
    const at = diagnostic.file ? `${diagnostic.file.fileName}: ` : "";
    return at + ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
  });
}

describe("under strict settings, without skipLibCheck", () => {
  test("node16: an ES module compiles and runs", () => {
    const file = write("types-esm.mts", `${IMPORT}${BODY}`);
    expect(compile(file, ESM)).toEqual([]);
    expect(node("--eval", `import("${join(project, "types-esm.mjs")}").then(({ token }) => console.log(token))`)).toBe(
      "3",
    );
  });

  test("node16: CommonJS compiles and runs", () => {
    const file = write("types-cjs.cts", `${IMPORT}${BODY}`);
    expect(compile(file, ESM)).toEqual([]);
    expect(node("--eval", `console.log(require("./types-cjs.cjs").token)`)).toBe("3");
  });

  test("bundler: an ES module compiles", () => {
    expect(compile(write("types-bundler.ts", `${IMPORT}${BODY}`), BUNDLER)).toEqual([]);
  });

  test.each([
    ["node16", ESM],
    ["bundler", BUNDLER],
  ])("%s: logitdraw/slim compiles", (name, options) => {
    const code = `import { argmax, init, initSync } from "logitdraw/slim";
      initSync(new Uint8Array(8));
      void init(Promise.resolve(new ArrayBuffer(8)));
      // @ts-expect-error
      initSync("/logitdraw.wasm");
      export const token: number = argmax([1, 2]);`;
    expect(compile(write(`types-slim-${name}.mts`, code), options)).toEqual([]);
  });

  test.each([
    ["node16", ESM],
    ["bundler", BUNDLER],
  ])("%s: logitdraw/slim compiles with a browser's lib", (name, options) => {
    const code = `import { init, initSync } from "logitdraw/slim";
      initSync(new WebAssembly.Module(new Uint8Array(8)));
      void init(fetch("/logitdraw.wasm"));
      void init(WebAssembly.compileStreaming(fetch("/logitdraw.wasm")));
      // @ts-expect-error
      void init("/logitdraw.wasm");`;
    const lib = { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"] };
    expect(compile(write(`types-slim-dom-${name}.mts`, code), { ...options, ...lib })).toEqual([]);
  });
});

describe("a program with every option and method compiles", () => {
  const user = readFileSync(new URL("../user/user.ts", import.meta.url), "utf8");
  const LIBS = [["lib.es2022.d.ts"], ["lib.esnext.d.ts", "lib.dom.d.ts"]];
  const settings = [ESM, BUNDLER].flatMap((options) =>
    [true, false].flatMap((exactOptionalPropertyTypes) =>
      LIBS.map((lib) => ({ ...options, exactOptionalPropertyTypes, lib, verbatimModuleSyntax: true })),
    ),
  );
  test.each(settings)("%j", (options) => {
    // Without a platform's types there is no console either.
    const console = "declare const console: { log(...what: unknown[]): void };";
    const code = options.lib.length > 1 ? user : `${user}\n${console}`;
    expect(compile(write("user.mts", code), options)).toEqual([]);
  });
});

test("`using` compiles for samplers if the lib has it", () => {
  const code = `import { Sampler } from "logitdraw";
    using sampler = new Sampler({ vocabSize: 2 });
    export const token: number = sampler.sample([1, 2]);`;
  const options = { ...ESM, lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts"] };
  expect(compile(write("types-using.mts", code), options)).toEqual([]);
});

test("wrong options and arguments do not compile", () => {
  const wrong = (name: string, line: string) =>
    compile(write(`types-wrong-${name}.mts`, `import { Generator, Sampler } from "logitdraw";\n${line}`), ESM).length;
  expect(wrong("option", `new Sampler({ vocabSize: 9, topk: 3 });`)).toBe(1);
  expect(wrong("type", `new Sampler({ vocabSize: "9" });`)).toBe(1);
  expect(wrong("missing", `new Sampler({ topK: 3 });`)).toBe(1);
  expect(wrong("generator", `new Generator({ algorithm: "mt" });`)).toBe(1);
  expect(wrong("bits", `new Sampler({ vocabSize: 1 }).sample("1");`)).toBe(1);
  expect(wrong("none", `new Sampler({ vocabSize: 9, topK: 3 });`)).toBe(0);
});
