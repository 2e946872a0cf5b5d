// Seeds in Node: from the device, or from `crypto` if the device cannot be read.

import * as fs from "node:fs";
import { existsSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { fillFromDevice } from "../src/random-device.js";

const words = () => new Uint32Array(4);
const filled = () => {
  const own = words();
  fillFromDevice(own);
  return own;
};

afterEach(() => {
  vi.restoreAllMocks();
});

test.skipIf(!existsSync("/dev/urandom") && !process.env.CI)(
  "the device fills every word with random values, without crypto",
  () => {
    const crypto = vi.spyOn(globalThis.crypto, "getRandomValues");
    const all = new Set(Array.from({ length: 50 }, filled).flatMap((own) => [...own]));
    // Two of 200 words are equal once in 200,000 runs; three duplicates do not happen.
    expect(all.size).toBeGreaterThan(197);
    expect(crypto).not.toHaveBeenCalled();
  },
);

const unreadable: Record<string, () => unknown> = {
  "no such file": () => ({ ...fs, openSync: () => fs.openSync("/dev/no-such-device", "r") }),
  "a short read": () => ({ ...fs, readSync: () => 3 }),
  "a failing read": () => ({
    ...fs,
    readSync: () => {
      throw new Error("EIO");
    },
  }),
  "no fs module": () => undefined,
};

test.each(Object.keys(unreadable))("falls back to crypto: %s", (name) => {
  vi.spyOn(process, "getBuiltinModule").mockImplementation(unreadable[name] as typeof process.getBuiltinModule);
  const crypto = vi.spyOn(globalThis.crypto, "getRandomValues");
  expect(filled()).not.toEqual(words());
  expect(crypto).toHaveBeenCalledOnce();
});
