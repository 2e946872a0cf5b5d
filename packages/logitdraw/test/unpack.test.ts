import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unpack } from "../src/unpack.js";

const built = (name: string) => readFileSync(new URL(`../pkg/${name}`, import.meta.url));
const text = built("logitdraw_wasm_bg.txt").toString("latin1");
const unpacker = built("unpack.wasm").toString("hex");

test("unpacking the text restores the module", () => {
  expect(Buffer.from(unpack(text, unpacker)).equals(built("logitdraw_wasm_bg.wasm"))).toBe(true);
});

test("the module contains no source paths of panics", () => {
  expect(built("logitdraw_wasm_bg.wasm").toString("latin1")).not.toContain(".rs");
});

test("the text needs no escapes in a string literal", () => {
  expect(JSON.stringify(text)).toBe(`"${text}"`);
  expect(text).not.toMatch(/[\\`$]/);
});

test("an invalid or truncated text unpacks to nothing", () => {
  for (const bad of ["", "nonsense", text.slice(0, -1), text.slice(0, text.length >> 1)]) {
    expect(unpack(bad, unpacker).length, bad.slice(0, 9)).toBe(0);
  }
});
