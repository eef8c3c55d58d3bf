// Follows one instance: what it has become, by commands of any client, by jobs, and by the guest, is what the
// configuration says. Reading back takes its turn after what was begun before, one at a time; what cannot be read is said.

import { isJsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { messageOf } from '../../util/local-error.ts';
import type { ReadCommand } from '../instance.ts';
import { type BlockParts, LivingBlocks } from './block/follow.ts';

export interface FollowerParts extends BlockParts {
  log(message: string): void;
}

/** Events after which block nodes, or what drives have in them, may be others. */
const changingEvents: ReadonlySet<string> = new Set([
  'BLOCK_JOB_CANCELLED',
  'BLOCK_JOB_COMPLETED',
  'BLOCK_JOB_ERROR',
  'DEVICE_DELETED',
  'DEVICE_TRAY_MOVED',
  'JOB_STATUS_CHANGE',
]);

/** Lines of the human monitor that only look (QEMU: hmp-commands.hx). */
const lookingWords: ReadonlySet<string> = new Set(['info', 'help', '?', 'print', 'p', 'x', 'xp', 'sum']);

/**
 * Whether block nodes may be others afterwards. What an observer or an operator may do changes none of them but by media
 * and jobs, of which events tell; everything else may, a command of a release that nobody here knows included.
 */
export function mayChangeBlocks({ command, traits, arguments: args }: Omit<ReadCommand, 'uses'>): boolean {
  if (command === 'human-monitor-command') {
    const line = isJsonObject(args) ? args['command-line'] : undefined;
    const [word = ''] = typeof line === 'string' ? line.trimStart().split(/\s/) : [];
    return !lookingWords.has(word);
  }
  return traits.role === 'configure' || traits.role === 'admin';
}

export class Follower {
  readonly #parts: FollowerParts;
  readonly #blocks: LivingBlocks;
  #last: Promise<void> = Promise.resolve();
  /** A reading back that has not begun yet serves all who ask for one. */
  #waiting: Promise<void> | undefined;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    this.#blocks = new LivingBlocks(parts);
  }

  begin(): Promise<void> {
    return this.#inTurn(() => this.#blocks.begin());
  }

  /** Resolves when the configuration says what the command has done. Never rejects. */
  carriedOut({
    command,
    arguments: args,
  }: {
    command: string;
    arguments: JsonValue | undefined;
  }): Promise<void> {
    return this.#inTurn(() => this.#blocks.carriedOut(command, isJsonObject(args) ? args : jsonObject()));
  }

  /** Whether the machine may be another one after the event. */
  changes(event: string): boolean {
    return changingEvents.has(event);
  }

  /**
   * A change that is recorded by who makes it (`machine-set`), in its turn: nothing is read back meanwhile, and what
   * drives lead to afterwards is what the record says. Settles as the change does.
   */
  changing<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#last.then(change);
    this.#last = changed.then(
      () => undefined,
      () => undefined,
    );
    void this.#inTurn(() => this.#blocks.accepted());
    return changed;
  }

  /** Resolves when the configuration says what there is now, or it cannot be read. */
  readBack(): Promise<void> {
    this.#waiting ??= this.#inTurn(() => {
      this.#waiting = undefined;
      return this.#blocks.readBack();
    });
    return this.#waiting;
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(action).catch((thrown: unknown) => {
      this.#parts.log(`the disks of the next machine may be others than this one's: ${messageOf(thrown)}`);
    });
    return this.#last;
  }
}
