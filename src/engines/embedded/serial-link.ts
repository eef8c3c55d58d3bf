// One serial port's end in the main thread: the frontend of its character device, and the other side of
// worker/overrides/serial-port.ts. Limits in both directions are those of worker/messages.ts: input that the guest
// has not read stops the device from reading; output that the device has not taken stops the guest's transmitter.

import type { Chardev, ChardevEvent, ChardevFrontend, SerialLine } from '../../machine/chardev.ts';
import { serialInputWindowBytes, type ToWorker } from './worker/messages.ts';

export class SerialLink implements ChardevFrontend {
  readonly label: string;
  readonly swappable = true;
  readonly #port: number;
  readonly #chardev: Chardev;
  readonly #tell: (message: ToWorker) => void;
  /** Input that the guest has not read. */
  #unreadBytes = 0;
  /** Output that the device has not taken. */
  #output: Uint8Array[] = [];
  #attached = false;

  constructor(port: number, chardev: Chardev, tell: (message: ToWorker) => void) {
    this.label = `serial${port}`;
    this.#port = port;
    this.#chardev = chardev;
    this.#tell = tell;
  }

  get chardev(): string {
    return this.#chardev.id;
  }

  /** Throws a QmpError when the device is used by somebody else. */
  attach(): void {
    this.#chardev.attach(this);
    this.#attached = true;
  }

  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    // What the device did not take is lost, and another device may take over the port.
    const lostBytes = this.#output.reduce((sum, bytes) => sum + bytes.length, 0);
    if (lostBytes > 0) this.#tell({ kind: 'serial-taken', port: this.#port, bytes: lostBytes });
    this.#output = [];
    this.#chardev.detach(this);
  }

  canReceive(): number {
    return serialInputWindowBytes - this.#unreadBytes;
  }

  receive(bytes: Uint8Array): void {
    if (!this.#attached) return;
    this.#unreadBytes += bytes.length;
    this.#tell({ kind: 'serial-input', port: this.#port, bytes });
  }

  event(event: ChardevEvent): void {
    if (event === 'BREAK') this.#tell({ kind: 'serial-break', port: this.#port });
  }

  writable(): void {
    this.#drain();
  }

  /** Output of the guest. */
  output(bytes: Uint8Array): void {
    this.#output.push(bytes);
    if (this.#output.length === 1) this.#drain();
  }

  /** How the guest's port sends from now on. What waits for a slow device goes out like that, too. */
  line(line: SerialLine): void {
    if (this.#attached) this.#chardev.setLine?.(line);
  }

  /** The guest has read input. */
  inputRead(bytes: number): void {
    this.#unreadBytes -= bytes;
    if (this.#attached) this.#chardev.resumeInput();
  }

  #drain(): void {
    let taken = 0;
    while (this.#attached) {
      const [first] = this.#output;
      if (first === undefined) break;
      const written = this.#chardev.write(first);
      taken += written;
      if (written < first.length) {
        this.#output[0] = first.subarray(written);
        break;
      }
      this.#output.shift();
    }
    if (taken > 0) this.#tell({ kind: 'serial-taken', port: this.#port, bytes: taken });
  }
}
