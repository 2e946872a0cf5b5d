// What the build makes of a `.wasm` import: text to decode where it is embedded, a compiled module on workerd.

declare module "*_bg.wasm" {
  const text: string;
  export default text;
}

declare module "*_bg.wasm?base64" {
  const base64: string;
  export default base64;
}

declare module "*/logitdraw.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
