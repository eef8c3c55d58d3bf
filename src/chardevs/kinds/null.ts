// The `null` backend: takes everything, gives nothing, and is never OPENED (QEMU: chardev/char-null.c).

import type { Backend, BackendKind } from '../backend.ts';
import type { CommonOptions } from '../options.ts';

export const nullKind: BackendKind<CommonOptions> = {
  open: (): Backend => ({
    filename: 'null',
    write: (bytes) => bytes.length,
    resumeInput: () => {},
    close: async () => {},
  }),
};
