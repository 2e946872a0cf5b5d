// Bytes as text for a JavaScript file. Base64 would hide every repetition from gzip (a third larger on the wire); here a byte
// is always the same one or two characters, the frequent ones one.
//
// The text starts with all 256 bytes in hexadecimal, most frequent first. Then follow the bytes: place p of that list is written
// as character p % 88 of the alphabet, behind a space where p is in the second eighty-eight, behind "!" in the third. The alphabet is
// printable ASCII from "%" without backslash and backtick, so that neither double quotes nor a template escape any of it.

const PAGE = 88;
const HEADER = 512;

/** The bytes of a text. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const order = new Uint8Array(HEADER / 2);
  for (let i = 0; i < order.length; i++) order[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let page = 0;
  for (let i = HEADER; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 37) {
      page = (code - 31) * PAGE;
      continue;
    }
    bytes[length++] = order[page + code - 37 - (code > 92 ? 1 : 0) - (code > 96 ? 1 : 0)] as number;
    page = 0;
  }
  return bytes.slice(0, length);
}

/** The text of bytes. */
export function encode(bytes: Uint8Array): string {
  const counts = new Uint32Array(HEADER / 2);
  for (const byte of bytes) counts[byte] = (counts[byte] as number) + 1;
  const order = Array.from(counts.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  const words = new Array<string>(order.length);
  order.forEach((byte, place) => {
    let code = 37 + (place % PAGE);
    if (code >= 92) code++;
    if (code >= 96) code++;
    words[byte] = ["", " ", "!"][Math.floor(place / PAGE)] + String.fromCharCode(code);
  });
  const header = order.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return header + Array.from(bytes, (byte) => words[byte]).join("");
}
