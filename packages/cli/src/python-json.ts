// JSON as Python's json module writes it: NaN, Infinity and -Infinity are bare words there, which JSON.parse refuses.

import { randomUUID } from "node:crypto";

/** No string of a file begins so: a word's place is taken by a string that does. */
const MARK = randomUUID();

/** The value of a JSON text; throws as JSON.parse does. A number too large for a double becomes the largest of them. */
export function parsePythonJson(text: string): unknown {
  // First with zeros in the words' places, as long as they are, so that an error names its position in the file.
  JSON.parse(replaceWords(text, (word) => "0".padEnd(word.length)));
  const marked = replaceWords(text, (word) => `"${MARK}${word}"`);
  return JSON.parse(marked, (_, value: unknown) => {
    if (typeof value === "string" && value.startsWith(MARK)) return Number(value.slice(MARK.length));
    // Written as digits, so it is finite; infinite are the words alone.
    if (typeof value === "number" && !Number.isFinite(value)) return Math.sign(value) * Number.MAX_VALUE;
    return value;
  });
}

/** Replaces the words that stand outside of strings. */
function replaceWords(text: string, replace: (word: string) => string): string {
  let inString = false;
  // An escape is a match of its own, so that the quote in it ends no string.
  return text.replace(/\\.|"|(?<![\w.+])-?(?:Infinity|NaN)(?!\w)/gs, (token) => {
    if (token === '"') inString = !inString;
    return inString || token === '"' || token.startsWith("\\") ? token : replace(token);
  });
}
