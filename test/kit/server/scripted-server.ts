// A QMP server that says what a test tells it to, when it tells it to: for peers that are late, rude or broken.

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const greetingLine =
  '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": ""}, "capabilities": ["oob"]}}\r\n';

/** A command as it came. */
export interface Received {
  readonly execute?: string;
  readonly id: string;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly address: string;
  /** Commands that came and were not answered by the script. */
  readonly received: Received[];
  /** The latest connection. */
  readonly socket: () => net.Socket;
  /** Resolves when a command of this name has come. */
  saw(command: string): Promise<Received>;
  say(text: string): void;
}

/** Greets (unless told not to), answers `qmp_capabilities` and whatever `answers` has; the rest stays unanswered. */
export async function startScriptedServer(
  options: { greet?: boolean; answers?: Record<string, string> } = {},
): Promise<ScriptedServer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  const socketPath = path.join(directory, 'qmp.sock');
  const answers: Record<string, string> = { qmp_capabilities: '{}', ...options.answers };
  const received: Received[] = [];
  const sockets = new Set<net.Socket>();
  let latest: net.Socket | undefined;
  const server = net.createServer((socket) => {
    latest = socket;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    if (options.greet !== false) socket.write(greetingLine);
    let text = '';
    socket.on('data', (chunk) => {
      const lines = (text + chunk.toString('latin1')).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const message = JSON.parse(line) as Received;
        const answer = answers[message.execute ?? ''];
        if (answer === undefined) received.push(message);
        else socket.write(`{"return": ${answer}, "id": "${message.id}"}\r\n`);
        server.emit('command');
      }
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  const current = (): net.Socket => {
    if (latest === undefined) throw new Error('nobody has connected yet');
    return latest;
  };
  return {
    address: `unix:${socketPath}`,
    received,
    socket: current,
    saw: async (command) => {
      for (;;) {
        const found = received.find((message) => message.execute === command);
        if (found !== undefined) return found;
        await once(server, 'command');
      }
    },
    say: (text) => current().write(text),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
