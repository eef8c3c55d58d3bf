// The serial port of a side (sides.ts) as conversations use it: on which chardev it is, and where its peer comes to.

import path from 'node:path';
import type { Side } from '../kit/chardevs/sides.ts';

export interface Conversation {
  readonly name: string;
  /** First QEMU version that has what is talked about. */
  readonly since?: 10;
  /** A program that the conversation needs; without it the conversation is skipped. */
  readonly needs?: string;
  talk(side: Side): Promise<unknown[]>;
}

export type Data = Record<string, unknown>;

/** Puts another backend below the serial port; what the command returns. */
export async function become(side: Side, type: string, data: Data): Promise<unknown> {
  const reply = await side.run('chardev-change', { id: 'serial', backend: { type, data } });
  if ('error' in reply) throw new Error(`${side.name}: ${reply.error}`);
  return reply.return;
}

export function unixAddress(side: Side, name: string): Data {
  return { type: 'unix', data: { path: path.join(side.directory, name) } };
}

/** As query-chardev shows it. */
export async function filename(side: Side): Promise<string> {
  const reply = await side.run('query-chardev', {});
  const infos = ('return' in reply ? reply.return : []) as { label: string; filename: string }[];
  return infos.find(({ label }) => label === 'serial')?.filename ?? '';
}

/** The file name without what differs from run to run. */
export async function maskedFilename(side: Side): Promise<string> {
  return (await filename(side)).replaceAll(side.directory, 'DIR').replace(/:\d{4,5}\b/g, ':PORT');
}

/** Becomes a server on a free port. */
export async function tcpServer(side: Side, more: Data = {}): Promise<{ port: number; host: string }> {
  const addr = { type: 'inet', data: { host: '127.0.0.1', port: '0' } };
  await become(side, 'socket', { addr, wait: false, ...more });
  const [, port] = /:(\d+),server=on$/.exec(await filename(side)) ?? [];
  return { host: '127.0.0.1', port: Number(port) };
}

export async function unixServer(side: Side, more: Data = {}): Promise<string> {
  await become(side, 'socket', { addr: unixAddress(side, 's'), wait: false, ...more });
  return path.join(side.directory, 's');
}
