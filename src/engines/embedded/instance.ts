// The machine in the main thread: run state, events, and what the guest's resets and power-offs lead to. The order of
// events and run states is QEMU's (softmmu/runstate.c, softmmu/cpus.c). Verbs that change the run state are carried
// out one after the other, whoever asks.

import type { JsonObject } from '../../json/value.ts';
import { type DriveOption, drivePlaces } from '../../machine/drives.ts';
import type {
  DiskImage,
  EmulatedMachine,
  EngineHost,
  MachineActions,
  MachineConfiguration,
  ScreenImage,
} from '../../machine/engine.ts';
import type { RunState } from '../../machine/phase.ts';
import { QmpError } from '../../qmp/error.ts';
import { assertNever } from '../../util/assert.ts';
import { messageOf } from '../../util/local-error.ts';
import { checkImage } from './drives.ts';
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

export class EmbeddedMachine implements EmulatedMachine {
  readonly kind = 'emulated';
  readonly #host: EngineHost;
  readonly #ports: SerialPorts;
  readonly #cable: NetworkLink;
  #memoryBytes: number;
  /** What the next reset makes of the machine. */
  #next: NextMachine | undefined;
  #link: WorkerLink | undefined;
  #state: RunState = 'prelaunch';
  #actions: MachineActions = { reboot: 'reset', shutdown: 'poweroff' };
  #ended = false;
  #destroyed: Promise<void> | undefined;
  /** The end of the queue of verbs; never rejects. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(memoryBytes: number, { ports, cable }: Connections, host: EngineHost) {
    this.#memoryBytes = memoryBytes;
    this.#ports = ports;
    this.#cable = cable;
    this.#host = host;
  }

  /** Before any verb. */
  start(link: WorkerLink): void {
    this.#link = link;
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
      this.#host.event('RESUME');
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
    this.#host.event('POWERDOWN');
    await link.request('powerButton', undefined);
  }

  async reconfigure(configuration: MachineConfiguration, applied: () => void): Promise<void> {
    const { plan, serial, network } = await checkConfiguration(configuration);
    this.#next = { plan, devices: await this.#ports.open(serial), network, applied };
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

  setMedium(drive: string, image: DiskImage | undefined): Promise<void> {
    return this.#inTurn(async () => {
      const place = drivePlaces.find(({ option, removable }) => option === drive && removable);
      if (place === undefined) throw new QmpError(`Device '${drive}' is not removable`);
      if (image !== undefined) await checkImage(place.option, image);
      await this.#worker().request('setMedium', { drive: place.option, image });
    });
  }

  destroy(): Promise<void> {
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
        this.#guestEjected(notice.drive);
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
    if (ran) this.#host.event('STOP');
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
    this.#host.event('RESET', { guest, reason });
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
    this.#host.event('SHUTDOWN', { guest, reason });
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

  #guestEjected(drive: DriveOption): void {
    this.#host.event('DEVICE_TRAY_MOVED', { device: deviceOf(drive), id: drive, 'tray-open': true });
  }

  #ioError({ drive, operation, action, reason }: DriveError): void {
    this.#host.event('BLOCK_IO_ERROR', {
      'qom-path': drive,
      device: deviceOf(drive),
      operation,
      action,
      ...(action === 'stop' ? { nospace: true } : {}),
      reason,
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
