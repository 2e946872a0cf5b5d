// The part of a WebAssembly module's format that the build looks into.

/** The ids of the sections. */
export const SECTION = { custom: 0, import: 2, code: 10, data: 11 };

const PREAMBLE = 8;

/** Reads bytes, starting at a position. */
class Reader {
  constructor(source, at) {
    this.source = source;
    this.at = at;
  }

  /** Reads an unsigned number in LEB128. */
  number() {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.source[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** Returns a view of the next `length` bytes. */
  bytes(length) {
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }

  /** Reads bytes that follow their own length. */
  sized() {
    return this.bytes(this.number());
  }
}

/** Returns a reader of a module's section, which is empty if the module has none. */
export function section(module, wanted) {
  const reader = new Reader(module, PREAMBLE);
  while (reader.at < module.length) {
    const [found] = reader.bytes(1);
    const contents = reader.sized();
    if (found === wanted) return new Reader(contents, 0);
  }
  return new Reader(Buffer.of(0), 0);
}

/** Encodes a number in LEB128. */
export function leb(number) {
  const digits = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  return Buffer.of(...digits, rest);
}

/** Returns bytes preceded by their length. */
export function sized(...parts) {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([leb(bytes.length), bytes]);
}
