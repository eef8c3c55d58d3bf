// An open chardev with one backend and one frontend (QEMU: Chardev and CharBackend together). It keeps the order of
// bytes and events towards the frontend, copies output to a log file, and lets the backend below be exchanged while the
// frontend stays. It is not a backend: the peer's side is in the file of each kind.

import type { ChardevEvent, ChardevFrontend, SerialLine } from '../machine/chardev.ts';
import { QmpError } from '../qmp/error.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { Backend, BackendHost } from './backend.ts';
import type { OpenChardev } from './open-chardev.ts';
import { InputQueue } from './ports/input-queue.ts';
import { type LogOptions, type OutputLog, openLog } from './ports/output-log.ts';

/** One backend with its place in a chardev; it delivers only while it is the chardev's present one. */
class Slot implements BackendHost {
  readonly id: string;
  readonly log: (message: string) => void;
  readonly queue: InputQueue = new InputQueue();
  backend: Backend | undefined;
  outputLog: OutputLog | undefined;
  owner: SingleChardev | undefined;
  /** As of what was delivered: OPENED and CLOSED wait in the queue like everything else. */
  opened = false;

  constructor(id: string, log: (message: string) => void) {
    this.id = id;
    this.log = log;
  }

  get wantsInput(): boolean {
    return this.queue.empty && this.canReceive() > 0;
  }

  get hasFrontend(): boolean {
    return this.owner?.frontend !== undefined;
  }

  canReceive(): number {
    return this.owner?.frontend?.canReceive() ?? 0;
  }

  receive(bytes: Uint8Array, fds: readonly OwnedFd[] = []): void {
    if (bytes.length === 0 && fds.length === 0) return;
    this.queue.pushBytes(bytes, fds);
    this.deliver();
  }

  event(event: ChardevEvent): void {
    this.queue.pushAction(() => {
      if (event === 'OPENED') this.opened = true;
      if (event === 'CLOSED') this.opened = false;
      this.owner?.frontend?.event(event);
    });
    this.deliver();
  }

  afterInput(callback: () => void): void {
    this.queue.pushAction(callback);
    this.deliver();
  }

  writable(): void {
    this.owner?.frontend?.writable();
  }

  deliver(): void {
    this.queue.deliver(() => this.owner?.frontend);
    if (this.wantsInput) this.backend?.resumeInput();
  }
}

/** A backend that was opened for a chardev that does not use it yet. */
export interface OpenedBackend {
  readonly slot: Slot;
  readonly kind: string;
}

/** Opens a backend and its log into a place of its own; on failure nothing is left open. */
export async function openBackend(
  id: string,
  kind: string,
  options: LogOptions,
  log: (message: string) => void,
  open: (host: BackendHost) => Promise<Backend> | Backend,
): Promise<OpenedBackend> {
  const slot = new Slot(id, log);
  slot.outputLog = await openLog(options, log, () => slot.writable());
  try {
    slot.backend = await open(slot);
  } catch (error) {
    await slot.outputLog?.close();
    throw error;
  }
  return { slot, kind };
}

async function closeSlot(slot: Slot): Promise<void> {
  slot.owner = undefined;
  slot.queue.clear();
  await slot.backend?.close();
  await slot.outputLog?.close();
}

export async function closeOpened(opened: OpenedBackend): Promise<void> {
  await closeSlot(opened.slot);
}

export class SingleChardev implements OpenChardev {
  readonly id: string;
  frontend: ChardevFrontend | undefined;
  #slot: Slot;
  #kind: string;
  /** What the frontend has said of its line, for a backend that comes later. */
  #line: SerialLine | undefined;

  constructor(id: string, opened: OpenedBackend) {
    this.id = id;
    this.#slot = opened.slot;
    this.#kind = opened.kind;
    opened.slot.owner = this;
  }

  get kind(): string {
    return this.#kind;
  }

  get filename(): string {
    return this.#slot.backend?.filename ?? this.#kind;
  }

  get opened(): boolean {
    return this.#slot.opened;
  }

  get pty(): string | undefined {
    return this.#slot.backend?.pty;
  }

  get users(): readonly string[] {
    return this.frontend ? [this.frontend.label] : [];
  }

  get frontendOpen(): boolean {
    return this.frontend !== undefined && (this.frontend.open ?? true);
  }

  /** The backend itself, for commands that belong to one kind (ringbuf-read). */
  get backend(): Backend | undefined {
    return this.#slot.backend;
  }

  attach(frontend: ChardevFrontend): void {
    if (this.frontend) throw new QmpError(`chardev '${this.id}' is already in use`);
    this.frontend = frontend;
    if (this.#slot.opened) frontend.event('OPENED');
    this.resumeInput();
  }

  detach(frontend: ChardevFrontend): void {
    if (this.frontend !== frontend) return;
    this.frontend = undefined;
    this.#line = undefined;
  }

  write(bytes: Uint8Array): number {
    const { backend, outputLog } = this.#slot;
    if (!backend) return bytes.length;
    return outputLog ? outputLog.write(bytes, (part) => backend.write(part)) : backend.write(bytes);
  }

  resumeInput(): void {
    this.#slot.deliver();
  }

  hangUp(): void {
    this.#slot.backend?.hangUp?.();
  }

  sendBreak(): void {
    this.#slot.event('BREAK');
  }

  setLine(line: SerialLine): void {
    this.#line = line;
    this.#slot.backend?.setLine?.(line);
  }

  async close(): Promise<void> {
    await closeSlot(this.#slot);
    this.#slot.opened = false;
  }

  /**
   * Puts an opened backend below the frontend. Input that the old peer had already sent is delivered first, and what
   * it had already been given is still written out; the old backend is closed before the promise resolves.
   */
  async change(opened: OpenedBackend): Promise<void> {
    const old = this.#slot;
    const next = opened.slot;
    // A backend that is OPENED only after this tells so itself, behind what is left of the old one.
    const nextOpened = next.opened;
    next.queue.takeOver(old.queue, () => {
      if (old.opened && !nextOpened) this.frontend?.event('CLOSED');
      if (nextOpened && !old.opened) this.frontend?.event('OPENED');
    });
    old.owner = undefined;
    this.#slot = next;
    this.#kind = opened.kind;
    next.owner = this;
    if (this.#line !== undefined) next.backend?.setLine?.(this.#line);
    this.resumeInput();
    this.frontend?.writable();
    await closeSlot(old);
  }
}
