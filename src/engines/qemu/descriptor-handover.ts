// Descriptors on their way into QEMU. QEMU keeps only those of the newest message that carried any and takes them when
// it carries the command out (chardev/char-socket.c), so the next one is sent when the one before has been answered.

import { randomBytes } from 'node:crypto';
import { printCompact } from '../../json/print.ts';
import type { ForwardReply } from '../../machine/engine.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { ownSession, replyValue } from './monitor.ts';
import type { Scheduler } from './scheduler.ts';

export class DescriptorHandover {
  readonly #scheduler: Scheduler;
  readonly #log: (message: string) => void;
  #turn: Promise<unknown> = Promise.resolve();
  /** Not to be guessed: whoever knew a name could use another session's descriptor while it is on its way. */
  readonly #prefix: string = `q${randomBytes(6).toString('hex')}-`;
  #count = 0;
  /** What QEMU has of each fdset: numbers of our descriptors, which are not reused while the set lives. */
  readonly #fdsets: Map<string, Set<number>> = new Map();

  constructor(scheduler: Scheduler, log: (message: string) => void) {
    this.#scheduler = scheduler;
    this.#log = log;
  }

  /** Gives a descriptor to QEMU under a new name, which the result is. The caller keeps its own. */
  async name(session: string, fd: OwnedFd): Promise<string> {
    this.#count += 1;
    const name = `${this.#prefix}${this.#count}`;
    replyValue(await this.#send(session, 'getfd', printCompact({ fdname: name }), fd.fd));
    return name;
  }

  /** Takes the names back that no command has consumed. */
  async closeUnused(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      const argumentsText = printCompact({ fdname: name });
      // An error is the usual case: the name was consumed.
      await this.#scheduler
        .submit({ session: ownSession, command: 'closefd', argumentsText, outOfBand: false })
        .catch((thrown: unknown) =>
          this.#log(`descriptor ${name} was not closed in QEMU: ${String(thrown)}`),
        );
    }
  }

  /** Makes QEMU's fdset the same as ours, as far as descriptors are missing there. */
  async mirror(session: string, id: string, fds: readonly number[]): Promise<void> {
    const there = this.#fdsets.get(id) ?? new Set();
    this.#fdsets.set(id, there);
    for (const fd of fds.filter((one) => !there.has(one))) {
      there.add(fd);
      replyValue(await this.#send(session, 'add-fd', `{"fdset-id":${id}}`, fd));
    }
  }

  /** The set is gone on our side. What QEMU has open of it stays open until its user closes it. */
  async removeFdset(id: string): Promise<void> {
    if (!this.#fdsets.delete(id)) return;
    const argumentsText = `{"fdset-id":${id}}`;
    await this.#scheduler
      .submit({ session: ownSession, command: 'remove-fd', argumentsText, outOfBand: false })
      .catch((thrown: unknown) => this.#log(`fdset ${id} was not removed from QEMU: ${String(thrown)}`));
  }

  #send(session: string, command: string, argumentsText: string, fd: number): Promise<ForwardReply> {
    const send = (): Promise<ForwardReply> =>
      this.#scheduler.submit({ session, command, argumentsText, outOfBand: false, fds: [fd] });
    const answer = this.#turn.then(send, send);
    this.#turn = answer.catch(() => undefined);
    return answer;
  }
}
