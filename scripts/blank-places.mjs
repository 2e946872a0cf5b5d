// Blanks the places that panics name: the panic handler reads none of them, and they are 1.4 kB of a page's bundle. The linker keeps them
// because they are arguments of functions that panic; wasm-opt drops the arguments, but cannot tell what they pointed at.

import { fail } from "./steps.mjs";
import { SECTION, section } from "./wasm-file.mjs";

/** The size of a `core::panic::Location`: the pointer to the file's name and its length, the line, the column. */
const LOCATION = 16;

/** Blanks the places in a module, in place. */
export function blankPlaces(module) {
  const segments = segmentsOf(module);
  const names = new Set();
  for (const { address, bytes } of segments) {
    for (let at = -address & 3; at + LOCATION <= bytes.length; at += 4) {
      const name = nameOf(bytes.subarray(at, at + LOCATION), segments);
      if (name === undefined) continue;
      names.add(name);
      bytes.fill(0, at, at + LOCATION);
    }
  }
  if (names.size === 0) fail("The module names no places of panics: does this compiler write them in another way?");
  for (const name of names) name.fill(0);
}

/** Returns the name of the Rust file that a place points at, or undefined if it is not a place. */
function nameOf(place, segments) {
  const [start, length, line, column] = [0, 4, 8, 12].map((at) => place.readUInt32LE(at));
  if (length > 255 || line === 0 || line > 0xffff || column === 0 || column > 0xff) return undefined;
  const segment = segments.find(({ address, bytes }) => address <= start && start + length <= address + bytes.length);
  const name = segment?.bytes.subarray(start - segment.address, start - segment.address + length);
  return name !== undefined && /^[\w./-]+\.rs$/.test(name.toString("latin1")) ? name : undefined;
}

/** Returns the module's data segments: the address of each in memory, and its bytes. */
function segmentsOf(module) {
  const data = section(module, SECTION.data);
  return Array.from({ length: data.number() }, () => {
    data.bytes(2); // a segment of memory 0, at a constant
    const address = data.number();
    data.bytes(1); // end
    return { address, bytes: data.sized() };
  });
}
