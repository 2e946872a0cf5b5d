// Only tells where the files are. As URLs, not paths, so that it loads in browsers too; in Node, use
// fileURLToPath(modelDirectory).

/** The directory of the model: config, tokenizer and `onnx/model_quantized.onnx` (dtype "q8"). Ends with a slash. */
export const modelDirectory = new URL("./model/", import.meta.url);

/**
 * 32 rows of the model's logits, float32 [32, 2048], saved by numpy; `tiny-tales-32.json` next to the file tells which
 * text they continue.
 */
export const sampleLogits = new URL("./logits/tiny-tales-32.f32.npy", import.meta.url);
