// The character devices of this process by id: declared, or open (QEMU: chardev/char.c, the chardev commands). A
// declaration names what it needs and may come in any order; opening it opens that first. The registry does not
// know who uses a chardev for what: frontends attach themselves to what `open` gives them.

import { isJsonObject, type JsonObject, jsonObject } from '../json/value.ts';
import type { Phase } from '../machine/phase.ts';
import { QmpError } from '../qmp/error.ts';
import { MissingError } from '../transports/layers/missing.ts';
import type { ObjectResolver } from '../transports/layers/object-resolver.ts';
import { messageOf } from '../util/local-error.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { BackendContext, FdSource } from './backend.ts';
import type { AnyChardevKind } from './kind.ts';
import { ConsoleBackend } from './kinds/console/console.ts';
import { allChardevKinds, chardevKind } from './kinds/index.ts';
import { type DataFormat, RingbufBackend, readRingbuf, writeRingbuf } from './kinds/ringbuf.ts';
import { addClient } from './kinds/socket/socket.ts';
import type { OpenChardev } from './open-chardev.ts';
import { closeOpened, type OpenedBackend, openBackend, SingleChardev } from './single-chardev.ts';
import { type ChardevUser, WaitingUsers } from './waiting.ts';

/** Chardevs of one process, declared or open; a further chardev-add is refused. */
const chardevsMax = 4096;

/** What was declared: a ChardevBackend in its wire form, and the descriptor that it names. */
interface Declared {
  readonly kind: AnyChardevKind;
  readonly data: JsonObject;
  readonly fd: OwnedFd | undefined;
}

type Entry =
  | { readonly state: 'declared'; readonly declared: Declared }
  | { readonly state: 'opening'; readonly chardev: Promise<OpenChardev> }
  | { readonly state: 'open'; readonly chardev: OpenChardev };

export interface ChardevRegistryOptions {
  readonly objects: ObjectResolver;
  /** A guest or a user at a mux wants the process to end; without it nothing happens then. */
  readonly exit?: (status: number) => void;
  /** A console is shown on a terminal of another size than before. */
  readonly consoleResized?: (id: string, cols: number, rows: number) => void;
  readonly log: (message: string) => void;
}

const noFds: FdSource = { take: () => undefined };

export class ChardevRegistry {
  readonly #entries: Map<string, Entry> = new Map();
  readonly #waiting: WaitingUsers = new WaitingUsers();
  readonly #objects: ObjectResolver;
  readonly #exit: (status: number) => void;
  readonly #log: (message: string) => void;
  readonly #consoleResized: (id: string, cols: number, rows: number) => void;

  constructor(options: ChardevRegistryOptions) {
    this.#consoleResized = options.consoleResized ?? (() => {});
    this.#objects = options.objects;
    this.#exit = options.exit ?? (() => {});
    this.#log = options.log;
  }

  /**
   * `chardev-add`. `backend` is a ChardevBackend as on the wire, checked against the schema; `fds` is where a
   * descriptor that it names is taken from, at once, since names end with their session. In phase `blank` the chardev
   * is only declared, unless somebody waits for it. Resolves to a ChardevReturn; rejects with a QmpError, and then
   * there is no such chardev.
   */
  async add(id: string, backend: JsonObject, phase: Phase, fds: FdSource = noFds): Promise<JsonObject> {
    if (this.#entries.has(id)) throw new QmpError(`Chardev with id '${id}' already exists`);
    if (this.#entries.size >= chardevsMax) throw failedToAdd(id, `there are ${chardevsMax} chardevs already`);
    const declared = this.#check(id, backend, fds);
    this.#entries.set(id, { state: 'declared', declared });
    try {
      if (phase === 'blank') await this.#serveWaiting((user, error) => this.#unlessOpen(user, error));
      const chardev = phase === 'blank' ? this.get(id) : await this.open(id);
      return jsonObject(chardev?.pty === undefined ? {} : { pty: chardev.pty });
    } catch (error) {
      await this.#forget(id);
      throw error;
    }
  }

  /**
   * Opens the chardev for a user: now, or when it, and all that it needs by name, has been declared. Rejects with a
   * QmpError for other faults. The function that it resolves to ends the waiting.
   */
  async openWhenDeclared(user: ChardevUser): Promise<() => void> {
    try {
      user.arrived(await this.open(user.id));
      return () => undefined;
    } catch (error) {
      if (error instanceof MissingError) return this.#waiting.add(user, error.message);
      throw error;
    }
  }

  /** Something that chardevs name has come: users that waited for it get theirs, and failures are logged. */
  async serveWaiting(): Promise<void> {
    await this.#serveWaiting((user, error) => this.#tellUnserved(user, error));
  }

  #tellUnserved({ label }: ChardevUser, error: unknown): void {
    this.#log(`${label} has no chardev: ${messageOf(error)}`);
  }

  /** Busy is not an error of the chardev: log it, but do not throw it. */
  #unlessOpen(user: ChardevUser, error: unknown): void {
    if (this.get(user.id) === undefined) throw error;
    this.#tellUnserved(user, error);
  }

