// A real, small InstanceHost for tests of an engine without a server: it keeps what the machine says, lets tests wait
// for it, and opens terminals as character devices.

import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../../../src/json/value.ts';
import type { Chardev } from '../../../src/machine/chardev.ts';
import type { InstanceEnd, InstanceHost } from '../../../src/machine/instance.ts';
import type { RunState } from '../../../src/machine/phase.ts';
import { QmpError } from '../../../src/qmp/error.ts';
import type { MachineEvent } from '../../../src/qmp/events/event.ts';
import { TerminalChardev } from './terminal-chardev.ts';

const waitMsMax = 60_000;

export class RecordingHost implements InstanceHost {
  /** Events and run states in order: "RESET", "=running", "ended". */
  readonly story: string[] = [];
  readonly events: { readonly name: string; readonly data: JsonObject | undefined }[] = [];
  readonly logs: string[] = [];
  end: InstanceEnd | undefined;
  readonly #terminals = new Map<string, TerminalChardev>();
  readonly #watchers = new Set<() => void>();

  terminal(id: string): TerminalChardev {
    const terminal = this.#terminals.get(id) ?? new TerminalChardev(id);
    this.#terminals.set(id, terminal);
    return terminal;
  }

  event(event: MachineEvent): void {
    this.events.push({ name: event.name, data: event.data });
    this.#tell(event.name);
  }

  runState(state: RunState): void {
    this.#tell(`=${state}`);
  }

  ended(end: InstanceEnd): void {
    this.end = end;
    this.#tell('ended');
  }

  async chardev(id: string): Promise<Chardev> {
    const terminal = this.#terminals.get(id);
    if (terminal === undefined) throw new QmpError(`Chardev '${id}' not found`);
    return terminal;
  }

  log(message: string): void {
    this.logs.push(message);
  }

  /** Resolves when the story ends with `entry`, counted from the start or from a place in it. */
  async until(entry: string, from = 0): Promise<void> {
    const signal = AbortSignal.timeout(waitMsMax);
    while (!this.story.slice(from).includes(entry)) {
      if (signal.aborted)
        throw new Error(`no ${entry} in ${this.story.join(' ')}; log: ${this.logs.join('\n')}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#watchers.delete(wake);
          resolve();
        };
        this.#watchers.add(wake);
        delay(1000, undefined, { ref: true }).then(wake, wake);
      });
    }
  }

  #tell(entry: string): void {
    this.story.push(entry);
    for (const watcher of [...this.#watchers]) watcher();
  }
}
