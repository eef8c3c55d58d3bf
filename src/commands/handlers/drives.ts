// The media of removable drives, for the machine that qmpd emulates itself (QEMU: block/qapi-sysemu.c). QEMU answers these
// itself when it is the engine.

import { jsonObject } from '../../json/value.ts';
import { type Drive, imageOfNode, type Medium } from '../../machine/drives.ts';
import type { DiskImage } from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandContext, type CommandDefinition, command, emulated } from '../context.ts';
import { checkImage } from '../disk-image.ts';

type DriveName = { readonly device?: string; readonly id?: string };

export const driveCommands: readonly CommandDefinition[] = [
  command({
    name: 'eject',
    phases: 'created',
    role: 'operate',
    run: async (context, args) => {
      const drive = removable(context, args);
      await setTray(context, drive, true);
      await setMedium(context, drive, undefined);
      return {};
    },
  }),
  command({
    name: 'blockdev-open-tray',
    phases: 'created',
    role: 'operate',
    run: async (context, args) => {
      await setTray(context, removable(context, args), true);
      return {};
    },
  }),
  command({
    name: 'blockdev-close-tray',
    phases: 'created',
    role: 'operate',
    run: async (context, args) => {
      await setTray(context, removable(context, args), false);
      return {};
    },
  }),
  command({
    name: 'blockdev-remove-medium',
    phases: 'created',
    role: 'configure',
    run: async (context, args) => {
      const drive = removable(context, args);
      if (!drive.trayOpen && hasTray(drive)) throw new QmpError(`Tray of device '${args.id}' is not open`);
      await setMedium(context, drive, undefined);
      return {};
    },
  }),
  command({
    name: 'blockdev-insert-medium',
    phases: 'created',
    role: 'configure',
    slow: true,
    run: async (context, args) => {
      const drive = removable(context, args);
      const node = args['node-name'];
      if (!drive.trayOpen && hasTray(drive)) throw new QmpError(`Tray of device '${args.id}' is not open`);
      if (drive.medium !== undefined) throw new QmpError(`There already is a medium in device '${args.id}'`);
      const image = imageOfNode(node, context.server.configuration.declarations);
      await setMedium(context, drive, { image, node });
      return {};
    },
  }),
  command({
    name: 'blockdev-change-medium',
    phases: 'created',
    role: 'admin',
    slow: true,
    run: async (context, args) => {
      const drive = removable(context, args);
      const mode = args['read-only-mode'] ?? 'retain';
      const formerReadOnly = drive.medium?.image.kind === 'file' && drive.medium.image.readOnly;
      const readOnly =
        drive.option === 'cdrom' || mode === 'read-only' || (mode === 'retain' && formerReadOnly);
      const image: DiskImage = { kind: 'file', path: args.filename, readOnly };
      await checkImage(image);
      await setTray(context, drive, true);
      await setMedium(context, drive, { image, node: undefined });
      await setTray(context, drive, false);
      return {};
    },
  }),
];

function removable(context: CommandContext, { device, id }: DriveName): Drive {
  if ((device === undefined) === (id === undefined))
    throw new QmpError("Need exactly one of 'device' and 'id'");
  const name = device ?? id;
  const drive = context.server.machine.created.drives.find((d) => d.device === name || d.option === name);
  if (drive === undefined) throw new QmpError(`Device '${name}' not found`, 'DeviceNotFound');
  if (!drive.removable) throw new QmpError(`Device '${name}' is not removable`);
  return drive;
}

/** A floppy drive has no tray that a program could move. */
export function hasTray(drive: Drive): boolean {
  return drive.option === 'cdrom';
}

async function setTray(context: CommandContext, drive: Drive, open: boolean): Promise<void> {
  if (!hasTray(drive) || drive.trayOpen === open) return;
  drive.trayOpen = open;
  if (open) await emulated(context).setMedium(drive.option, undefined);
  else if (drive.medium !== undefined) await emulated(context).setMedium(drive.option, drive.medium.image);
  const data = { device: drive.device, id: drive.option, 'tray-open': open };
  context.server.events.emit('DEVICE_TRAY_MOVED', jsonObject(data));
}

/** Behind an open tray the guest sees nothing yet. */
async function setMedium(context: CommandContext, drive: Drive, medium: Medium | undefined): Promise<void> {
  if (medium !== undefined) await checkImage(medium.image);
  if (!drive.trayOpen) await emulated(context).setMedium(drive.option, medium?.image);
  drive.medium = medium;
}
