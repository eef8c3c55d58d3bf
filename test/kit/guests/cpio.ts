// Writes the archive format of Linux's initial RAM disks ("newc": Linux, Documentation/driver-api/early-userspace).

const directoryMode = 0o40755;
const fileMode = 0o100644;
const programMode = 0o100755;
const linkMode = 0o120777;
const deviceMode = 0o20600;

export class Cpio {
  readonly #parts: Uint8Array[] = [];
  #lastInode = 0;

  directory(name: string): void {
    this.#entry(name, directoryMode, Buffer.alloc(0));
  }

  file(name: string, contents: Uint8Array): void {
    this.#entry(name, fileMode, contents);
  }

  program(name: string, contents: Uint8Array): void {
    this.#entry(name, programMode, contents);
  }

  link(name: string, target: string): void {
    this.#entry(name, linkMode, Buffer.from(target));
  }

  characterDevice(name: string, major: number, minor: number): void {
    this.#entry(name, deviceMode, Buffer.alloc(0), major, minor);
  }

  /** The archive; nothing may be added afterwards. */
  finish(): Buffer {
    this.#entry('TRAILER!!!', 0, Buffer.alloc(0));
    return Buffer.concat(this.#parts);
  }

  #entry(name: string, mode: number, contents: Uint8Array, major = 0, minor = 0): void {
    const path = Buffer.from(`${name}\0`);
    const fields = [++this.#lastInode, mode, 0, 0, 1, 0, contents.length, 0, 0, major, minor, path.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    this.#parts.push(padded(Buffer.concat([Buffer.from(header), path])), padded(contents));
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
