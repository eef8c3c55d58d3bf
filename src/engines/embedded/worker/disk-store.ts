// Where a drive's bytes are: a file of the host, or nowhere (null-co). Reads beyond the end give zeros; the size is
// rounded up to whole sectors, as QEMU does.

import { open } from 'node:fs/promises';
import type { DiskImage } from '../../../machine/block-nodes.ts';

export interface DiskStore {
  readonly bytes: number;
  readonly readOnly: boolean;
  read(start: number, length: number): Promise<Uint8Array>;
  write(start: number, data: Uint8Array): Promise<void>;
  /** Everything written so far survives a crash of the host. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export async function openDiskStore(image: DiskImage, sectorBytes: number): Promise<DiskStore> {
  if (image.kind === 'null') return nullStore(roundUp(image.bytes, sectorBytes));
  return fileStore(image.path, image.readOnly, sectorBytes);
}

function roundUp(bytes: number, unit: number): number {
  return Math.ceil(bytes / unit) * unit;
}

function nullStore(bytes: number): DiskStore {
  return {
    bytes,
    readOnly: false,
    read: async (_start, length) => new Uint8Array(length),
    write: async () => {},
    flush: async () => {},
    close: async () => {},
  };
}

async function fileStore(path: string, readOnly: boolean, sectorBytes: number): Promise<DiskStore> {
  const handle = await open(path, readOnly ? 'r' : 'r+');
  const { size } = await handle.stat();
  let dirty = false;
  return {
    bytes: roundUp(size, sectorBytes),
    readOnly,
    read: async (start, length) => {
      const data = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(data, done, length - done, start + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return data;
    },
    write: async (start, data) => {
      dirty = true;
      for (let done = 0; done < data.length; ) {
        const { bytesWritten } = await handle.write(data, done, data.length - done, start + done);
        done += bytesWritten;
      }
    },
    flush: async () => {
      if (!dirty) return;
      dirty = false;
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}
