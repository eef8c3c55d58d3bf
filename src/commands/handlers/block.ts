// Block nodes and what drives hold of them (QEMU: qapi/block-core.json, block/qapi.c). Before there is a machine they are
// declared. QEMU answers these itself when it is the engine.

import { jsonObject } from '../../json/value.ts';
import { imageBehind } from '../../machine/block-nodes.ts';
import type { Drive, Medium } from '../../machine/controls.ts';
import type { Declaration } from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import type { CommandMap } from '../../schema/index.ts';
import { type CommandDefinition, command, type Server } from '../context.ts';
import { declare, withdraw } from '../declare.ts';
import { imageBytes } from '../disk-image.ts';

type BlockInfo = CommandMap['query-block']['returns'][number];

export const blockCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-block',
    phases: 'any',
    role: 'observe',
    answer: 'shared',
    run: ({ server }) => Promise.all(drivesOf(server).map(describe)),
  }),
  command({
    name: 'query-named-block-nodes',
    phases: 'any',
    role: 'observe',
    answer: 'shared',
    run: ({ server }) => Promise.all(followedNodes(server.configuration.declarations).map(describeMedium)),
  }),
  command({
    name: 'blockdev-add',
    engineChecks: () => true,
    phases: 'any',
    role: 'admin',
    rules: [
      {
        arguments: ['driver', 'file.driver', 'backing.driver'],
        is: ['file', 'raw', 'qcow2', 'throttle', 'copy-on-read', 'null-co', 'null-aio'],
        role: 'configure',
      },
      {
        arguments: ['filename', 'file.filename', 'backing.filename'],
        is: ['/dev/fdset/*'],
        role: 'configure',
      },
      {
        arguments: [
          'node-name',
          'read-only',
          'auto-read-only',
          'discard',
          'detect-zeroes',
          'cache.*',
          'size',
          'throttle-group',
          'file',
          'backing',
        ],
        role: 'configure',
      },
    ],
    declares: { kind: 'blockdev', id: 'node-name', effect: 'add' },
    guards: ['null-disk-size'],
    human: { name: 'drive_add', reads: { word: -1, options: 'file' } },
    secret: ['cookie'],
    slow: true,
    run: async (context, args) => {
      await declare(context, jsonObject(args as unknown as Parameters<typeof jsonObject>[0]));
      return {};
    },
  }),
  command({
    name: 'blockdev-del',
    phases: 'any',
    role: 'configure',
    declares: { kind: 'blockdev', id: 'node-name', effect: 'remove' },
    run: (context, args) => {
      const name = args['node-name'];
      if (drivesOf(context.server).some((drive) => drive.medium?.node === name)) {
        throw new QmpError(`Node ${name} is in use`);
      }
      withdraw(context, name);
      return {};
    },
  }),
];

/** The drives of the machine, if there is one that qmpd looks into itself. */
function drivesOf({ machine }: Server): readonly Drive[] {
  const commands = machine.instance?.commands;
  return commands?.kind === 'controlled' ? (commands.controls.media?.drives ?? []) : [];
}

/** The declared nodes that lead to an image here. What only QEMU can open is not open before there is a machine. */
function followedNodes(declarations: readonly Declaration[]): Medium[] {
  return declarations.flatMap(({ kind, id: node }): Medium[] => {
    if (kind !== 'blockdev') return [];
    try {
      const image = imageBehind(node, declarations);
      return image.kind === 'unfollowed' ? [] : [{ image, node }];
    } catch (thrown) {
      if (thrown instanceof QmpError) return [];
      throw thrown;
    }
  });
}

async function describe(drive: Drive): Promise<BlockInfo> {
  const info: BlockInfo = {
    device: drive.device,
    qdev: drive.option,
    type: 'unknown',
    removable: drive.removable,
    locked: false,
    ...(drive.hasTray ? { tray_open: drive.trayOpen } : {}),
  };
  if (drive.medium === undefined) return info;
  return { ...info, inserted: await describeMedium(drive.medium) };
}

async function describeMedium({ image, node }: Medium): Promise<NonNullable<BlockInfo['inserted']>> {
  const file = image.kind === 'file' ? image.path : 'null-co://';
  const size = await imageBytes(image);
  const drv = image.kind === 'file' ? 'raw' : 'null-co';
  return {
    file,
    ...(node === undefined ? {} : { 'node-name': node }),
    ro: image.kind === 'file' && image.readOnly,
    drv,
    backing_file_depth: 0,
    encrypted: false,
    detect_zeroes: 'off',
    bps: 0,
    bps_rd: 0,
    bps_wr: 0,
    iops: 0,
    iops_rd: 0,
    iops_wr: 0,
    image: { filename: file, format: drv, 'virtual-size': size },
    active: true,
    cache: { writeback: true, direct: false, 'no-flush': false },
    write_threshold: 0,
  };
}
