// A running machine, in the main thread: run state, events, and what the guest's resets and power-offs lead to. The order of
// events and run states is QEMU's (softmmu/runstate.c, softmmu/cpus.c). Verbs that change the run state are carried
// out one after the other, no matter who asks.

import type { JsonObject } from '../../json/value.ts';
import type { DiskImage } from '../../machine/block-nodes.ts';
import type { MachineActions, Power, ScreenImage } from '../../machine/controls.ts';
import type { MachineConfiguration } from '../../machine/engine.ts';
import type { ControlledCommands, Instance, InstanceHost, InstanceStatus } from '../../machine/instance.ts';
import type { RunState } from '../../machine/phase.ts';
import { QmpError } from '../../qmp/error.ts';
import { assertNever } from '../../util/assert.ts';
import { messageOf } from '../../util/local-error.ts';
import { type DriveOption, drivePlaces } from './drives.ts';
import { checkImage } from './images.ts';
import { EmbeddedMedia } from './media.ts';
import type { NetworkBackendPlan } from './network.ts';
import type { NetworkLink } from './network-link.ts';
import { checkConfiguration } from './plan.ts';
import type { PortDevices, SerialPorts } from './serial-ports.ts';
import type { DriveError, MachinePlan } from './worker/messages.ts';
import type { Notice, WorkerLink } from './worker-link.ts';

/** One answer's worth of guest memory; callers that want more ask in parts. */
const memoryReadBytesMax = 64 * 1024 * 1024;

/** From these only a reset leads on (QEMU: runstate_needs_reset). */
const needsReset: readonly RunState[] = ['internal-error', 'shutdown'];

/** What the machine is connected to outside. */
export interface Connections {
  readonly ports: SerialPorts;
  readonly cable: NetworkLink;
}

/** Checked and kept until the next reset. */
interface NextMachine {
  readonly plan: MachinePlan;
  readonly devices: PortDevices;
  readonly network: NetworkBackendPlan | undefined;
  readonly applied: () => void;
}

export class EmbeddedInstance implements Instance, Power {
  readonly commands: ControlledCommands;
  readonly mayEnd = true;
  readonly media: EmbeddedMedia;
  readonly #host: InstanceHost;
  readonly #ports: SerialPorts;
  readonly #cable: NetworkLink;
  #memoryBytes = 0;
  /** What the next reset makes of the machine. */
  #next: NextMachine | undefined;
  #link: WorkerLink | undefined;
  #state: RunState = 'prelaunch';
  #actions: MachineActions = { reboot: 'reset', shutdown: 'poweroff' };
  #ended = false;
  #destroyed: Promise<void> | undefined;
  /** The end of the queue of verbs; never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

  /** Throws a QmpError for a drive whose option leads to no image. */
  constructor(configuration: MachineConfiguration, { ports, cable }: Connections, host: InstanceHost) {
    this.#ports = ports;
    this.#cable = cable;
    this.#host = host;
    this.media = new EmbeddedMedia(configuration, {
      host,
      show: (drive, image) => this.#inTurn(() => this.#setMedium(drive, image)),
    });
    this.commands = { kind: 'controlled', controls: this.#controls() };
  }

  #controls(): ControlledCommands['controls'] {
    const memoryBytes = (): number => this.#memoryBytes;
    return {
      power: this,
      media: this.media,
      screen: { capture: () => this.screen() },
      input: { send: (events) => this.input(events) },
      memory: {
        get bytes() {
          return memoryBytes();
        },
        read: (space, address, size) => this.readMemory(space, address, size),
      },
      human: () => Promise.reject(new QmpError("The human monitor is QEMU's: it needs the engine 'qemu'")),
    };
  }

  /** Before any verb. */
  start(link: WorkerLink, memoryBytes: number): void {
    this.#link = link;
    this.#memoryBytes = memoryBytes;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  cont(): Promise<void> {
    return this.#inTurn(async () => {
      const link = this.#worker();
      if (this.#state === 'running') return;
      if (needsReset.includes(this.#state)) {
        throw new QmpError('Resetting the Virtual Machine is required');
      }
      this.#host.event({ name: 'RESUME' });
      this.#enter('running');
      await link.request('cont', undefined);
    });
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#pause('paused'));
  }

