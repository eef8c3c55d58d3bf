/** A wire value that does not fit its type. `message` is QEMU's text for it, ready to be a wire error's `desc`. */
export class WireTypeError extends Error {
  override readonly name: string = 'WireTypeError';
}
