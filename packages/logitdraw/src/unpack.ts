// The module out of its text, by a small module of its own (crates/pack).

import { fromBase64 } from "./base64.js";

const PAGE = 65536;

/** The bytes of a text. None are left where the text is none, and the engine says so. */
export function unpack(text: string, unpacker: string): Uint8Array<ArrayBuffer> {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(fromBase64(unpacker)));
  const memory = exports.memory as WebAssembly.Memory;
  const run = exports.unpack as (text: number, length: number, room: number) => number;
  // Letters are a byte each, and hardly fewer than the module's bytes, which go behind them.
  const [length, room] = [text.length, 2 * text.length];
  const start = memory.grow(Math.ceil((length + room) / PAGE)) * PAGE;
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, start));
  return new Uint8Array(memory.buffer as ArrayBuffer, start + length, run(start, length, room));
}
