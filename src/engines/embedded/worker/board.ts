// The machine inside the worker: one v86 emulator with the overrides on it, built from the plan, and built again when
// a fault has broken it. It decides nothing: what a reset or a power-off of the guest leads to is the main thread's
// affair.

import type { JsonObject } from '../../../json/value.ts';
import type { DiskImage } from '../../../machine/block-nodes.ts';
import { messageOf } from '../../../util/local-error.ts';
import type { DriveOption } from '../drives.ts';
import type { DriveMedium } from './drive-medium.ts';
import type { GuestClock } from './guest-clock.ts';
import { readMemory } from './guest-memory.ts';
import { KeyboardAndMouse } from './keyboard-and-mouse.ts';
import { Media } from './media.ts';
import type { FromWorker, MachinePlan, MediumChange, MemoryRange, Picture } from './messages.ts';
import { PowerManagement } from './overrides/acpi.ts';
import { Drives } from './overrides/drives.ts';
import { MainLoop } from './overrides/main-loop.ts';
import { NetworkCard } from './overrides/network-card.ts';
import { parkCpu, Resetter } from './overrides/reset.ts';
import { refreshScreen, takePicture } from './overrides/screen.ts';
import { SerialPort } from './overrides/serial-port.ts';
import { checkInternals } from './self-test.ts';
import type { Cpu, Emulator } from './v86.ts';

/** Makes an emulator for the plan, with what is in the drives now. */
export type BuildEmulator = (plan: MachinePlan, media: Media) => Promise<Emulator>;

/** An emulator with everything that belongs to it. */
interface Built {
  readonly emulator: Emulator;
  readonly cpu: Cpu;
  readonly loop: MainLoop;
  readonly power: PowerManagement;
  readonly resetter: Resetter;
  readonly drives: Drives;
  readonly keyboardAndMouse: KeyboardAndMouse;
  readonly networkCard: NetworkCard | undefined;
}

/** How often the vertical retrace moves on while the guest runs: about what a screen does. */
const retracePeriodMs = 50;
/** A double fault needs this much of the interrupt table; without it an exception stops a PC's CPU. */
const doubleFaultEnd = 8 * 8 + 7;

const hardDisks = ['hda', 'hdb'] as const satisfies DriveOption[];

export class GuestMachine {
  #plan: MachinePlan;
  readonly #clock: GuestClock;
  readonly #build: BuildEmulator;
  readonly #tell: (message: FromWorker) => void;
  readonly #media: Media;
  readonly #serialPorts: (SerialPort | undefined)[] = [];
  #built: Built | undefined;
  #running = false;
  /** The emulator threw: it must be built again before the guest can run. */
  #broken = false;
  #retraceAtMs = 0;
  /** Ends the waiting for an emulator that is being made. */
  #failBuild: ((thrown: unknown) => void) | undefined;

