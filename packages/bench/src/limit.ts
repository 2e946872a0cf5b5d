// The limit: what no sampler that reads JavaScript's logits inside WebAssembly can beat. It copies the row into WASM
// memory and reads each number once, and does no more: no check for NaN, no position of the maximum, only lengths
// that are a multiple of 16.

import loadWabt from "wabt";

const WAT = `
(module
  (memory (export "memory") 1)
  ;; The largest of the floats in [pointer, end). Four accumulators hide the latency of max; pmax is one x86 instruction.
  (func (export "max") (param $pointer i32) (param $end i32) (result f32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $a (f32x4.splat (f32.const -inf)))
    (local.set $b (local.get $a))
    (local.set $c (local.get $a))
    (local.set $d (local.get $a))
    (loop $next
      (local.set $a (f32x4.pmax (local.get $a) (v128.load (local.get $pointer))))
      (local.set $b (f32x4.pmax (local.get $b) (v128.load offset=16 (local.get $pointer))))
      (local.set $c (f32x4.pmax (local.get $c) (v128.load offset=32 (local.get $pointer))))
      (local.set $d (f32x4.pmax (local.get $d) (v128.load offset=48 (local.get $pointer))))
      (local.set $pointer (i32.add (local.get $pointer) (i32.const 64)))
      (br_if $next (i32.lt_u (local.get $pointer) (local.get $end))))
    (local.set $a (f32x4.pmax (f32x4.pmax (local.get $a) (local.get $b)) (f32x4.pmax (local.get $c) (local.get $d))))
    (f32.max
      (f32.max (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
      (f32.max (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a))))))
`;

interface LimitExports {
  memory: WebAssembly.Memory;
  max(pointer: number, end: number): number;
}

const PAGE = 65536;
const FLOATS_A_STEP = 16;

/** Copies rows of one vocabulary size and finds their maximum in one pass, in a module of its own. */
export class Limit {
  private constructor(
    private readonly exports: LimitExports,
    private readonly view: Float32Array,
  ) {}

  static async create(vocabSize: number): Promise<Limit> {
    if (vocabSize % FLOATS_A_STEP !== 0)
      throw new RangeError(`the limit reads ${FLOATS_A_STEP} floats a step, not ${vocabSize}`);
    const wabt = await loadWabt();
    const { buffer } = wabt.parseWat("limit.wat", WAT, { simd: true }).toBinary({});
    const module = await WebAssembly.compile(new Uint8Array(buffer));
    const exports = (await WebAssembly.instantiate(module)).exports as unknown as LimitExports;
    exports.memory.grow(Math.ceil((vocabSize * 4) / PAGE));
    return new Limit(exports, new Float32Array(exports.memory.buffer, 0, vocabSize));
  }

  run(row: Float32Array): number {
    this.view.set(row);
    return this.exports.max(0, this.view.byteLength);
  }
}
