// The types that several files share.

/** A Float16Array, structurally: the global type is missing from older TypeScript libs, where naming it would break users' builds. */
export interface Float16ArrayLike {
  readonly BYTES_PER_ELEMENT: number;
  readonly [Symbol.toStringTag]: "Float16Array";
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly length: number;
}

/**
 * Logits of one position: float32, float16, the bits of float16 / bfloat16 (`SampleOptions.dtype` says which; functions without a dtype
 * refuse them), or plain numbers.
 */
export type Logits = Float32Array | Float16ArrayLike | Uint16Array | readonly number[];
