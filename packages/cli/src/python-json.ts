// Reads JSON as Python's json module writes it, with NaN, Infinity and -Infinity as bare words, which JSON.parse refuses.

import { randomUUID } from "node:crypto";

/** Begins the strings that replace those words; random, so that no string in a file begins with it. */
const MARK = randomUUID();

/** Returns the value of a JSON text; throws as JSON.parse does. A number too large for a double becomes the largest double. */
export function parsePythonJson(text: string): unknown {
  // First parsed with each word replaced by a zero padded to the same length, so that errors have the position in the file.
  JSON.parse(replaceWords(text, (word) => "0".padEnd(word.length)));
  const marked = replaceWords(text, (word) => `"${MARK}${word}"`);
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value === "string" && value.startsWith(MARK)) return Number(value.slice(MARK.length));
    // It was written in digits, so it stays finite: only the words are infinite.
    if (typeof value === "number" && !Number.isFinite(value)) return Math.sign(value) * Number.MAX_VALUE;
    return value;
  });
}

/** Replaces the words outside of strings. */
function replaceWords(text: string, replace: (word: string) => string): string {
  let inString = false;
  // Escapes are matched as a whole, so that an escaped quote does not end a string.
  return text.replace(/\\.|"|(?<![\w.+])-?(?:Infinity|NaN)(?!\w)/gs, (token) => {
    if (token === '"') inString = !inString;
    return inString || token === '"' || token.startsWith("\\") ? token : replace(token);
  });
}
