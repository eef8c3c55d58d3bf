// Answers that do not change while a QEMU process lives, kept after the first time. One cache a process: it dies
// with the machine. Errors are not kept, since what they complain of may go away.

import type { ForwardReply } from '../../machine/instance.ts';

/** All answers together; the oldest go first. A schema is 240 KB, the properties of one device 2 to 20 KB. */
const cachedBytesMax = 32 * 1024 * 1024;

export class ReplyCache {
  readonly #replies: Map<string, ForwardReply> = new Map();
  #bytes = 0;

  get(command: string, argumentsText: string | undefined): ForwardReply | undefined {
    return this.#replies.get(keyOf(command, argumentsText));
  }

  keep(command: string, argumentsText: string | undefined, reply: ForwardReply): void {
    const key = keyOf(command, argumentsText);
    if (reply.text.length > cachedBytesMax || this.#replies.has(key)) return;
    this.#replies.set(key, reply);
    this.#bytes += reply.text.length;
    for (const [oldest, { text }] of this.#replies) {
      if (this.#bytes <= cachedBytesMax) return;
      this.#replies.delete(oldest);
      this.#bytes -= text.length;
    }
  }
}

function keyOf(command: string, argumentsText: string | undefined): string {
  return argumentsText === undefined ? command : `${command} ${argumentsText}`;
}
