// As much of a WebAssembly module's format as the build looks into.

/** Numbers of the sections. */
export const SECTION = { custom: 0, import: 2, code: 10, data: 11 };

const PREAMBLE = 8;

/** Reads bytes from a place on. */
class Reader {
  constructor(source, at) {
    this.source = source;
    this.at = at;
  }

  /** An unsigned number in LEB128. */
  number() {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.source[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** So many bytes, where they stand. */
  bytes(length) {
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }

  /** Bytes behind their own number. */
  sized() {
    return this.bytes(this.number());
  }
}

/** A section of a module, to be read; empty where it has none. */
export function section(module, wanted) {
  const reader = new Reader(module, PREAMBLE);
  while (reader.at < module.length) {
    const [found] = reader.bytes(1);
    const contents = reader.sized();
    if (found === wanted) return new Reader(contents, 0);
  }
  return new Reader(Buffer.of(0), 0);
}

/** A number in LEB128. */
export function leb(number) {
  const digits = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) digits.push((rest % 128) + 128);
  return Buffer.of(...digits, rest);
}

/** Bytes behind their number. */
export function sized(...parts) {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([leb(bytes.length), bytes]);
}