  constructor(
    plan: MachinePlan,
    clock: GuestClock,
    build: BuildEmulator,
    tell: (message: FromWorker) => void,
  ) {
    this.#plan = plan;
    this.#clock = clock;
    this.#build = build;
    this.#tell = tell;
    this.#media = new Media((error) => {
      if (error.action === 'stop') this.#halt();
      else this.#built?.drives.fail(error.drive, error.operation);
      tell({ kind: 'io-error', error });
    });
  }

  async open(): Promise<void> {
    for (const [drive, image] of Object.entries(this.#plan.drives)) {
      this.#media.put(drive as DriveOption, await this.#media.open(drive as DriveOption, image));
    }
    await this.#start();
  }

  cont(): void {
    this.#running = true;
    this.#clock.resume();
    this.#media.retry();
    this.#present().loop.run();
  }

  async stop(): Promise<void> {
    this.#halt();
    await this.#media.flush();
  }

  async reset(plan: MachinePlan | undefined): Promise<void> {
    if (plan !== undefined || this.#broken) {
      const replaced = plan === undefined ? [] : await this.#adopt(plan);
      await this.#start();
      for (const medium of replaced) await medium.close();
      if (this.#running) this.cont();
      return;
    }
    this.#present().resetter.reset();
    this.#present().keyboardAndMouse.drop();
    this.#present().networkCard?.drop();
    for (const port of this.#serialPorts) port?.reset();
    if (this.#running) this.#wake();
  }

  powerButton(): void {
    this.#present().power.pressButton();
  }

  input(events: readonly JsonObject[]): void {
    this.#present().keyboardAndMouse.send(events);
  }

  screen(): Picture {
    return takePicture(this.#present().cpu.devices.vga);
  }

  readMemory(range: MemoryRange): Uint8Array | undefined {
    return readMemory(this.#present().cpu, range);
  }

  async setMedium({ drive, image }: MediumChange): Promise<void> {
    const medium = image === undefined ? undefined : await this.#media.open(drive, image);
    const before = this.#media.put(drive, medium);
    this.#showMedium(drive, medium);
    await before?.close();
  }

  async close(): Promise<void> {
    this.#halt();
    await this.#media.close();
  }

  networkInput(frame: Uint8Array): void {
    const card = this.#built?.networkCard;
    if (card === undefined) this.#tell({ kind: 'network-taken', frames: 1 });
    else card.receive(frame);
  }

  serialPort(index: number): SerialPort | undefined {
    return this.#serialPorts[index];
  }

  /** Takes over the plan, with its hard disks where they are others than before; gives those, to be closed. */
  async #adopt(plan: MachinePlan): Promise<DriveMedium[]> {
    const changed = hardDisks.filter((drive) => !isSameImage(plan.drives[drive], this.#plan.drives[drive]));
    const opened = new Map<DriveOption, DriveMedium>();
    try {
      for (const drive of changed) {
        const image = plan.drives[drive];
        if (image !== undefined) opened.set(drive, await this.#media.open(drive, image));
      }
    } catch (thrown) {
      for (const medium of opened.values()) await medium.close();
      throw thrown;
    }
    this.#plan = plan;
    return changed.flatMap((drive) => this.#media.put(drive, opened.get(drive)) ?? []);
  }

  #showMedium(drive: DriveOption, medium: DriveMedium | undefined): void {
    const { cdrom, fdc } = this.#present().cpu.devices;
    if (drive === 'cdrom') {
      if (medium === undefined) cdrom.eject();
      else cdrom.set_cdrom(medium);
      return;
    }
    const floppy = fdc.drives[drive === 'fda' ? 0 : 1];
    if (medium === undefined) floppy?.eject_disk();
    else floppy?.insert_disk(medium, medium.readOnly);
  }

  /** Something outside the main loop threw: the emulator cannot be trusted any more. */
  fault(thrown: unknown): void {
    this.#failBuild?.(thrown);
    this.#halt();
    this.#broken = true;
    this.#tell({ kind: 'fault', message: messageOf(thrown) });
  }

  #present(): Built {
    if (this.#built === undefined) throw new Error('the emulator is not there');
    return this.#built;
  }

  #halt(): void {
    this.#running = false;
    this.#built?.loop.halt();
    this.#clock.stop();
  }

  /** v86 makes itself in callbacks of its own; what they throw (no memory) is seen only as a fault of the thread. */
  async #buildOrFail(): Promise<Emulator> {
    const failure = new Promise<never>((_resolve, reject) => {
      this.#failBuild = reject;
    });
    try {
      return await Promise.race([this.#build(this.#plan, this.#media), failure]);
    } finally {
      this.#failBuild = undefined;
    }
  }

  async #start(): Promise<void> {
    this.#built?.loop.halt();
    this.#built?.keyboardAndMouse.drop();
    this.#built?.networkCard?.drop();
    this.#built = undefined;
    const emulator = await this.#buildOrFail();
    checkInternals(emulator);
    const { cpu } = emulator.v86;
    const images = {
      kernelBytes: this.#plan.kernel?.byteLength ?? 0,
      initrdBytes: this.#plan.initrd?.byteLength ?? 0,
    };
    this.#built = {
      emulator,
      cpu,
      loop: new MainLoop(emulator.v86, {
        afterSlice: () => this.#afterSlice(),
        fault: (thrown) => this.#faultOfGuest(cpu, thrown),
      }),
      power: new PowerManagement(cpu, () => {
        parkCpu(cpu);
        this.#tell({ kind: 'guest-power-off' });
      }),
      resetter: new Resetter(cpu, images, () => this.#tell({ kind: 'guest-reset' })),
      drives: new Drives(cpu.devices, { guestEjected: () => this.#guestEjected() }),
      keyboardAndMouse: new KeyboardAndMouse(emulator.bus, cpu.devices),
      networkCard: this.#makeNetworkCard(emulator),
    };
    this.#protectFloppies(cpu);
    this.#setClock(cpu);
    this.#connectSerialPorts(cpu);
    this.#broken = false;
  }

  #makeNetworkCard(emulator: Emulator): NetworkCard | undefined {
    const plan = this.#plan.networkCard;
    if (plan === undefined) return undefined;
    return new NetworkCard(emulator, plan, {
      isRunning: () => this.#running,
      output: (frame) => this.#tell({ kind: 'network-output', frame }),
      taken: (frames) => this.#tell({ kind: 'network-taken', frames }),
    });
  }

  /** v86 takes the media that a machine starts with as writable. */
  #protectFloppies(cpu: Cpu): void {
    for (const [index, name] of (['fda', 'fdb'] as const).entries()) {
      const floppy = cpu.devices.fdc.drives[index];
      if (floppy !== undefined) floppy.read_only = this.#media.get(name)?.readOnly ?? false;
    }
  }

  #setClock(cpu: Cpu): void {
    const base = this.#plan.rtcBaseMs;
    if (base === undefined) return;
    cpu.devices.rtc.rtc_time = base;
    cpu.devices.rtc.last_update = Date.now();
  }

  #connectSerialPorts(cpu: Cpu): void {
    const { uart0, uart1, uart2, uart3 } = cpu.devices;
    for (const [index, uart] of [uart0, uart1, uart2, uart3].entries()) {
      if (uart === undefined) {
        this.#serialPorts[index] = undefined;
        continue;
      }
      const port = this.#serialPorts[index];
      if (port !== undefined) {
        port.connect(cpu, uart);
        continue;
      }
      this.#serialPorts[index] = new SerialPort(index, cpu, uart, {
        output: (bytes) => this.#tell({ kind: 'serial-output', port: index, bytes }),
        line: (line) => this.#tell({ kind: 'serial-line', port: index, line }),
        consumed: (bytes) => this.#tell({ kind: 'serial-read', port: index, bytes }),
      });
    }
  }

  #wake(): void {
    const { emulator, loop } = this.#present();
    if (loop.running) emulator.v86.next_tick(0);
    else loop.run();
  }

  #afterSlice(): void {
    const now = this.#clock.now();
    if (now < this.#retraceAtMs) return;
    this.#retraceAtMs = now + retracePeriodMs;
    refreshScreen(this.#present().cpu.devices.vga);
  }

  /** With no room for a double fault in the interrupt table the CPU shuts down, which resets a PC; else v86 failed. */
  #faultOfGuest(cpu: Cpu, thrown: unknown): void {
    const tripleFault = cpu.protected_mode[0] === 1 && (cpu.idtr_size[0] ?? 0) < doubleFaultEnd;
    if (!tripleFault) {
      this.fault(thrown);
      return;
    }
    this.#broken = true;
    this.#tell({ kind: 'guest-reset' });
  }

  #guestEjected(): void {
    this.#media
      .put('cdrom', undefined)
      ?.close()
      .catch((thrown: unknown) => this.fault(thrown));
    this.#tell({ kind: 'guest-eject', drive: 'cdrom' });
  }
}

function isSameImage(one: DiskImage | undefined, other: DiskImage | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
