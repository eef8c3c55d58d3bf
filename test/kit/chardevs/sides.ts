// The two sides of a comparison: the chardev commands of a real QEMU, and of our registry. Both have a serial port with
// the echo guest on the chardev "serial", which begins as `null` and is exchanged by the scenarios.

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { ChardevRegistry } from '../../../src/chardevs/index.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../../src/json/value.ts';
import type { OwnObject } from '../../../src/machine/objects.ts';
import { QmpError } from '../../../src/qmp/error.ts';
import { authorize } from '../../../src/transports/layers/authorization.ts';
import { EchoFrontend, echoRom } from '../guests/echo-guest.ts';
import { installedQemus } from '../qemu/installed.ts';

/** What a client would read: the return value, or the error's text. */
export type Reply = { readonly return: unknown } | { readonly error: string };

export interface Side {
  readonly name: string;
  /** For sockets and files of the present conversation. */
  directory: string;
  run(command: string, args: Record<string, unknown>): Promise<Reply>;
  close(): Promise<void>;
}

export const qemuBinaries: readonly string[] = installedQemus.map(({ path: binary }) => binary);

export async function qemuSide(binary: string, directory: string): Promise<Side> {
  const rom = path.join(directory, 'echo.rom');
  await writeFile(rom, echoRom());
  const monitor = path.join(directory, 'monitor');
  const listener = createServer().listen(monitor);
  await new Promise((resolve) => listener.once('listening', resolve));
  // The guest never rests, so it must not outlive a test that is ended from outside.
  const child = spawn(
    'setpriv',
    [
      ['--pdeathsig', 'KILL', binary],
      ['-M', 'isapc', '-accel', 'tcg', '-m', '2', '-nodefaults', '-display', 'none', '-bios', rom],
      ['-chardev', 'null,id=serial', '-device', 'isa-serial,index=0,chardev=serial'],
      ['-chardev', `socket,id=monitor,path=${monitor}`, '-qmp', 'chardev:monitor'],
    ].flat(),
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
  const socket = await new Promise<Socket>((resolve, reject) => {
    listener.once('connection', resolve);
    child.once('exit', (status) => reject(new Error(`${binary} ended with status ${status}`)));
  });
  listener.close();
  const client = new MonitorClient(socket);
  await client.next();
  await client.execute('qmp_capabilities', {});
  return {
    name: binary,
    directory,
    run: (command, args) => client.execute(command, args),
    close: () => endProcess(child, socket),
  };
}

async function endProcess(child: ChildProcess, socket: Socket): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  socket.destroy();
  child.kill('SIGKILL');
  await ended;
}

class MonitorClient {
  readonly #socket: Socket;
  readonly #waiting: ((message: Record<string, unknown>) => void)[] = [];
  #input = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#receive(chunk));
  }

  #receive(chunk: string): void {
    this.#input += chunk;
    const lines = this.#input.split('\n');
    this.#input = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line);
      if (!('event' in message)) this.#waiting.shift()?.(message);
    }
  }

  next(): Promise<Record<string, unknown>> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async execute(command: string, args: Record<string, unknown>): Promise<Reply> {
    const reply = this.next();
    this.#socket.write(JSON.stringify({ execute: command, arguments: args }));
    const { error, return: value } = (await reply) as { error?: { desc: string }; return?: unknown };
    return error ? { error: error.desc } : { return: value };
  }
}

export async function ownSide(directory: string, log: string[] = []): Promise<Side> {
  const objects = new Map<string, { type: string; properties: Record<string, unknown> }>();
  const registry = new ChardevRegistry({
    objects: {
      object: (id) => objects.get(id),
      authorize: (id, name) => authorize(objects.get(id) as OwnObject | undefined, name),
    },
    log: (line) => log.push(line),
  });
  await registry.add('serial', jsonObject({ type: 'null', data: jsonObject() }), 'created');
  new EchoFrontend(await registry.open('serial'));
  return {
    name: 'qmpd',
    directory,
    run: async (command, args) => {
      if (command === 'object-add') {
        objects.set(String(args.id), { type: String(args['qom-type']), properties: args });
        return { return: {} };
      }
      try {
        return { return: await execute(registry, command, args as JsonObject) };
      } catch (error) {
        if (!(error instanceof QmpError)) throw error;
        return { error: error.message };
      }
    },
    close: () => registry.closeAll(),
  };
}

async function execute(registry: ChardevRegistry, command: string, args: JsonObject): Promise<JsonValue> {
  const id = String(args.id ?? args.device);
  const backend = args.backend as JsonObject;
  const format = args.format as 'utf8' | 'base64' | undefined;
  switch (command) {
    case 'chardev-add':
      return await registry.add(id, backend, 'created');
    case 'chardev-change':
      return await registry.change(id, backend);
    case 'chardev-remove':
      await registry.remove(id);
      return {};
    case 'chardev-send-break':
      registry.sendBreak(id);
      return {};
    case 'query-chardev':
      return registry.list();
    case 'ringbuf-read':
      return await registry.readRingbuf(id, args.size as number, format);
    case 'ringbuf-write':
      await registry.writeRingbuf(id, String(args.data), format);
      return {};
    default:
      throw new Error(`no such command here: ${command}`);
  }
}