  reset(): Promise<void> {
    return this.#inTurn(() => this.#resetFor('host-qmp-system-reset', false));
  }

  async powerdown(): Promise<void> {
    const link = this.#worker();
    this.#host.event({ name: 'POWERDOWN' });
    await link.request('powerButton', undefined);
  }

  /**
   * What the next reset makes of the machine: the configuration is checked as `create` checks it, and kept; `applied`
   * is called once the machine has become that. Media of removable drives stay what they are. Rejects with a QmpError,
   * and then what was kept before stays.
   */
  async reconfigure(configuration: MachineConfiguration, applied: () => void): Promise<void> {
    const { plan, serial, network } = await checkConfiguration(configuration);
    const madeAnew = (): void => {
      this.media.madeAnew(configuration);
      applied();
    };
    this.#next = { plan, devices: await this.#ports.open(serial), network, applied: madeAnew };
  }

  setActions(actions: Partial<MachineActions>): void {
    this.#actions = { ...this.#actions, ...actions };
  }

  async input(events: readonly JsonObject[]): Promise<void> {
    await this.#worker().request('input', events);
  }

  async screen(): Promise<ScreenImage> {
    return this.#worker().request('screen', undefined);
  }

  async readMemory(space: 'physical' | 'virtual', address: bigint, size: number): Promise<Uint8Array> {
    if (size > memoryReadBytesMax) {
      throw new QmpError(`At most ${memoryReadBytesMax} bytes can be read at a time`);
    }
    const range = { space, address: Number(BigInt.asUintN(64, address)), size };
    const bytes = await this.#worker().request('readMemory', range);
    if (bytes !== undefined) return bytes;
    const hex = BigInt.asUintN(64, address).toString(16).padStart(16, '0');
    throw new QmpError(`Invalid addr 0x${hex}/size ${size} specified`);
  }

