// Reads rows of logits: .npy (float32, float16, float64), JSON, raw little-endian float32; from a file or from
// standard input.

import { constants } from "node:buffer";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { parse } from "npyjs";
import { InputError, UsageError } from "./errors.js";
import { toJson } from "./output.js";
import { parsePythonJson } from "./python-json.js";

export const FORMATS = ["npy", "json", "f32"] as const;
export type Format = (typeof FORMATS)[number];

interface LogitsFile {
  /** As shown to the user. */
  name: string;
  rows: Float32Array[];
  vocabSize: number;
}

interface ReadOptions {
  /** Absent: recognised by the file's name, or by its first bytes. */
  format?: Format;
  /** Numbers per row, for raw float32, which has no shape; absent: all numbers are one row. */
  rowLength?: number;
}

/** Reads the rows of the file at `path`, or of standard input for "-". */
export async function readLogits(path: string, options: ReadOptions = {}): Promise<LogitsFile> {
  const name = path === "-" ? "standard input" : path;
  const bytes = path === "-" ? await buffer(process.stdin) : await readBytes(path);
  if (bytes.length === 0) throw new InputError(`${name} is empty`);
  const format = options.format ?? formatByName(path) ?? formatByContent(name, bytes);
  const rows = split(name, format, bytes, options.rowLength);
  const vocabSize = rows[0]?.length ?? 0;
  if (vocabSize === 0) throw new InputError(`${name} holds no logits`);
  return { name, rows, vocabSize };
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reasons: Record<string, string> = {
      ENOENT: "no such file",
      EISDIR: "is a directory",
      EACCES: "permission denied",
    };
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new InputError(`cannot read ${path}: ${reasons[code] ?? (error as Error).message}`, { cause: error });
  }
}

function formatByName(path: string): Format | undefined {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  return FORMATS.find((format) => format === extension);
}

