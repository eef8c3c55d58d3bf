// What a machine in QEMU prints, seen by a viewer: through a console of qmpd, against a chardev of QEMU's own. QEMU's
// human monitor prints it, which needs no guest and comes as fast as QEMU writes to a character device.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { atLeast, atMost, type Figure, inTurns, type Measure, ownFigure } from './figure.ts';
import { call, negotiate } from './load.ts';
import { type Peer, startQemu, startQmpd } from './peers.ts';

/** Prints 8 bytes of memory as 18 characters, two to a line. */
const command = 'xp /200000xg 0\n';
const prompt = '(qemu) ';
const megabyte = 1e6;

class Viewer {
  readonly #socket: Socket;
  #received = 0;
  #end = '';

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text.length;
      this.#end = (this.#end + text).slice(-prompt.length);
    });
  }

  static async connect(socketPath: string): Promise<Viewer> {
    const socket = connect(socketPath);
    const viewer = new Viewer(socket);
    await viewer.#untilPrompt();
    return viewer;
  }

  /** Bytes a second while the command's output comes. */
  async rate(): Promise<number> {
    this.#received = 0;
    this.#end = '';
    const start = performance.now();
    this.#socket.write(command);
    await this.#untilPrompt();
    return this.#received / ((performance.now() - start) / 1000);
  }

  async #untilPrompt(): Promise<void> {
    while (this.#end !== prompt) await once(this.#socket, 'data');
  }

  close(): void {
    this.#socket.destroy();
  }
}

function measured(viewer: Viewer, how: string): Measure {
  const name = `output on a console${how}`;
  return async () => [{ name, unit: 'MB/s', value: (await viewer.rate()) / megabyte }];
}

async function createMachine(qmpd: Peer, socketPath: string): Promise<void> {
  const connection = await negotiate(qmpd.socket);
  const addr = { type: 'unix', data: { path: socketPath } };
  await call(connection, 'chardev-add', { id: 'con0', backend: { type: 'console', data: { addr } } });
  await call(connection, 'machine-set', {
    machine: { type: 'pc' },
    accel: [{ type: 'tcg' }],
    memory: { size: 64 * 1024 * 1024 },
    'human-monitor': ['con0'],
  });
  await call(connection, 'x-exit-preconfig');
  connection.destroy();
}

export async function consoles(binary: string): Promise<Figure[]> {
  const direct = path.join(import.meta.dirname, `direct-${process.pid}.sock`);
  const machine = ['-M', 'pc', '-accel', 'tcg', '-m', '64', '-S'];
  const chardev = `socket,id=con0,path=${direct},server=on,wait=off`;
  await using _qemu = await startQemu(binary, [
    ...machine,
    '-chardev',
    chardev,
    '-mon',
    'con0,mode=readline',
  ]);
  await using qmpd = await startQmpd('--qemu', binary);
  const address = path.join(path.dirname(qmpd.socket), 'con0');
  await createMachine(qmpd, address);

  const [theirs, ours] = [await Viewer.connect(direct), await Viewer.connect(address)];
  const alone = await inTurns(measured(theirs, ''), measured(ours, ''), {
    'output on a console': atLeast(0.8),
  });
  const before = qmpd.residentBytes();
  const silent = connect(address).pause();
  await once(silent, 'connect');
  const how = ' that somebody does not read';
  const beside = await inTurns(measured(theirs, how), measured(ours, how), {
    [`output on a console${how}`]: atLeast(0.8),
  });
  const grown = (qmpd.residentBytes() - before) / megabyte;
  const memory = ownFigure('memory that this adds to qmpd', 'MB', grown, atMost(32));
  for (const viewer of [theirs, ours]) viewer.close();
  silent.destroy();
  return [...alone, ...beside, memory];
}
