import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode } from "../src/text.js";

test("bytes come back from their text, which no quoting changes", () => {
  const property = fc.property(fc.uint8Array({ maxLength: 2000, size: "max" }), (bytes) => {
    const text = encode(bytes);
    expect(decode(text)).toEqual(Uint8Array.from(bytes));
    expect(JSON.stringify(text)).toBe(`"${text}"`);
    expect(text).not.toMatch(/[\\`]|\$\{/);
  });
  fc.assert(property);
  const all = Uint8Array.from({ length: 512 }, (_, i) => i);
  expect(decode(encode(all))).toEqual(all);
});
