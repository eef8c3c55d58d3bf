// The `mux` backend: up to four frontends share one chardev. All write to it; one at a time, the one in focus, gets its
// input (QEMU: chardev/char-mux.c). Who attaches last has the focus; C-a c moves it on.

import type { ChardevEvent, ChardevFrontend } from '../../machine/chardev.ts';
import { QmpError } from '../../qmp/error.ts';
import type { ChardevMux } from '../../schema/index.ts';
import { MissingError } from '../../transports/layers/missing.ts';
import type { BackendContext } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import type { OpenChardev } from '../open-chardev.ts';
import { LineTimestamps } from '../ports/line-timestamps.ts';
import { type OutputLog, openLog } from '../ports/output-log.ts';
import { textWord } from '../words.ts';
import { type MuxCommand, MuxEscape, muxHelp } from './mux-escape.ts';

const frontendsMax = 4;
/** Bytes that wait for a frontend that takes none now (QEMU: MUX_BUFFER_SIZE); at the limit the base is not read. */
const waitingBytesMax = 32;

interface Seat {
  readonly frontend: ChardevFrontend;
  waiting: Uint8Array;
}

interface MuxContext {
  readonly outputLog: OutputLog | undefined;
  exit(status: number): void;
  log(message: string): void;
}

class MuxChardev implements OpenChardev {
  readonly id: string;
  readonly kind = 'mux';
  readonly filename = 'mux';
  readonly pty = undefined;
  readonly #base: OpenChardev;
  readonly #context: MuxContext;
  readonly #seats: (Seat | undefined)[] = new Array(frontendsMax).fill(undefined);
  readonly #escape: MuxEscape = new MuxEscape();
  readonly #below: ChardevFrontend;
  #focus = -1;
  #timestamps: LineTimestamps | undefined;

  /** Takes the base over; throws a QmpError when another frontend has it. */
  constructor(id: string, base: OpenChardev, context: MuxContext) {
    this.id = id;
    this.#base = base;
    this.#context = context;
    const isOpen = (): boolean => this.frontendOpen;
    this.#below = {
      label: `mux ${id}`,
      get open() {
        return isOpen();
      },
      canReceive: () => this.#canReceive(),
      receive: (bytes) => this.#receive(bytes),
      event: (event) => this.#sendToAll(event),
      writable: () => this.writable(),
    };
    base.attach(this.#below);
  }

  get opened(): boolean {
    return this.#base.opened;
  }

  get users(): readonly string[] {
    return this.#seats.flatMap((seat) => (seat ? [seat.frontend.label] : []));
  }

  get frontendOpen(): boolean {
    return this.#seats.some((seat) => seat && (seat.frontend.open ?? true));
  }

  get #focused(): Seat | undefined {
    return this.#seats[this.#focus];
  }

  attach(frontend: ChardevFrontend): void {
    const seat = this.#seats.indexOf(undefined);
    if (seat < 0) {
      throw new QmpError(`too many uses of multiplexed chardev '${this.id}' (maximum is ${frontendsMax})`);
    }
    this.#seats[seat] = { frontend, waiting: new Uint8Array() };
    if (this.opened) frontend.event('OPENED');
    this.#setFocus(seat);
    this.#base.resumeInput();
  }

  detach(frontend: ChardevFrontend): void {
    const seat = this.#seats.findIndex((other) => other?.frontend === frontend);
    if (seat < 0) return;
    this.#seats[seat] = undefined;
    if (seat === this.#focus) this.#focusNext();
  }

  write(bytes: Uint8Array): number {
    const { outputLog } = this.#context;
    const sink = (part: Uint8Array): number =>
      this.#timestamps
        ? this.#timestamps.write(part, (out) => this.#base.write(out))
        : this.#base.write(part);
    return outputLog ? outputLog.write(bytes, sink) : sink(bytes);
  }

  writable(): void {
    for (const seat of this.#seats) seat?.frontend.writable();
  }

  resumeInput(): void {
    for (const seat of this.#seats) if (seat) deliverWaiting(seat);
    this.#base.resumeInput();
  }

  sendBreak(): void {
    this.#focused?.frontend.event('BREAK');
  }

  async close(): Promise<void> {
    this.#base.detach(this.#below);
    await this.#context.outputLog?.close();
  }

  #canReceive(): number {
    const seat = this.#focused;
    if (!seat) return 0;
    const room = waitingBytesMax - seat.waiting.length;
    return room > 0 ? room + (seat.waiting.length === 0 ? seat.frontend.canReceive() : 0) : 0;
  }

  #receive(bytes: Uint8Array): void {
    for (const part of this.#escape.read(bytes)) {
      if (typeof part === 'string') this.#run(part);
      else if (this.#focused) give(this.#focused, part);
    }
  }

  #run(command: MuxCommand): void {
    switch (command) {
      case 'help':
        this.#base.write(Buffer.from(`\n\r${muxHelp}`));
        break;
      case 'exit':
        this.#base.write(Buffer.from('QEMU: Terminated\n\r'));
        this.#context.exit(0);
        break;
      case 'commit':
        this.#context.log(`chardev '${this.id}': C-a s does nothing here: commit the disks by QMP`);
        break;
      case 'break':
        this.sendBreak();
        break;
      case 'focus':
        this.#focusNext();
        break;
      case 'timestamps':
        this.#timestamps = this.#timestamps ? undefined : new LineTimestamps();
        break;
    }
  }

  #focusNext(): void {
    for (let step = 1; step <= frontendsMax; step++) {
      const seat = (this.#focus + step) % frontendsMax;
      if (this.#seats[seat]) {
        this.#setFocus(seat);
        return;
      }
    }
    this.#focus = -1;
  }

  #setFocus(seat: number): void {
    this.#focused?.frontend.event('MUX_OUT');
    this.#focus = seat;
    this.#focused?.frontend.event('MUX_IN');
  }

  #sendToAll(event: ChardevEvent): void {
    for (const seat of this.#seats) seat?.frontend.event(event);
  }
}

async function openMux(id: string, data: ChardevMux, context: BackendContext): Promise<OpenChardev> {
  const base = await context.base(data.chardev);
  if (!base) throw new MissingError(`mux: base chardev ${data.chardev} not found`);
  const mux: { chardev?: MuxChardev } = {};
  const outputLog = await openLog(data, context.log, () => mux.chardev?.writable());
  try {
    mux.chardev = new MuxChardev(id, base, { outputLog, exit: context.exit, log: context.log });
    return mux.chardev;
  } catch (error) {
    await outputLog?.close();
    throw error;
  }
}

export const muxKind: ChardevKind<'mux'> = {
  type: 'mux',
  livesIn: 'both',
  words: { chardev: textWord('chardev', 'mux: no chardev given') },
  example: 'chardev=a',
  notes: 'four frontends; C-a h for help',
  openShared: openMux,
};

function give(seat: Seat, bytes: Uint8Array): void {
  seat.waiting = seat.waiting.length > 0 ? Buffer.concat([seat.waiting, bytes]) : bytes;
  deliverWaiting(seat);
}

function deliverWaiting(seat: Seat): void {
  for (;;) {
    const part = seat.waiting.subarray(0, Math.max(0, seat.frontend.canReceive()));
    if (part.length === 0) return;
    seat.waiting = seat.waiting.subarray(part.length);
    seat.frontend.receive(part);
  }
}
