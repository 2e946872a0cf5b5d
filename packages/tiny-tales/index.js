// Only says where the files lie. URLs, not paths, so that it loads in browsers too; in Node:
// fileURLToPath(modelDirectory).

/** The directory of the model: config, tokenizer and `onnx/model_quantized.onnx` (dtype "q8"). Ends with a slash. */
export const modelDirectory = new URL("./model/", import.meta.url);

/**
 * 32 rows of the model's logits, float32 [32, 2048], as numpy saved them; `tiny-tales-32.json` beside it tells which
 * text they continue.
 */
export const sampleLogits = new URL("./logits/tiny-tales-32.f32.npy", import.meta.url);
