// Unpacks the module from its text, with a small WebAssembly module made for that (crates/pack).

const PAGE = 65536;

/** Returns the bytes of a text; none if the text is damaged, so that compiling them fails. */
export function unpack(text: string, unpacker: string): Uint8Array<ArrayBuffer> {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fromHex(unpacker)));
  const memory = exports.memory as WebAssembly.Memory;
  const run = exports.unpack as (text: number, length: number) => number;
  // Each letter is one byte. The unpacked module goes after all the memory there is by then, into pages of its own.
  const start = memory.grow(Math.ceil(text.length / PAGE)) * PAGE;
  // Not by TextEncoder, which audio worklets and Jest's jsdom lack.
  const letters = new Uint8Array(memory.buffer, start);
  for (let at = 0; at < text.length; at++) letters[at] = text.charCodeAt(at);
  const end = memory.buffer.byteLength;
  const length = run(start, text.length);
  return new Uint8Array(memory.buffer as ArrayBuffer, end, length);
}

/** Decodes hexadecimal digits, two per byte. Used because gzip finds repetitions in them, which it does not in base64. */
function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (two) => Number.parseInt(two, 16));
}
