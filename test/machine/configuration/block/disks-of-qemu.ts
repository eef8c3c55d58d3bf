// A real QEMU with SCSI disks on a graph of block nodes, commanded directly: what the truth of block nodes is tried on.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { QmpClient } from '../../../../src/client/client.ts';
import { connect } from '../../../../src/client/connect.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../../src/json/value.ts';
import { type BlockGraph, readGraph } from '../../../../src/machine/configuration/block/graph.ts';

export const clusterBytes = 65_536;

interface SeenEvent {
  readonly event: string;
  readonly data: JsonObject;
}

export class DisksOfQemu {
  readonly #client: QmpClient;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #stdout: string;
  #seen = 0;
  readonly #events: SeenEvent[] = [];
  #wake: () => void = () => undefined;

  private constructor(client: QmpClient, child: ChildProcess, stdout: string) {
    this.#client = client;
    this.#process = child;
    this.#exited = once(child, 'exit');
    this.#stdout = stdout;
    void this.#collect();
  }

  static async start(binary: string, directory: string): Promise<DisksOfQemu> {
    const socket = path.join(directory, `qmp-${Date.now()}-${Math.random().toString(36).slice(2)}`);
    const stdout = `${socket}.out`;
    const out = openSync(stdout, 'w');
    const words = ['-M', 'q35,accel=tcg', '-m', '64', '-nodefaults', '-display', 'none', '-S'];
    const child = spawn(
      binary,
      [...words, '-device', 'virtio-scsi-pci,id=bus', '-qmp', `unix:${socket},server=on,wait=off`],
      { stdio: ['ignore', out, 'ignore'] },
    );
    closeSync(out);
    while (!existsSync(socket)) {
      if (child.exitCode !== null) throw new Error(`QEMU ended with status ${child.exitCode}`);
      await delay(10);
    }
    await delay(50);
    return new DisksOfQemu(await connect({ address: `unix:${socket}`, oob: false }), child, stdout);
  }

  async #collect(): Promise<void> {
    try {
      for await (const { event, data } of this.#client.eventsAny()) {
        this.#events.push({ event, data: isJsonObject(data) ? data : ({} as JsonObject) });
        this.#wake();
      }
    } catch {
      this.#wake();
    }
  }

  ask(command: string, args?: object): Promise<JsonValue> {
    return this.#client.executeAny(command, args);
  }

  /** Waits for one of the events, and takes it out of those that came. */
  async event(names: readonly string[], matches: (data: JsonObject) => boolean): Promise<string> {
    for (;;) {
      const index = this.#events.findIndex(({ event, data }) => names.includes(event) && matches(data));
      const [found] = index < 0 ? [] : this.#events.splice(index, 1);
      if (found !== undefined) return found.event;
      if (this.#process.exitCode !== null) throw new Error('QEMU has ended');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async graph(): Promise<BlockGraph> {
    const nodes = await this.ask('query-named-block-nodes', { flat: true });
    const edges = await this.ask('x-debug-query-block-graph');
    return readGraph({ nodes, edges, devices: await this.ask('query-block') });
  }

  /** As the guest does it: through the device's own backend. Throws when QEMU says that it failed. */
  async io(device: string, line: string): Promise<void> {
    await this.ask('human-monitor-command', { 'command-line': `qemu-io -d ${device} "${line}"` });
    const text = readFileSync(this.#stdout, 'latin1').slice(this.#seen);
    this.#seen += text.length;
    if (/fail|error|denied/i.test(text)) throw new Error(`${device} ${line}: ${text}`);
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.#exited;
    await this.#client.close();
    this.#wake();
  }
}

export function createImage(file: string, clusters: number): string {
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, String(clusters * clusterBytes)]);
  return file;
}

/** The full name of the backing file in the header of an overlay that is sound; undefined for any other. */
export function soundOverlay(file: string): string | undefined {
  try {
    const text = execFileSync('qemu-img', ['info', '--output=json', '-U', file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (JSON.parse(text.toString()) as { 'full-backing-filename'?: string })['full-backing-filename'];
  } catch {
    return undefined;
  }
}
