// What carrying out a command gives: a value, or the text of one. Which commands there are, and what is known of them, is
// src/commands's.

import type { JsonValue } from '../json/value.ts';

/** A value that is already printed, in QEMU's form; it is copied to the wire as it is. Bytes for what is large. */
export class Printed {
  readonly text: string | Uint8Array;

  constructor(text: string | Uint8Array) {
    this.text = text;
  }
}

export type CommandResult = JsonValue | Printed | undefined;
