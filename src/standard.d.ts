// The few globals of the web platform that the folders without I/O may use, besides the ECMAScript library.
// Node's own types are absent there on purpose (`"types": []`): a `node:` import in such a folder does not compile.

declare class TextEncoder {
  encode(input?: string): Uint8Array;
  encodeInto(input: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: Uint8Array, options?: { stream?: boolean }): string;
}
