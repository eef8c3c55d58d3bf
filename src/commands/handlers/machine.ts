// What there is to know of the machine, and its memory (QEMU: qapi/machine.json, hw/core/machine-qmp-cmds.c,
// system/cpus.c qmp_memsave).

import { openNamedOutput } from '../../host/named-file.ts';
import { isJsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { strerror } from '../../util/strerror.ts';
import { type CommandContext, type CommandDefinition, command, control } from '../context.ts';

/** Bytes read from the guest and written to the file at a time. */
const pieceBytes = 1 << 20;

/** Of a processor with 32-bit addresses, the only kind that this engine has. */
const addressSpaceBytes = 1n << 32n;

const nilUuid = '00000000-0000-0000-0000-000000000000';

export const machineCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-name',
    phases: 'any',
    role: 'observe',
    answer: 'once',
    run: ({ server }) => {
      const name = server.configuration.get('name');
      const text = isJsonObject(name) ? name.guest : name;
      return typeof text === 'string' ? { name: text } : {};
    },
  }),
  command({
    name: 'query-uuid',
    phases: 'any',
    role: 'observe',
    answer: 'once',
    run: ({ server }) => {
      const uuid = server.configuration.get('uuid');
      return { UUID: typeof uuid === 'string' ? uuid : nilUuid };
    },
  }),
  command({
    name: 'query-machines',
    phases: 'any',
    role: 'observe',
    answer: 'once',
    probe: 'blank',
    run: () => [
      {
        name: 'v86',
        'is-default': true,
        'cpu-max': 1,
        'hotpluggable-cpus': false,
        'numa-mem-supported': false,
        deprecated: false,
        acpi: true,
      },
    ],
  }),
  command({
    name: 'query-cpus-fast',
    phases: 'created',
    role: 'observe',
    answer: 'shared',
    run: () => [
      {
        'cpu-index': 0,
        'qom-path': '/machine/cpu[0]',
        'thread-id': process.pid,
        target: 'i386',
        props: { 'socket-id': 0, 'core-id': 0, 'thread-id': 0 },
      },
    ],
  }),
  command({
    name: 'memsave',
    phases: 'created',
    role: 'admin',
    right: 'debug',
    guards: ['copied-virtual-memory'],
    slow: true,
    run: async (context, args) => {
      const cpu = args['cpu-index'] ?? 0;
      if (BigInt(cpu) !== 0n) throw new QmpError("Parameter 'cpu-index' expects a CPU number");
      await save(context, 'virtual', args);
      return {};
    },
  }),
  command({
    name: 'pmemsave',
    phases: 'created',
    role: 'admin',
    right: 'debug',
    guards: ['copied-memory'],
    slow: true,
    run: async (context, args) => {
      await save(context, 'physical', args);
      return {};
    },
  }),
  command({
    name: 'query-memory-size-summary',
    phases: 'created',
    role: 'observe',
    answer: 'shared',
    run: (context) => ({ 'base-memory': control(context, 'memory').bytes, 'plugged-memory': 0 }),
  }),
];

interface Span {
  readonly val: number | bigint;
  readonly size: number | bigint;
  readonly filename: string;
}

async function save(context: CommandContext, space: 'physical' | 'virtual', span: Span): Promise<void> {
  const memory = control(context, 'memory');
  if (BigInt(span.size) > addressSpaceBytes) {
    throw new QmpError(
      `Parameter 'size' expects at most ${addressSpaceBytes} bytes: no more can be addressed`,
    );
  }
  if (BigInt(span.size) < 0n) throw new QmpError("Parameter 'size' expects a non-negative number of bytes");
  const file = await openNamedOutput(span.filename).catch((thrown: unknown) => {
    throw new QmpError(`Could not open '${span.filename}': ${strerror(thrown)}`);
  });
  try {
    let address = BigInt.asUintN(64, BigInt(span.val));
    let left = BigInt(span.size);
    while (left > 0n) {
      if (context.session.state === 'closed') throw new QmpError('the client has left');
      const size = Number(left < BigInt(pieceBytes) ? left : BigInt(pieceBytes));
      await file.writeFile(await memory.read(space, address, size));
      address += BigInt(size);
      left -= BigInt(size);
    }
  } catch (thrown) {
    if (thrown instanceof QmpError) throw thrown;
    throw new QmpError(`Writing '${span.filename}' failed: ${strerror(thrown)}`);
  } finally {
    await file.close();
  }
}
