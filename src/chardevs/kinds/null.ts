// The `null` backend: takes everything, gives nothing, and is never OPENED (QEMU: chardev/char-null.c).

import type { Backend } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';

export const nullKind: ChardevKind<'null'> = {
  type: 'null',
  livesIn: 'both',
  words: {},
  example: '',
  notes: 'never OPENED',
  open: (): Backend => ({
    filename: 'null',
    write: (bytes) => bytes.length,
    resumeInput: () => {},
    close: async () => {},
  }),
};
