// The media of removable drives, for the machine that qmpd emulates itself (QEMU: block/qapi-sysemu.c). QEMU answers these
// itself when it is the engine.

import type { DiskImage } from '../../machine/block-nodes.ts';
import type { Drive, Media } from '../../machine/controls.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandContext, type CommandDefinition, command, control } from '../context.ts';

type DriveName = { readonly device?: string; readonly id?: string };

export const driveCommands: readonly CommandDefinition[] = [
  command({
    name: 'eject',
    phases: 'created',
    role: 'operate',
    run: async (context, args) => {
      const { media, drive } = removable(context, args);
      await media.moveTray(drive, true);
      await media.change(drive, undefined);
      return {};
    },
  }),
  command({
    name: 'blockdev-open-tray',
    phases: 'created',
    role: 'operate',
    run: async (context, args) => {
      const { media, drive } = removable(context, args);
      await media.moveTray(drive, true);
      return {};
    },
  }),
  command({
    name: 'blockdev-close-tray',
    phases: 'created',
    role: 'operate',
    run: async (context, args) => {
      const { media, drive } = removable(context, args);
      await media.moveTray(drive, false);
      return {};
    },
  }),
  command({
    name: 'blockdev-remove-medium',
    phases: 'created',
    role: 'configure',
    run: async (context, args) => {
      const { media, drive } = removable(context, args);
      refuseClosedTray(drive, args);
      await media.change(drive, undefined);
      return {};
    },
  }),
  command({
    name: 'blockdev-insert-medium',
    phases: 'created',
    role: 'configure',
    slow: true,
    run: async (context, args) => {
      const { media, drive } = removable(context, args);
      const node = args['node-name'];
      refuseClosedTray(drive, args);
      if (drive.medium !== undefined) throw new QmpError(`There already is a medium in device '${args.id}'`);
      const image = media.imageOfNode(node, context.server.configuration);
      await media.change(drive, { image, node });
      return {};
    },
  }),
  command({
    name: 'blockdev-change-medium',
    phases: 'created',
    role: 'admin',
    slow: true,
    run: async (context, args) => {
      const { media, drive } = removable(context, args);
      const mode = args['read-only-mode'] ?? 'retain';
      const formerReadOnly = drive.medium?.image.kind === 'file' && drive.medium.image.readOnly;
      const readOnly =
        drive.option === 'cdrom' || mode === 'read-only' || (mode === 'retain' && formerReadOnly);
      const image: DiskImage = { kind: 'file', path: args.filename, readOnly };
      await media.check(image);
      await media.moveTray(drive, true);
      await media.change(drive, { image, node: undefined });
      await media.moveTray(drive, false);
      return {};
    },
  }),
];

interface Found {
  readonly media: Media;
  readonly drive: Drive;
}

function removable(context: CommandContext, { device, id }: DriveName): Found {
  if ((device === undefined) === (id === undefined))
    throw new QmpError("Need exactly one of 'device' and 'id'");
  const media = control(context, 'media');
  const name = device ?? id;
  const drive = media.drives.find((one) => one.device === name || one.option === name);
  if (drive === undefined) throw new QmpError(`Device '${name}' not found`, 'DeviceNotFound');
  if (!drive.removable) throw new QmpError(`Device '${name}' is not removable`);
  return { media, drive };
}

function refuseClosedTray({ trayOpen, hasTray }: Drive, { id }: DriveName): void {
  if (!trayOpen && hasTray) throw new QmpError(`Tray of device '${id}' is not open`);
}
