// The engine `qemu` as a server is handed it: where its binary is, and what is known of the engine without one.

import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import type { EngineKit } from '../../machine/engine.ts';
import { pollingOf } from '../upstream/polling.ts';
import { QemuEngine } from './engine.ts';
import { qemuOptions } from './options/engine-options.ts';

const defaultBinary = 'qemu-system-x86_64';

export const qemuKit: EngineKit<'qemu'> = {
  kind: 'qemu',
  commands: 'forwarded',
  options: qemuOptions,
  open: ({ program = defaultBinary, stateDirectory, stayAwakeUs, ...parts }) => {
    const binary = findExecutable(program);
    if (binary === undefined) {
      return {
        missing: `No QEMU was found at '${program}': install one, name it with --qemu BINARY, or set the option engine to 'embedded'`,
      };
    }
    return new QemuEngine({
      ...parts,
      binary,
      ...(stateDirectory === undefined ? {} : { stateDirectory }),
      polling: pollingOf(stayAwakeUs),
    });
  },
};

/** A path as it is, a name by way of PATH; undefined when nothing executable is there. */
function findExecutable(name: string): string | undefined {
  const folders = name.includes('/') ? [''] : (process.env.PATH ?? '').split(':');
  return folders
    .map((folder) => path.join(folder, name))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
