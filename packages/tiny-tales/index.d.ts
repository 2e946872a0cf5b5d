/** The directory of the model: config, tokenizer and `onnx/model_quantized.onnx` (dtype "q8"). Ends with a slash. */
export declare const modelDirectory: URL;
/**
 * 32 rows of the model's logits, float32 [32, 2048], saved by numpy; `tiny-tales-32.json` next to the file tells which
 * text they continue.
 */
export declare const sampleLogits: URL;
