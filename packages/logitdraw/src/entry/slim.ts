// The entry without the module: the caller has to provide it before first use.

import { kindOf, LogitdrawError } from "../errors.js";
import { memory, running, setSource } from "../wasm.js";

export * from "../index.js";

/** Which build of the module this code belongs to (stamp.mjs). */
declare const STAMP: string;

/** A `WebAssembly.Module`, but not by that name: TypeScript's lib es2022 alone lacks it, and the DOM's declares an empty interface. */
type Module = object;

/** The module, or its bytes. */
export type Source = Module | ArrayBuffer | ArrayBufferView;

/**
 * Starts the module (`logitdraw/logitdraw.wasm`), given as its bytes or compiled. Once it runs, further calls do nothing. Throws
 * `WASM_UNAVAILABLE` if it does not start or is not the module of this code, such as that of another version.
 *
 * @example
 * initSync(readFileSync(require.resolve("logitdraw/logitdraw.wasm")));
 */
export function initSync(source: Source): void {
  if (running()) return;
  setSource(() => own(source));
  memory();
}

/** Returns the module, from whichever realm. Refuses any other: it might well start, but its exports would mean something else. */
function own(source: Source): WebAssembly.Module {
  const kind = kindOf(source);
  const isModule = kind === "WebAssembly.Module";
  if (!isModule && !ArrayBuffer.isView(source) && !/^(Shared)?ArrayBuffer$/.test(kind))
    throw new TypeError(`expected fetch(url), bytes or a WebAssembly.Module, not ${kind}`);
  // Node 20 takes no DataView.
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : source;
  const module = isModule ? (source as WebAssembly.Module) : new WebAssembly.Module(bytes as BufferSource);
  const sections = WebAssembly.Module.customSections(module, "logitdraw");
  if (!sections.some((stamp) => String.fromCharCode(...new Uint8Array(stamp)) === STAMP))
    throw new Error("this logitdraw.wasm belongs to another version of the code");
  return module;
}

/** The part of a `Response` that is read. */
export interface ModuleResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/**
 * Does the same as {@link initSync}, and also takes a `Response`, or a promise of any of these.
 *
 * @example
 * await init(fetch("/logitdraw.wasm"));
 */
export async function init(source: Source | ModuleResponse | PromiseLike<Source | ModuleResponse>): Promise<void> {
  if (running()) return;
  const given = await arrived(source);
  if (typeof given !== "object" || given === null || !("arrayBuffer" in given)) return initSync(given);
  if (!given.ok)
    throw new LogitdrawError("WASM_UNAVAILABLE", `the WebAssembly module was not found: ${given.status} ${given.url}`);
  initSync(await arrived(given.arrayBuffer()));
}

/** Waits for a part of the way to the module; `WASM_UNAVAILABLE` if it fails. */
function arrived<T>(value: T | PromiseLike<T>): Promise<T> {
  return Promise.resolve(value).catch((cause: unknown) => {
    throw new LogitdrawError("WASM_UNAVAILABLE", `the WebAssembly module did not arrive: ${cause}`, { cause });
  });
}
