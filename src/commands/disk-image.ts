// The size of the image that a drive or a block node reads.

import { stat } from 'node:fs/promises';
import type { DiskImage } from '../machine/block-nodes.ts';

/** 0 for a file that is not there any more. */
export async function imageBytes(image: DiskImage): Promise<number> {
  if (image.kind === 'null') return image.bytes;
  return stat(image.path).then(
    (status) => status.size,
    () => 0,
  );
}
