// A character device at which a test sits: what the frontend writes is kept as text, what the test types is given to
// the frontend as it can take it.

import type { Chardev, ChardevFrontend, SerialLine } from '../../../src/machine/chardev.ts';
import { QmpError } from '../../../src/qmp/error.ts';

const waitMsMax = 240_000;

export class TerminalChardev implements Chardev {
  readonly id: string;
  readonly filename = 'terminal';
  readonly opened = true;
  /** Everything that the frontend has written. */
  text = '';
  /** How the guest had its port send, each time, with the length of the text by then. */
  readonly lines: { readonly line: SerialLine; readonly after: number }[] = [];
  /** Bytes that `write` takes from now on; a test sets it to hold output back. */
  roomBytes: number = Number.POSITIVE_INFINITY;
  #frontend: ChardevFrontend | undefined;
  #typed: Uint8Array = new Uint8Array(0);
  readonly #watchers = new Set<() => void>();

  constructor(id: string) {
    this.id = id;
  }

  get attached(): boolean {
    return this.#frontend !== undefined;
  }

  get untypedBytes(): number {
    return this.#typed.length;
  }

  type(text: string): void {
    this.#typed = Buffer.concat([this.#typed, Buffer.from(text, 'latin1')]);
    this.resumeInput();
  }

  /** Takes that many more bytes of output. */
  makeRoom(bytes: number): void {
    this.roomBytes = bytes;
    this.#frontend?.writable();
  }

  /** Resolves with the text from `from` on, once it contains what is wanted. */
  async waitFor(wanted: string | RegExp, from = 0): Promise<string> {
    const found = (): boolean => {
      const text = this.text.slice(from);
      return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
    };
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(check);
        reject(new Error(`no ${String(wanted)} in ${JSON.stringify(this.text.slice(-500))}`));
      }, waitMsMax);
      const check = (): void => {
        if (!found()) return;
        clearTimeout(timer);
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
    return this.text.slice(from);
  }

  attach(frontend: ChardevFrontend): void {
    if (this.#frontend !== undefined) throw new QmpError(`Device '${this.id}' is in use`);
    this.#frontend = frontend;
    frontend.event('OPENED');
    this.resumeInput();
  }

  detach(): void {
    this.#frontend = undefined;
  }

  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.roomBytes);
    this.roomBytes -= taken;
    this.text += Buffer.from(bytes.subarray(0, taken)).toString('latin1');
    for (const watcher of [...this.#watchers]) watcher();
    return taken;
  }

  resumeInput(): void {
    while (this.#frontend !== undefined && this.#typed.length > 0) {
      const room = Math.min(this.#frontend.canReceive(), this.#typed.length);
      if (room === 0) return;
      const bytes = this.#typed.subarray(0, room);
      this.#typed = this.#typed.subarray(room);
      this.#frontend.receive(bytes);
    }
  }

  setLine(line: SerialLine): void {
    this.lines.push({ line, after: this.text.length });
  }

  sendBreak(): void {
    this.#frontend?.event('BREAK');
  }

  async close(): Promise<void> {
    this.#frontend = undefined;
  }
}
