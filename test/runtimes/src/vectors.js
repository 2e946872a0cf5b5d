// The files of test/vectors that this folder reads and writes.

import { readFileSync, writeFileSync } from "node:fs";

/** @param {string} name */
const fileOf = (name) => new URL(`../../vectors/${name}.json`, import.meta.url);

/** @param {string} name */
export function readVectors(name) {
  return JSON.parse(readFileSync(fileOf(name), "utf8"));
}

/** @param {string} name @param {string} text */
export function writeVectors(name, text) {
  writeFileSync(fileOf(name), text);
}
