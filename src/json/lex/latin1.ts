// Bytes as a string of one character a byte, and back. Node's Buffer does it natively; since this folder knows no
// Node, its method is looked for and there is a plain way for where it is missing.

type Slice = (this: Uint8Array, start: number, end: number) => string;

const blockBytes = 4096;

function findNative(): Slice | undefined {
  const { Buffer } = globalThis as { Buffer?: { prototype?: { latin1Slice?: Slice } } };
  return Buffer?.prototype?.latin1Slice;
}

const native: Slice | undefined = findNative();

function plain(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += blockBytes) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + blockBytes, end)));
  }
  return text;
}

/** `bytes[start..end)`, each byte one character from U+0000 to U+00FF. The result does not share memory. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return native === undefined ? plain(bytes, start, end) : native.call(bytes, start, end);
}

/** The bytes of a text that has only characters up to U+00FF. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
