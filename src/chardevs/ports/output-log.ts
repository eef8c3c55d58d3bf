// `logfile` of a chardev: a copy of exactly what the peer took (QEMU: qemu_chr_write_log).

import type { ChardevCommon, ChardevConsole } from '../../schema/index.ts';
import { FileWriter, openForOutput, type Rotation } from './file-writer.ts';

/** Only a `console` can have its log put aside when it is full. */
export type LogOptions = ChardevCommon & Pick<ChardevConsole, 'log-size' | 'log-keep'>;

export class OutputLog {
  readonly #writer: FileWriter;

  constructor(writer: FileWriter, onRoom: () => void) {
    this.#writer = writer;
    writer.onRoom = onRoom;
  }

  /** Offers the bytes to the sink, as many as the log has room for, and logs what it took; the number of these. */
  write(bytes: Uint8Array, sink: (bytes: Uint8Array) => number): number {
    const offered = bytes.subarray(0, this.#writer.roomFor(bytes.length));
    if (offered.length === 0) return 0;
    const taken = sink(offered);
    if (taken > 0) this.#writer.write(offered.subarray(0, taken));
    return taken;
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}

/** Opens the log file that the options name, if any. */
export async function openLog(
  options: LogOptions,
  log: (message: string) => void,
  onRoom: () => void,
): Promise<OutputLog | undefined> {
  const { logfile } = options;
  if (logfile === undefined) return undefined;
  const fd = await openForOutput(logfile, { append: options.logappend ?? false, verb: 'create' });
  return new OutputLog(new FileWriter(fd, logfile, log, rotationOf(options)), onRoom);
}

const defaultKeep = 1;

function rotationOf(options: LogOptions): Rotation | undefined {
  const size = options['log-size'];
  return size === undefined
    ? undefined
    : { bytesMax: Number(size), keep: options['log-keep'] ?? defaultKeep };
}
