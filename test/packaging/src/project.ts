// Writes files into the user's project, and runs programs in it.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inject } from "vitest";

/** The path of the project whose only dependency is the packed package. */
export const project = inject("project");

/** Writes a file of the project and returns its path. */
export function write(name: string, text: string): string {
  const path = join(project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Runs Node in the project and returns what it prints, without the end of the last line. */
export function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: "utf8" }).trimEnd();
}

/**
 * A program that draws the textbook's thousand tokens with torch's generator, and some with a sampler. It must give torch's own counts
 * and the pinned tokens.
 */
export const DRAWS = `
const logits = [4.51, 0.89, -1.9, 6.75, 1.63, -1.62, -1.89, 6.28, 1.79];
manualSeed(123);
const p = softmax(logits);
const counts = bincount(Array.from({ length: 1000 }, () => multinomial(p, 1)[0]));
const sampler = new Sampler({ vocabSize: 9, temperature: 0.8, topK: 3, seed: 42 });
const tokens = Array.from({ length: 8 }, () => sampler.sample(logits));
const drawn = [...counts].join() + " " + tokens.join();
`;
export const NAMES = "bincount, manualSeed, multinomial, Sampler, softmax";
export const DRAWN = "73,0,0,582,2,0,0,343 3,3,7,7,3,3,7,3";
