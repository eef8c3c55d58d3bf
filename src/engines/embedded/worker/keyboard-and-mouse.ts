// Turns QEMU's input events into what the PS/2 keyboard and mouse send. Keys wait in a queue while the guest does not
// fetch them, since v86's own buffer overwrites what is oldest.

import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import { numberedScanCodes, scanCodes } from './scan-codes.ts';
import type { Bus, Devices } from './v86.ts';

/** QEMU's limit for keys that wait; more are lost. */
const queueBytesMax = 1024;
/** What v86's keyboard may hold at a time: a real one has 16 bytes. */
const keyboardBytesMax = 16;
const retryMs = 5;
/** Absolute positions are 0 to 0x7fff on each axis. */
const positionMax = 0x7fff;

const mouseButtons = ['left', 'middle', 'right'];

export class KeyboardAndMouse {
  readonly #bus: Bus;
  readonly #devices: Devices;
  readonly #queue: number[] = [];
  #retry: NodeJS.Timeout | undefined;
  readonly #pressed = new Set<string>();
  readonly #position = { x: 0, y: 0 };

  constructor(bus: Bus, devices: Devices) {
    this.#bus = bus;
    this.#devices = devices;
    // Guests with a driver for absolute positions get relative movements only while the pointer is "locked".
    devices.vmware.host_pointer_locked = true;
  }

  send(events: readonly JsonObject[]): void {
    let moved = false;
    for (const event of events) {
      const data = isJsonObject(event.data) ? event.data : undefined;
      if (data === undefined) continue;
      switch (event.type) {
        case 'key':
          this.#key(data);
          break;
        case 'btn':
          this.#button(String(data.button), data.down === true);
          break;
        case 'rel':
          this.#move(String(data.axis), Number(data.value));
          break;
        case 'abs':
          this.#position[data.axis === 'x' ? 'x' : 'y'] = Number(data.value);
          moved = true;
          break;
      }
    }
    // Both axes of one call are one movement.
    if (moved) this.#place();
  }

  /** Keys that nobody will fetch any more. */
  drop(): void {
    this.#queue.length = 0;
    this.#pressed.clear();
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #key(data: JsonObject): void {
    const bytes = keyBytes(data.key, data.down === true);
    if (this.#queue.length + bytes.length > queueBytesMax) return;
    this.#queue.push(...bytes);
    this.#pump();
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#devices.ps2.kbd_buffer.length < keyboardBytesMax) {
      this.#bus.send('keyboard-code', this.#queue.shift());
    }
    if (this.#queue.length === 0 || this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#pump();
    }, retryMs);
  }

  #button(name: string, down: boolean): void {
    if (name === 'wheel-up' || name === 'wheel-down') {
      if (down && this.#devices.ps2.enable_mouse_stream) {
        this.#bus.send('mouse-wheel', [name === 'wheel-up' ? 1 : -1, 0]);
      }
      return;
    }
    if (down) this.#pressed.add(name);
    else this.#pressed.delete(name);
    this.#tellButtons();
  }

  #tellButtons(): void {
    this.#bus.send(
      'mouse-click',
      mouseButtons.map((button) => this.#pressed.has(button)),
    );
  }

  /** QEMU counts downwards, a PS/2 mouse upwards. */
  #move(axis: string, value: number): void {
    this.#devices.vmware.host_pointer_locked = true;
    this.#bus.send('mouse-delta', axis === 'x' ? [value, 0] : [0, -value]);
  }

  #place(): void {
    this.#devices.vmware.host_pointer_locked = false;
    this.#bus.send('mouse-absolute', [this.#position.x, this.#position.y, positionMax, positionMax]);
    // A position alone does not interrupt the guest: its driver waits for the PS/2 mouse to say something.
    this.#tellButtons();
  }
}

function keyBytes(key: JsonValue | undefined, down: boolean): readonly number[] {
  if (!isJsonObject(key)) return [];
  return key.type === 'number'
    ? numberedScanCodes(Number(key.data), down)
    : scanCodes(String(key.data), down);
}
