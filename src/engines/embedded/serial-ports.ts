// The machine's serial ports with their character devices, which can be others after a reset.

import type { Chardev, SerialLine } from '../../machine/chardev.ts';
import { namingOption } from '../../machine/configuration/naming-option.ts';
import type { InstanceHost } from '../../machine/instance.ts';
import { SerialLink } from './serial-link.ts';
import type { ToWorker } from './worker/messages.ts';

/** The device of each port, first port first. */
export type PortDevices = readonly (Chardev | undefined)[];

export class SerialPorts {
  readonly #host: InstanceHost;
  readonly #tell: (message: ToWorker) => void;
  #links: readonly (SerialLink | undefined)[] = [];

  constructor(host: InstanceHost, tell: (message: ToWorker) => void) {
    this.#host = host;
    this.#tell = tell;
  }

  /** Opens devices, without taking them over. Rejects with a QmpError for one that is not there. */
  async open(ids: readonly (string | undefined)[]): Promise<PortDevices> {
    const devices: (Chardev | undefined)[] = [];
    try {
      for (const id of ids) devices.push(id === undefined ? undefined : await this.#host.chardev(id));
    } catch (thrown) {
      throw namingOption('serial', thrown);
    }
    return devices;
  }

  /**
   * Connects the ports to the devices; a port that keeps its device is not disturbed. Throws a QmpError for the first
   * device that is used elsewhere; the ports before it are connected then.
   */
  connect(devices: PortDevices): void {
    const kept = this.#links.map((link, port) => (link?.chardev === devices[port]?.id ? link : undefined));
    for (const [port, link] of this.#links.entries()) if (link !== kept[port]) link?.detach();
    const links = [...kept];
    this.#links = links;
    for (const [port, device] of devices.entries()) {
      if (device === undefined || kept[port] !== undefined) continue;
      const link = new SerialLink(port, device, this.#tell);
      try {
        link.attach();
      } catch (thrown) {
        throw namingOption('serial', thrown);
      }
      links[port] = link;
    }
  }

  detach(): void {
    for (const link of this.#links) link?.detach();
    this.#links = [];
  }

  /** Output of the guest; without a device it is lost. */
  output(port: number, bytes: Uint8Array): void {
    const link = this.#links[port];
    if (link !== undefined) link.output(bytes);
    else this.#tell({ kind: 'serial-taken', port, bytes: bytes.length });
  }

  line(port: number, line: SerialLine): void {
    this.#links[port]?.line(line);
  }

  /** The guest has read input. */
  inputRead(port: number, bytes: number): void {
    this.#links[port]?.inputRead(bytes);
  }
}