function formatByContent(name: string, bytes: Buffer): Format {
  if (bytes.subarray(0, 6).toString("latin1") === "\x93NUMPY") return "npy";
  if (/^\s*[[{]/.test(utf8(bytes.subarray(0, 64)))) return "json";
  // safetensors: the length of a JSON header, as 64 bits, then that header.
  const isSafetensors = bytes[6] === 0 && bytes[7] === 0 && bytes[8] === 0x7b;
  if (bytes.subarray(0, 4).toString("latin1") === "PK\x03\x04" || isSafetensors)
    throw new InputError(
      `${name} is an archive (.npz, .safetensors, PyTorch's); expected .npy, JSON, or raw float32 (--format f32 takes it as that)`,
    );
  // Printable bytes throughout mean text: logits would hardly consist of nothing else.
  if (bytes.every((byte) => (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13)))
    throw new InputError(`${name} is text; expected .npy, JSON, or raw float32 (--format f32 takes it as that)`);
  return "f32";
}

/** Decodes text, dropping the byte order mark that some editors put before it. */
const utf8 = (bytes: Buffer): string => new TextDecoder().decode(bytes);

function split(name: string, format: Format, bytes: Buffer, rowLength: number | undefined): Float32Array[] {
  if (format !== "f32" && rowLength !== undefined)
    throw new UsageError(
      `--row-length is for raw float32; ${name} is read as ${format}, which says how long its rows are`,
    );
  if (format === "json") return fromJson(name, bytes);
  if (format === "npy") return fromNpy(name, bytes);
  return fromRaw(name, bytes, rowLength);
}

/** Returns a copy in an ArrayBuffer of exactly these bytes: Node's small buffers share one, at arbitrary offsets. */
const own = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

function fromNpy(name: string, bytes: Buffer): Float32Array[] {
  const { data, shape, dtype, fortranOrder } = parseNpy(name, bytes);
  if (!["f2", "f4", "f8"].includes(dtype))
    throw new InputError(`${name} holds ${dtype}; logits are float32, float16 or float64`);
  const [rows = 0, columns = 0] = shape.length === 1 ? [1, shape[0]] : shape;
  if (shape.length < 1 || shape.length > 2)
    throw new InputError(`${name} has ${shape.length} axes; expected [V] or [N, V]`);
  const expected = rows * columns;
  if (data.length < expected) throw new InputError(`${name} is cut short: ${data.length} numbers of ${expected}`);
  if (data.length > expected)
    throw new InputError(`${name} holds ${data.length} numbers, but its shape (${shape.join(", ")}) has ${expected}`);
  if (fortranOrder)
    return Array.from({ length: rows }, (_, r) =>
      toFloat32(
        name,
        r,
        Array.from({ length: columns }, (_, c) => data[c * rows + r] ?? 0),
      ),
    );
  return inRows(data, columns).map((row, r) => toFloat32(name, r, row));
}

function parseNpy(name: string, bytes: Buffer) {
  try {
    const parsed = parse(own(bytes));
    return { ...parsed, data: parsed.data as Float32Array | Float64Array };
  } catch (error) {
    throw new InputError(`${name} is not a readable .npy file: ${(error as Error).message}`, { cause: error });
  }
}

function fromRaw(name: string, bytes: Buffer, rowLength: number | undefined): Float32Array[] {
  if (bytes.length % 4 !== 0) throw new InputError(`${name} has ${bytes.length} bytes; raw float32 come in fours`);
  const floats = new Float32Array(own(bytes));
  const columns = rowLength ?? floats.length;
  if (floats.length % columns !== 0)
    throw new UsageError(`${name} holds ${floats.length} numbers, not a multiple of --row-length ${columns}`);
  return inRows(floats, columns);
}

function inRows<T extends Float32Array | Float64Array>(numbers: T, columns: number): T[] {
  if (columns === 0) return [];
  return Array.from(
    { length: numbers.length / columns },
    (_, row) => numbers.subarray(row * columns, (row + 1) * columns) as T,
  );
}

/** Converts to float32. Refuses finite numbers beyond it, which would become infinities: a mask, or an error about what the file lacks. */
function toFloat32(name: string, row: number, numbers: ArrayLike<number>): Float32Array {
  if (numbers instanceof Float32Array) return numbers;
  const floats = Float32Array.from(numbers);
  const beyond = floats.findIndex((x, i) => !Number.isFinite(x) && Number.isFinite(numbers[i]));
  if (beyond >= 0) throw new InputError(`${name}: the number at row ${row}, index ${beyond} is beyond float32`);
  return floats;
}

/** Reads `[...]`, `[[...], ...]`, or either of them under the key "logits". */
function fromJson(name: string, bytes: Buffer): Float32Array[] {
  const parsed = parseJson(name, bytes);
  const value = isObject(parsed) && "logits" in parsed ? parsed.logits : parsed;
  if (!Array.isArray(value)) throw new InputError(`${name}: expected an array of numbers, or an array of such arrays`);
  const rows: unknown[][] = Array.isArray(value[0]) ? value : [value];
  return rows.map((row, r) => {
    if (!Array.isArray(row)) throw new InputError(`${name}: row ${r} is not an array`);
    if (row.length !== rows[0]?.length)
      throw new InputError(`${name}: row ${r} has ${row.length} numbers, row 0 has ${rows[0]?.length}`);
    const bad = row.findIndex((x) => typeof x !== "number");
    if (bad >= 0) throw new InputError(`${name}: ${brief(row[bad])} at row ${r}, index ${bad} is not a number`);
    return toFloat32(name, r, row as number[]);
  });
}

/** Describes a JSON value in a few words, however large it is. */
function brief(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  const text = toJson(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function parseJson(name: string, bytes: Buffer): unknown {
  if (bytes.length > constants.MAX_STRING_LENGTH)
    throw new InputError(
      `${name} is too large for JSON; use .npy or .f32 for more than ${constants.MAX_STRING_LENGTH} bytes`,
    );
  try {
    return parsePythonJson(utf8(bytes));
  } catch (error) {
    // The message quotes the file, including its line breaks.
    throw new InputError(`${name} is not readable JSON: ${(error as Error).message.replace(/\s+/g, " ")}`, {
      cause: error,
    });
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
