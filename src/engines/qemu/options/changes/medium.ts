// Another medium in a removable drive of a machine that exists (QEMU: block/qapi-sysemu.c).

import { isJsonObject, type JsonValue } from '../../../../json/value.ts';
import { QmpError } from '../../../../qmp/error.ts';
import type { MachineDriveSource } from '../../../../schema/index.ts';
import type { Change, Execute, PossibleChange } from '../option.ts';

/** Names that QEMU gives to the drives of PCs. */
const deviceNames = {
  fda: ['floppy0'],
  fdb: ['floppy1'],
  cdrom: ['ide1-cd0', 'ide2-cd0'],
} as const;

type RemovableDrive = keyof typeof deviceNames;

/** The drive's place in QEMU's object tree, or its id if it was made with one. */
async function findDrive(name: RemovableDrive, execute: Execute): Promise<string> {
  const drives = await execute('query-block');
  for (const drive of Array.isArray(drives) ? drives : []) {
    if (!isJsonObject(drive) || typeof drive.qdev !== 'string') continue;
    if (drive.qdev === name || deviceNames[name].some((device) => device === drive.device)) return drive.qdev;
  }
  throw new QmpError(`The machine has no drive '${name}'`, 'DeviceNotFound');
}

async function apply(
  name: RemovableDrive,
  { to }: Change<MachineDriveSource>,
  execute: Execute,
): Promise<void> {
  const id = await findDrive(name, execute);
  if (to === undefined || to === null) {
    await execute('eject', { id });
  } else if (typeof to === 'string') {
    const steps: readonly [string, Record<string, JsonValue>][] = [
      ['blockdev-open-tray', { id }],
      ['blockdev-remove-medium', { id }],
      ['blockdev-insert-medium', { id, 'node-name': to }],
      ['blockdev-close-tray', { id }],
    ];
    for (const [command, args] of steps) await execute(command, args);
  } else {
    const { file, format = 'raw', 'read-only': readOnly = name === 'cdrom' } = to;
    const mode = readOnly ? 'read-only' : 'read-write';
    await execute('blockdev-change-medium', { id, filename: file, format, 'read-only-mode': mode });
  }
}

export function mediumChange(name: RemovableDrive): PossibleChange<MachineDriveSource> {
  return {
    kind: 'live',
    commands: ['blockdev-change-medium', 'blockdev-insert-medium', 'eject'],
    plan: () => ({ result: 'applied' }),
    apply: (change, execute) => apply(name, change, execute),
  };
}
