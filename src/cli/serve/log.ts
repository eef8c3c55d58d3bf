// The log on the standard error output: one line for each message, whatever is in it; a line that repeats is counted;
// and a reader that does not read (a full pipe, a terminal stopped with Ctrl-S) holds up nobody: Node's own stream would
// write to these without returning. What is not taken waits up to a limit, then lines are lost and counted.

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Bytes that wait for the reader. Beyond them lines are lost; their number is told when there is room again. */
const waitingBytesMax = 64 * 1024;
const retryMs = 50;

/** How long a line may repeat before it is told how often. */
const repeatedMs = 5_000;

/** Characters that would begin a line of their own or speak to the terminal: C0, DEL, C1, and the line ends of Unicode. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** The message in one line, with what is unsafe written as in JSON: "\n", "\u001b". */
export function escapeLine(message: string): string {
  return message.replace(unsafe, (character) => {
    const known = JSON.stringify(character).slice(1, -1);
    return known !== character ? known : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Takes bytes without waiting and says how many it took. */
export type Sink = (bytes: Uint8Array) => number;

export class Log {
  readonly #sink: Sink;
  #waiting: Buffer = Buffer.alloc(0);
  #lost = 0;
  #last: string | undefined;
  #repeated = 0;
  #repeatedTimer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  write(message: string): void {
    const line = escapeLine(message);
    if (line === this.#last) {
      this.#repeated += 1;
      this.#repeatedTimer ??= setTimeout(() => this.#tellRepeated(), repeatedMs).unref();
      return;
    }
    this.#tellRepeated();
    this.#last = line;
    this.#put(line);
  }

  /** What has not been told yet is told: the process ends. */
  close(): void {
    this.#tellRepeated();
    clearTimeout(this.#retry);
  }

  #tellRepeated(): void {
    clearTimeout(this.#repeatedTimer);
    this.#repeatedTimer = undefined;
    const count = this.#repeated;
    this.#repeated = 0;
    if (count > 0)
      this.#put(count === 1 ? (this.#last ?? '') : `the same ${count} times more: ${this.#last}`);
  }

  #put(line: string): void {
    const bytes = Buffer.from(`qmpd: ${line}\n`);
    if (this.#waiting.length + bytes.length > waitingBytesMax) {
      this.#lost += 1;
      return;
    }
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    if (this.#retry === undefined) this.#flush();
  }

  #flush(): void {
    this.#retry = undefined;
    this.#waiting = this.#waiting.subarray(this.#sink(this.#waiting));
    if (this.#waiting.length > 0) {
      this.#retry = setTimeout(() => this.#flush(), retryMs).unref();
    } else if (this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#put(`${lost} lines were lost: nobody read them`);
    }
  }
}

/** For a descriptor that is written to by other processes, too, and so must not be made non-blocking itself. */
export function sinkOf(fd: number, otherwise: Sink): Sink {
  let own: number;
  try {
    if (!fstatSync(fd).isFIFO() && !isatty(fd)) return otherwise;
    own = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return otherwise;
  }
  return (bytes) => {
    try {
      return writeSync(own, bytes);
    } catch (thrown) {
      const full = thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN';
      // Nobody is there to read it: it is as good as written.
      return full ? 0 : bytes.length;
    }
  };
}
