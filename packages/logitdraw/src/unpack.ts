// The module out of its text, by a small module of its own (crates/pack).

const PAGE = 65536;

/** The bytes of a text; none where the text is damaged, which compiling them then says. */
export function unpack(text: string, unpacker: string): Uint8Array<ArrayBuffer> {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fromHex(unpacker)));
  const memory = exports.memory as WebAssembly.Memory;
  const run = exports.unpack as (text: number, length: number) => number;
  // A letter is a byte. The module goes behind all of it, into memory of its own.
  const start = memory.grow(Math.ceil(text.length / PAGE)) * PAGE;
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, start));
  const end = memory.buffer.byteLength;
  const length = run(start, text.length);
  return new Uint8Array(memory.buffer as ArrayBuffer, end, length);
}

/** The bytes of hexadecimal digits, two each: gzip finds what is repeated, as it does not in base64. */
function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
}
