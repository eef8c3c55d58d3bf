// Descriptors on their way into QEMU. QEMU keeps only those of the newest message that carried any and takes them when
// it carries the command out (chardev/char-socket.c), so the next one is sent when the one before has been answered.

import { randomBytes } from 'node:crypto';
import { parseJson } from '../../../json/parse.ts';
import { printCompact } from '../../../json/print.ts';
import { isJsonObject } from '../../../json/value.ts';
import type { ForwardReply } from '../../../machine/instance.ts';
import { ownSession } from '../../../machine/instance.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { OwnedFd } from '../../../util/owned-fd.ts';
import type { Scheduler } from '../scheduler.ts';
import { replyValue } from '../upstream.ts';

/** Numbers are reused, the lowest first; only a client that counts up by itself comes to more. The oldest is forgotten. */
const formerOwnersMax = 4096;

export class DescriptorHandover {
  readonly #scheduler: Scheduler;
  readonly #log: (message: string) => void;
  #turn: Promise<unknown> = Promise.resolve();
  /** Random, so that nobody guesses a name and uses another session's descriptor while it is on its way. */
  readonly #prefix: string = `q${randomBytes(6).toString('hex')}-`;
  #count = 0;
  /** What QEMU has of each fdset: numbers of our descriptors, which are not reused while the set lives. */
  readonly #fdsets: Map<string, Set<number>>;
  /** Whose the set was that had a number last, for those that were removed from QEMU. */
  readonly #formerOwners: Map<string, string> = new Map();
  readonly #owners: Map<string, string> = new Map();

  /** `fdsets`: what QEMU was started with. */
  constructor(
    scheduler: Scheduler,
    log: (message: string) => void,
    fdsets: ReadonlyMap<string, readonly number[]> = new Map(),
  ) {
    this.#scheduler = scheduler;
    this.#log = log;
    this.#fdsets = new Map([...fdsets].map(([id, numbers]) => [id, new Set(numbers)]));
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
    if (fds.length === 0) {
      this.#refuseFormer(session, id);
      return;
    }
    let there = this.#fdsets.get(id);
    if (there === undefined) {
      there = new Set();
      this.#fdsets.set(id, there);
      this.#owners.set(id, session);
      try {
        await this.#refuseTaken(session, id);
      } catch (thrown) {
        this.#fdsets.delete(id);
        throw thrown;
      }
    }
    const missing = fds.filter((one) => !there.has(one));
    for (const fd of missing) {
      there.add(fd);
      // By the time it is our turn the set may be gone, and its numbers may be those of other files.
      const isThere = (): boolean => this.#fdsets.get(id) === there;
      replyValue(await this.#send(session, 'add-fd', `{"fdset-id":${id}}`, fd, isThere));
    }
  }

  /** The last set of that number that QEMU had was another session's. */
  wasOfAnother(id: string, session: string): boolean {
    const owner = this.#formerOwners.get(id);
    return owner !== undefined && owner !== session;
  }

  /** QEMU 7.2 keeps what was removed until the guest runs. */
  #refuseFormer(session: string, id: string): void {
    if (this.wasOfAnother(id, session)) throw new QmpError(`Failed to find fdset /dev/fdset/${id}`);
  }

  /**
   * QEMU may have a set of that number that is not ours: from its command line, or (7.2, until the guest runs) one that
   * was removed. A file would be opened by whichever descriptor of either fits.
   */
  async #refuseTaken(session: string, id: string): Promise<void> {
    if (this.#formerOwners.get(id) === session) return;
    const request = { session: ownSession, command: 'query-fdsets', argumentsText: undefined };
    const reply = await this.#scheduler.submit({ ...request, outOfBand: false });
    if (reply.kind === 'error') return;
    const sets = parseJson(reply.text);
    const taken =
      Array.isArray(sets) && sets.some((set) => isJsonObject(set) && String(set['fdset-id']) === id);
    if (taken)
      throw new QmpError(`QEMU has another fdset ${id}: add the descriptor to one of another number`);
  }

  /** The set is gone on our side, or not what it was. What QEMU has open of it stays open until its user closes it. */
  async removeFdset(id: string): Promise<void> {
    if (!this.#fdsets.delete(id)) return;
    // Of those that QEMU was started with it is not known any more.
    this.#formerOwners.set(id, this.#owners.get(id) ?? '');
    const [oldest] = this.#formerOwners.keys();
    if (this.#formerOwners.size > formerOwnersMax && oldest !== undefined) this.#formerOwners.delete(oldest);
    this.#owners.delete(id);
    const argumentsText = `{"fdset-id":${id}}`;
    await this.#scheduler
      .submit({ session: ownSession, command: 'remove-fd', argumentsText, outOfBand: false })
      .catch((thrown: unknown) => this.#log(`fdset ${id} was not removed from QEMU: ${String(thrown)}`));
  }

  #send(
    session: string,
    command: string,
    argumentsText: string,
    fd: number,
    isThere: () => boolean = () => true,
  ): Promise<ForwardReply> {
    const send = (): Promise<ForwardReply> =>
      isThere()
        ? this.#scheduler.submit({ session, command, argumentsText, outOfBand: false, fds: [fd] })
        : Promise.reject(new QmpError('The fdset has been removed'));
    const answer = this.#turn.then(send, send);
    this.#turn = answer.catch(() => undefined);
    return answer;
  }
}
