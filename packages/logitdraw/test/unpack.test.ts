import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unpack } from "../src/unpack.js";

const built = (name: string) => readFileSync(new URL(`../pkg/${name}`, import.meta.url));
const text = built("logitdraw_wasm_bg.txt").toString("latin1");
const unpacker = built("unpack.wasm").toString("hex");

test("the module comes back from its text", () => {
  expect(Buffer.from(unpack(text, unpacker)).equals(built("logitdraw_wasm_bg.wasm"))).toBe(true);
});

test("the module names no places of panics", () => {
  expect(built("logitdraw_wasm_bg.wasm").toString("latin1")).not.toContain(".rs");
});

test("no quoting changes the text", () => {
  expect(JSON.stringify(text)).toBe(`"${text}"`);
  expect(text).not.toMatch(/[\\`$]/);
});

test("a text that is none leaves no module", () => {
  for (const bad of ["", "nonsense", text.slice(0, -1), text.slice(0, text.length >> 1)]) {
    expect(unpack(bad, unpacker).length, bad.slice(0, 9)).toBe(0);
  }
});
