// What a QEMU binary can do, asked of itself: a QEMU without a machine (`-M none`) is started when something is not
// known yet, answers, and ends when nothing more is asked for a while. Answers are kept in memory and on disk.

import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import type { ForwardReply } from '../../../machine/instance.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { CancelTimer, Clock } from '../../../util/clock.ts';
import { messageOf } from '../../../util/local-error.ts';
import { replyValue } from '../../upstream/upstream.ts';
import { abandon, errorOrEnd, type LaunchedQemu, launchQemu } from '../process/launch.ts';
import { Introspection } from './introspection.ts';
import { binaryKey, readProbeFile, writeProbeFile } from './probe-file.ts';

export interface QemuVersion {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

export interface ProbeOptions {
  readonly binary: string;
  readonly runtimeDirectory: string;
  /** Where answers are kept between runs of qmpd; undefined: only in memory. */
  readonly stateDirectory: string | undefined;
  readonly clock: Clock;
  log(message: string): void;
}

/** The probing QEMU ends when it was not asked for so long; starting another takes 20 to 50 ms. */
const idleLimitMs = 2_000;

const argv = ['-M', 'none', '-nodefaults', '-no-user-config', '-display', 'none'] as const;
const waitingVnc = ['-vnc', 'none'] as const;

export class Probe {
  readonly #options: ProbeOptions;
  #key = '';
  #answers: Map<string, string> = new Map();
  #introspection: Introspection | undefined;
  #running: Promise<LaunchedQemu> | undefined;
  #asking = 0;
  #cancelIdle: CancelTimer | undefined;

  constructor(options: ProbeOptions) {
    this.#options = options;
  }

  /** Of the binary as it is now. Rejects with a QmpError that says why it is of no use. */
  async version(): Promise<QemuVersion> {
    const answer = await this.value('query-version');
    const triple = isJsonObject(answer) && isJsonObject(answer.qemu) ? answer.qemu : {};
    const { major, minor, micro } = triple;
    if (typeof major !== 'number' || typeof minor !== 'number' || typeof micro !== 'number') {
      throw new QmpError(`'${this.#options.binary}' does not tell its version as QEMU does`);
    }
    return { major, minor, micro };
  }

  /** The schema of the binary's QMP commands. */
  async introspection(): Promise<Introspection> {
    this.#refresh();
    this.#introspection ??= new Introspection(await this.value('query-qmp-schema'));
    return this.#introspection;
  }

  /** Whether it can have a VNC server that waits: some are built without, or lack the keyboard layouts that it reads. */
  async preparesVnc(): Promise<boolean> {
    const servers = await this.value('query-vnc-servers').catch(() => undefined);
    return Array.isArray(servers) && servers.length > 0;
  }

  /** The value of an answer; rejects with the error that it is. */
  async value(command: string, argumentsText?: string): Promise<JsonValue> {
    return replyValue(await this.ask(command, argumentsText));
  }

  /** Only errors are not kept. */
  async ask(command: string, argumentsText: string | undefined): Promise<ForwardReply> {
    this.#refresh();
    const question = argumentsText === undefined ? command : `${command} ${argumentsText}`;
    const kept = this.#answers.get(question);
    if (kept !== undefined) return { kind: 'return', text: kept };
    const key = this.#key;
    const reply = await this.#askQemu(command, argumentsText);
    if (reply.kind === 'return' && this.#key === key) this.#answers.set(question, String(reply.text));
    return reply;
  }

  /** Ends the probing QEMU, if one runs. */
  async close(): Promise<void> {
    this.#cancelIdle?.();
    const running = this.#running;
    this.#running = undefined;
    const launched = await running?.catch(() => undefined);
    if (launched !== undefined) await abandon(launched, this.#options.clock);
  }

  /** Forgets everything when the binary is another one now. */
  #refresh(): void {
    const key = binaryKey(this.#options.binary);
    if (key === this.#key) return;
    // What still runs is of the binary before.
    if (this.#running !== undefined) void this.close();
    this.#key = key;
    this.#introspection = undefined;
    const { stateDirectory } = this.#options;
    this.#answers = new Map(stateDirectory === undefined ? [] : readProbeFile(stateDirectory, key));
  }

  async #askQemu(command: string, argumentsText: string | undefined): Promise<ForwardReply> {
    this.#cancelIdle?.();
    this.#asking += 1;
    try {
      const launched = await this.#launched();
      const { scheduler } = launched.upstream;
      const answer = scheduler.submit({ session: 'probe', command, argumentsText, outOfBand: false });
      return await answer.catch(async (thrown: unknown) => {
        const reason = await errorOrEnd(thrown, launched, this.#options.clock);
        await this.close();
        throw new QmpError(`'${command}' cannot be answered: ${messageOf(reason)}`);
      });
    } finally {
      this.#asking -= 1;
      if (this.#asking === 0) this.#cancelIdle = this.#options.clock.after(idleLimitMs, () => this.#idle());
    }
  }

  #launched(): Promise<LaunchedQemu> {
    this.#running ??= this.#launch([...argv, ...waitingVnc])
      .catch(() => this.#launch(argv))
      .catch((thrown: unknown) => {
        this.#running = undefined;
        throw thrown;
      });
    return this.#running;
  }

  #launch(words: readonly string[]): Promise<LaunchedQemu> {
    const { binary, runtimeDirectory, clock, log } = this.#options;
    return launchQemu({
      binary,
      argv: words,
      redial: undefined,
      runtimeDirectory,
      inheritedFds: [],
      clock,
      polling: { limitUs: 0 },
      event: () => undefined,
      log,
    });
  }

  #idle(): void {
    this.#save();
    void this.close();
  }

  #save(): void {
    const { stateDirectory, log } = this.#options;
    if (stateDirectory === undefined) return;
    try {
      writeProbeFile(stateDirectory, this.#key, this.#answers);
    } catch (thrown) {
      log(`what was learnt of QEMU cannot be kept: ${messageOf(thrown)}`);
    }
  }
}