  async #setMedium(drive: DriveOption, image: DiskImage | undefined): Promise<void> {
    if (image !== undefined) await checkImage(drive, image);
    await this.#worker().request('setMedium', { drive, image });
  }

  status(): InstanceStatus {
    return { answering: true, inFlight: [], queued: 0 };
  }

  /** Its commands are carried out here; none of them waits. */
  sessionEnded(): void {}

  end(): Promise<void> {
    this.#ended = true;
    this.#destroyed ??= this.#release();
    return this.#destroyed;
  }

  /** Messages of the worker, in order. */
  notice(notice: Notice): void {
    switch (notice.kind) {
      case 'serial-output':
        this.#ports.output(notice.port, notice.bytes);
        break;
      case 'serial-line':
        this.#ports.line(notice.port, notice.line);
        break;
      case 'serial-read':
        this.#ports.inputRead(notice.port, notice.bytes);
        break;
      case 'network-output':
        this.#cable.send(notice.frame);
        break;
      case 'network-taken':
        this.#cable.framesTaken(notice.frames);
        break;
      case 'guest-reset':
        this.#later(() => this.#resetFor('guest-reset', true));
        break;
      case 'guest-power-off':
        this.#later(() => this.#shutDown('guest-shutdown', true));
        break;
      case 'fault':
        this.#later(() => this.#fault(notice.message));
        break;
      case 'guest-eject':
        this.media.guestEjected(notice.drive);
        break;
      case 'io-error':
        this.#ioError(notice.error);
        break;
      case 'log':
        this.#host.log(notice.message);
        break;
      default:
        assertNever(notice, 'message of the machine');
    }
  }

  died(reason: string): void {
    if (this.#ended) return;
    this.#host.log(`embedded machine: ${reason}`);
    this.#stopped('internal-error');
    this.#end(reason).catch((thrown: unknown) => this.#host.log(messageOf(thrown)));
  }

  #worker(): WorkerLink {
    if (this.#link === undefined || this.#ended) throw new QmpError('The machine has ended');
    return this.#link;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(action);
    this.#tail = result.catch(() => {});
    return result;
  }

  /** For what the guest began: nobody waits for it. */
  #later(action: () => Promise<void>): void {
    this.#inTurn(async () => {
      if (!this.#ended) await action();
    }).catch((thrown: unknown) => this.#host.log(`embedded machine: ${messageOf(thrown)}`));
  }

  #enter(state: RunState): void {
    this.#state = state;
    this.#host.runState(state);
  }

  /** The CPU stands still: the new run state, and the event if it ran before. */
  #stopped(state: RunState): void {
    const ran = this.#state === 'running';
    this.#enter(state);
    if (ran) this.#host.event({ name: 'STOP' });
  }

  async #pause(state: RunState): Promise<void> {
    const link = this.#worker();
    if (this.#state !== 'running') return;
    await link.request('stop', undefined);
    this.#stopped(state);
  }

  async #resetFor(reason: 'guest-reset' | 'host-qmp-system-reset', guest: boolean): Promise<void> {
    const link = this.#worker();
    if (this.#actions.reboot === 'shutdown') {
      await this.#shutDown(reason, guest);
      return;
    }
    await this.#resetWorker(link, guest);
    this.#host.event({ name: 'RESET', data: { guest, reason } });
    if (this.#state !== 'running' && this.#state !== 'prelaunch') this.#enter('prelaunch');
  }

  /** With the next plan, if there is one. A guest's own reset must happen, even when that plan is no longer possible. */
  async #resetWorker(link: WorkerLink, guest: boolean): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) {
      await link.request('reset', undefined);
      return;
    }
    try {
      await link.request('reset', next.plan);
    } catch (thrown) {
      if (!guest) throw thrown;
      this.#host.log(`embedded machine: reset as it was: ${messageOf(thrown)}`);
      await link.request('reset', undefined);
      return;
    }
    this.#memoryBytes = next.plan.memoryBytes;
    await this.#connect(next);
    next.applied();
  }

  /** The reset has happened: what cannot be connected stays unconnected. */
  async #connect({ devices, network }: NextMachine): Promise<void> {
    const failed = (thrown: unknown): void => this.#host.log(`embedded machine: ${messageOf(thrown)}`);
    try {
      this.#ports.connect(devices);
    } catch (thrown) {
      failed(thrown);
    }
    await this.#cable.connect(network).catch(failed);
  }

  async #shutDown(reason: string, guest: boolean): Promise<void> {
    this.#host.event({ name: 'SHUTDOWN', data: { guest, reason } });
    if (this.#actions.shutdown === 'pause') {
      await this.#pause('shutdown');
      return;
    }
    await this.#end(reason, 0);
  }

  async #fault(message: string): Promise<void> {
    this.#host.log(`embedded machine: the emulator failed: ${message}`);
    this.#stopped('internal-error');
  }

  async #end(reason: string, status?: number): Promise<void> {
    this.#ended = true;
    this.#destroyed ??= this.#release();
    await this.#destroyed;
    this.#host.ended(status === undefined ? { reason } : { reason, status });
  }

  async #release(): Promise<void> {
    await this.#link?.close();
    this.#ports.detach();
    this.#cable.close();
  }

  #ioError({ drive, operation, action, reason }: DriveError): void {
    this.#host.event({
      name: 'BLOCK_IO_ERROR',
      data: {
        'qom-path': drive,
        device: deviceOf(drive),
        operation,
        action,
        ...(action === 'stop' ? { nospace: true } : {}),
        reason,
      },
    });
    if (action === 'report') return;
    this.#later(async () => {
      if (this.#state === 'running') this.#stopped('io-error');
    });
  }
}

/** The drive's name in events. */
function deviceOf(drive: DriveOption): string {
  return drivePlaces.find(({ option }) => option === drive)?.device ?? drive;
}