  async #serveWaiting(failed: (user: ChardevUser, error: unknown) => void): Promise<void> {
    await this.#waiting.serve((id) => this.open(id), failed);
  }

  /** Throws a QmpError that names who waits, if anybody does, and for what. */
  refuseWaiting(): void {
    this.#waiting.refuse();
  }

  /** The chardev, opened now with everything that it needs if it is not open yet. Rejects with a QmpError. */
  async open(id: string): Promise<OpenChardev> {
    return await this.#open(id, []);
  }

  /** `chardev-remove`: closes it and forgets it. */
  async remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) throw new QmpError(`Chardev '${id}' not found`);
    if (entry.state === 'opening' || (entry.state === 'open' && entry.chardev.users.length > 0)) {
      throw new QmpError(`Chardev '${id}' is busy`);
    }
    await this.#forget(id);
  }

  async #forget(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (entry?.state === 'open') await entry.chardev.close();
    else if (entry?.state === 'declared') entry.declared.fd?.close();
  }

  /**
   * `chardev-change`: another backend under the same id and the same frontend. The new backend is opened first; if
   * that fails the old one goes on as it was (QEMU destroys one that has no frontend).
   */
  async change(id: string, backend: JsonObject, fds: FdSource = noFds): Promise<JsonObject> {
    const entry = this.#entries.get(id);
    if (!entry) throw new QmpError(`Chardev '${id}' does not exist`);
    if (entry.state === 'opening') throw new QmpError(`Chardev '${id}' is busy`);
    if (entry.state === 'open') {
      const chardev = swappable(entry.chardev);
      return await this.#swap(chardev, this.#check(id, backend, fds));
    }
    const declared = this.#check(id, backend, fds);
    entry.declared.fd?.close();
    this.#entries.set(id, { state: 'declared', declared });
    return jsonObject();
  }

  /** `chardev-send-break`: without a frontend nothing happens. */
  sendBreak(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) throw new QmpError(`Chardev '${id}' not found`);
    if (entry.state === 'open') entry.chardev.sendBreak();
  }

  /** `query-chardev`: ChardevInfo of each, newest last. A declared chardev shows its kind as file name. */
  list(): JsonObject[] {
    return [...this.#entries].map(([id, entry]) => {
      const open = entry.state === 'open' ? entry.chardev : undefined;
      const filename = open?.filename ?? (entry.state === 'declared' ? entry.declared.kind.type : 'opening');
      return jsonObject({ label: id, filename, 'frontend-open': open?.frontendOpen ?? false });
    });
  }

  /** `query-chardev-backends`. */
  backends(): JsonObject[] {
    return allChardevKinds.flatMap(({ type, livesIn }) =>
      livesIn === 'engine' ? [] : [jsonObject({ name: type })],
    );
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  isOpen(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /**
   * True for an open chardev that another process's machine cannot have: it is in use, or would have to be opened there
   * a second time. A console that nobody uses is free for the next machine, which comes to it.
   */
  isTaken(id: string): boolean {
    const chardev = this.get(id);
    return chardev !== undefined && (chardev.kind !== 'console' || chardev.users.length > 0);
  }

  /** The chardev if it is open; does not open it. */
  get(id: string): OpenChardev | undefined {
    const entry = this.#entries.get(id);
    return entry?.state === 'open' ? entry.chardev : undefined;
  }

  /** `ringbuf-read`; a ring that is only declared is opened by its first use. */
  async readRingbuf(id: string, size: number | bigint, format: DataFormat = 'utf8'): Promise<string> {
    return readRingbuf(await this.#ringbuf(id), size, format);
  }

  /** `ringbuf-write`. */
  async writeRingbuf(id: string, data: string, format: DataFormat = 'utf8'): Promise<void> {
    writeRingbuf(await this.#ringbuf(id), data, format);
  }

  /** `query-consoles`: ConsoleInfo of each that is open. */
  consoles(): JsonObject[] {
    const open = [...this.#entries.keys()].map((id) => this.#console(id));
    return open.flatMap((console) => (console === undefined ? [] : [console.info]));
  }

  /** `console-resize`; throws a QmpError. */
  resizeConsole(id: string, cols: number, rows: number): void {
    const console = this.#console(id);
    if (!console) throw new QmpError(`'${id}' must be the id of an open console`);
    console.resize(cols, rows);
  }

  #console(id: string): ConsoleBackend | undefined {
    const chardev = this.get(id);
    const backend = chardev instanceof SingleChardev ? chardev.backend : undefined;
    return backend instanceof ConsoleBackend ? backend : undefined;
  }

  /** `add_client` for a chardev: the descriptor becomes its peer. Takes the descriptor over, also when it fails. */
  addClient(id: string, fd: OwnedFd): void {
    const chardev = this.get(id);
    addClient(chardev instanceof SingleChardev ? chardev.backend : undefined, fd);
  }

  /** Closes all, users first; nothing can be opened meanwhile. */
  async closeAll(): Promise<void> {
    const entries = [...this.#entries.values()].reverse();
    this.#entries.clear();
    for (const entry of entries) {
      if (entry.state === 'declared') entry.declared.fd?.close();
      else
        await Promise.resolve(entry.chardev).then(
          (chardev) => chardev.close(),
          () => {},
        );
    }
  }

  #check(id: string, backend: JsonObject, fds: FdSource): Declared {
    const { type, data = jsonObject() } = backend;
    const kind = typeof type === 'string' ? chardevKind(type) : undefined;
    if (!kind || !isJsonObject(data)) {
      throw failedToAdd(id, `'${String(type)}' is not a valid char driver name`);
    }
    try {
      kind.check?.(data, { objects: this.#objects });
      return { kind, data, fd: claimFd(data, fds) };
    } catch (error) {
      throw failedToAdd(id, messageOf(error));
    }
  }

  async #open(id: string, openers: readonly string[]): Promise<OpenChardev> {
    if (openers.includes(id)) {
      const circle = [...openers.slice(openers.indexOf(id)), id].join(' -> ');
      throw new QmpError(`chardevs need each other in a circle: ${circle}`);
    }
    const entry = this.#entries.get(id);
    if (!entry) throw new MissingError(`Chardev '${id}' not found`);
    if (entry.state !== 'declared') return await entry.chardev;
    const opening = this.#openDeclared(id, entry.declared, openers);
    this.#entries.set(id, { state: 'opening', chardev: opening });
    try {
      const chardev = await opening;
      this.#entries.set(id, { state: 'open', chardev });
      return chardev;
    } catch (error) {
      if (this.#entries.has(id)) this.#entries.set(id, entry);
      const failure = failedToAdd(id, messageOf(error));
      throw error instanceof MissingError ? new MissingError(failure.message) : failure;
    }
  }

  async #openDeclared(id: string, declared: Declared, openers: readonly string[]): Promise<OpenChardev> {
    const context = this.#context(id, declared.fd, openers);
    const { kind, data } = declared;
    if (kind.openShared !== undefined) return await kind.openShared(id, data, context);
    return new SingleChardev(id, await this.#openBackend(id, declared, context));
  }

  #context(id: string, fd: OwnedFd | undefined, openers: readonly string[]): BackendContext {
    return {
      objects: this.#objects,
      fd,
      log: this.#log,
      exit: this.#exit,
      consoleResized: (cols, rows) => this.#consoleResized(id, cols, rows),
      base: async (base) => (this.#entries.has(base) ? await this.#open(base, [...openers, id]) : undefined),
    };
  }

  async #openBackend(id: string, declared: Declared, context: BackendContext): Promise<OpenedBackend> {
    const { kind, data } = declared;
    if (kind.openShared !== undefined) {
      throw new QmpError('For mux or hub device hotswap is not supported yet');
    }
    return await openBackend(id, kind.type, data, this.#log, (host) => {
      if (kind.open !== undefined) return kind.open(host, data, context);
      throw new QmpError(`'${kind.type}' exists only inside QEMU, for devices of its machine`);
    });
  }

  async #swap(chardev: SingleChardev, declared: Declared): Promise<JsonObject> {
    const { id } = chardev;
    let opened: OpenedBackend;
    try {
      opened = await this.#openBackend(id, declared, this.#context(id, declared.fd, []));
    } catch (error) {
      declared.fd?.close();
      throw failedToAdd(id, messageOf(error));
    }
    if (this.get(id) !== chardev) {
      await closeOpened(opened);
      throw new QmpError(`Chardev '${id}' does not exist`);
    }
    await chardev.change(opened);
    return jsonObject(chardev.pty === undefined ? {} : { pty: chardev.pty });
  }

  async #ringbuf(id: string): Promise<RingbufBackend> {
    if (!this.#entries.has(id)) throw new QmpError(`Device '${id}' not found`);
    const chardev = await this.open(id);
    const backend = chardev instanceof SingleChardev ? chardev.backend : undefined;
    if (!(backend instanceof RingbufBackend)) throw new QmpError(`${id} is not a ringbuf device`);
    return backend;
  }
}

function failedToAdd(id: string, why: string): QmpError {
  return new QmpError(`Failed to add chardev '${id}': ${why}`);
}

/** The chardev, if its backend may be exchanged now. */
function swappable(chardev: OpenChardev): SingleChardev {
  if (!(chardev instanceof SingleChardev) || chardev.kind === 'hub') {
    throw new QmpError('For mux or hub device hotswap is not supported yet');
  }
  if (chardev.frontend && !chardev.frontend.swappable) {
    throw new QmpError('Chardev user does not support chardev hotswap');
  }
  return chardev;
}

/** Takes the descriptor that a socket address of type `fd` names. */
function claimFd(data: JsonObject, fds: FdSource): OwnedFd | undefined {
  const { addr } = data;
  if (!isJsonObject(addr) || addr.type !== 'fd' || !isJsonObject(addr.data)) return undefined;
  const name = String(addr.data.str);
  const fd = fds.take(name);
  if (!fd) throw new QmpError(`File descriptor named '${name}' has not been found`);
  return fd;
}
