// Bytes as text for a JavaScript file. Base64 would hide every repetition from gzip (a third larger on the wire); here a byte
// is always the same one or two characters, the frequent ones one.
//
// The text starts with 256 bits in hexadecimal, four a digit, the lowest first: which bytes are the 88 frequent ones. These in ascending
// order, then all others, are a list, and place p of it is written as character p % 88 of the alphabet, behind a space where p is in the
// second eighty-eight, behind "!" in the third. The alphabet is printable ASCII from "%" without backslash and backtick, so that neither
// double quotes nor a template escape any of it.

const PAGE = 88;
const PAGES = 3;
const CHARACTERS = 128;
const BYTES = 256;
const HEADER = BYTES / 4;

/** All bytes: those of a set, then the others, both ascending. */
function listed(isFrequent: (byte: number) => boolean): number[] {
  const bytes = Array.from({ length: BYTES }, (_, byte) => byte);
  return [...bytes.filter(isFrequent), ...bytes.filter((byte) => !isFrequent(byte))];
}

/** The character of a place on its page. */
function characterAt(place: number): number {
  const code = 37 + (place % PAGE);
  return code + (code > 91 ? 1 : 0) + (code > 94 ? 1 : 0);
}

/** The bytes of a text. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  // Nothing but loads in the loop: a page that has just loaded interprets most of its rounds.
  const byteOf = new Uint8Array(PAGES * CHARACTERS);
  const order = listed((byte) => ((Number.parseInt(text.charAt(byte >> 2), 16) >> (byte & 3)) & 1) === 1);
  order.forEach((byte, place) => {
    byteOf[Math.floor(place / PAGE) * CHARACTERS + characterAt(place)] = byte;
  });
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let page = 0;
  for (let i = HEADER; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 37) {
      page = (code - 31) * CHARACTERS;
    } else {
      bytes[length++] = byteOf[page + code] as number;
      page = 0;
    }
  }
  return bytes.slice(0, length);
}

/** The text of bytes. */
export function encode(bytes: Uint8Array): string {
  const counts = new Uint32Array(BYTES);
  for (const byte of bytes) counts[byte] = (counts[byte] as number) + 1;
  const ranked = Array.from(counts.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  const frequent = new Set(ranked.slice(0, PAGE));
  const words = new Array<string>(BYTES);
  listed((byte) => frequent.has(byte)).forEach((byte, place) => {
    words[byte] = ["", " ", "!"][Math.floor(place / PAGE)] + String.fromCharCode(characterAt(place));
  });
  const digit = (at: number) => [0, 1, 2, 3].reduce((sum, bit) => sum + (frequent.has(4 * at + bit) ? 1 << bit : 0), 0);
  const header = Array.from({ length: HEADER }, (_, at) => digit(at).toString(16)).join("");
  return header + Array.from(bytes, (byte) => words[byte]).join("");
}
