// The two sides of a character device, as the machine, the engines and the servers see it. The backends themselves
// are in src/chardevs (QEMU: include/chardev/char.h, char-fe.h). One backend has at most one frontend; there are no
// connections at this level, only OPENED and CLOSED.

import type { JsonObject } from '../json/value.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { Phase } from './phase.ts';

export type ChardevEvent = 'OPENED' | 'CLOSED' | 'BREAK' | 'MUX_IN' | 'MUX_OUT';

/** Who uses a chardev: a serial port, a monitor, a console. */
export interface ChardevFrontend {
  /** For `query-chardev` and for messages: "serial0", "monitor m0". */
  readonly label: string;
  /** `frontend-open` of query-chardev: whether it is ready for data; absent means yes. */
  readonly open?: boolean;
  /** `chardev-change` may put another backend under it (QEMU: chr_be_change); absent means no. */
  readonly swappable?: boolean;
  /** Bytes that the frontend can take now; 0 stops the backend from reading until `chardev.resumeInput()`. */
  canReceive(): number;
  /** At most `canReceive()` bytes. The bytes are the frontend's to keep. */
  receive(bytes: Uint8Array): void;
  /** Descriptors that came with (some byte of) the next `receive`; without this method they are closed. */
  receiveFds?(fds: readonly OwnedFd[]): void;
  event(event: ChardevEvent): void;
  /** The backend can take output again after `write` returned less than it was given. */
  writable(): void;
}

/** How a serial port sends, as its guest has set it up. */
export interface SerialLine {
  /** Bits a second. */
  readonly speed: number;
  readonly dataBits: 5 | 6 | 7 | 8;
  readonly parity: 'none' | 'odd' | 'even';
  readonly stopBits: 1 | 2;
  /** A break is being sent. */
  readonly breaking: boolean;
}

/** An open backend. */
export interface Chardev {
  readonly id: string;
  /** As `query-chardev` shows it, e.g. "disconnected:unix:/tmp/s,server=on". */
  readonly filename: string;
  /** True while the other end is there (QEMU: be_open). */
  readonly opened: boolean;
  /** Takes the backend over; throws a QmpError when another frontend has it. An open backend answers with OPENED. */
  attach(frontend: ChardevFrontend): void;
  detach(frontend: ChardevFrontend): void;
  /** Number of bytes taken, which may not be modified afterwards; what was not taken is offered again after `writable()`. Without a peer all is taken and lost. */
  write(bytes: Uint8Array): number;
  /** The frontend's `canReceive()` has grown. */
  resumeInput(): void;
  /** Ends the connection with the present peer once what was written has left. Backends without connections lack it. */
  hangUp?(): void;
  /** `chardev-send-break`: delivers BREAK to the frontend. */
  sendBreak(): void;
  /** The frontend is a serial port, and sends like this from now on; for backends that are real lines. */
  setLine?(line: SerialLine): void;
  /** Ends it and releases what it holds; a listening unix socket removes its path. */
  close(): Promise<void>;
}

/** Where a descriptor that a command's arguments name is taken from: the session that sent the command. */
export interface DescriptorSource {
  /** Takes the descriptor out of the session; undefined when it has none of this name. */
  take(name: string): OwnedFd | undefined;
}

/** The chardevs of this process by id, declared or open (src/chardevs/registry.ts). All reject with a QmpError. */
export interface ChardevSet {
  has(id: string): boolean;
  /** Whether this process has it open, and not only declared. */
  isOpen(id: string): boolean;
  /** Opens it, with everything that it needs, if it is not open yet. */
  open(id: string): Promise<Chardev>;
  /** Throws a QmpError when something here waits for a chardev that nobody has declared. */
  refuseWaiting(): void;
  /** An object has come that chardevs may name; those that waited for it are opened. */
  serveWaiting(): Promise<void>;
  add(id: string, backend: JsonObject, phase: Phase, fds?: DescriptorSource): Promise<JsonObject>;
  change(id: string, backend: JsonObject, fds?: DescriptorSource): Promise<JsonObject>;
  remove(id: string): Promise<void>;
  sendBreak(id: string): void;
  list(): JsonObject[];
  backends(): JsonObject[];
  consoles(): JsonObject[];
  /** Throws a QmpError. */
  resizeConsole(id: string, cols: number, rows: number): void;
  readRingbuf(id: string, size: number | bigint, format?: 'utf8' | 'base64'): Promise<string>;
  writeRingbuf(id: string, data: string, format?: 'utf8' | 'base64'): Promise<void>;
  closeAll(): Promise<void>;
}
