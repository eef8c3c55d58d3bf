// Carries out one command of the shell, complete in its text: text to notation, notation to a command with the schema's
// help, files opened and closed around it. Says what happened; shows nothing.

import { closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { Introspection, type QmpClient } from '../../client/index.ts';
import { NotationError } from '../../client/notation/error.ts';
import { type PassedFile, parseNotation, type WrittenCommand } from '../../client/notation/notation.ts';
import { argumentsOf } from '../../client/notation/values.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';

/** Size of the file that `key=@FILE` names; a larger one is refused. */
const fileBytesMax = 16 * 1_048_576;

export type Evaluation =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'help'; readonly topic: string | undefined }
  | { readonly kind: 'reply'; readonly command: string; readonly value: JsonValue };

const accessFlags: Readonly<Record<PassedFile['access'], number>> = {
  read: constants.O_RDONLY,
  write: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  'read-write': constants.O_RDWR | constants.O_CREAT,
};

export class Evaluator {
  readonly #client: QmpClient;
  #introspection: Introspection | undefined;

  constructor(client: QmpClient) {
    this.#client = client;
  }

  /** What the server says about its commands; asked for once, and again when a command is missing in it. */
  async introspection(command?: string): Promise<Introspection | undefined> {
    if (this.#introspection === undefined || (command !== undefined && !this.#introspection.has(command))) {
      try {
        this.#introspection = new Introspection(await this.#client.executeAny('query-qmp-schema'));
      } catch {
        // A server without introspection: words mean what they look like, and nothing is completed.
      }
    }
    return this.#introspection;
  }

  /** Rejects with a NotationError, a QmpCommandError, a LocalError, or a system error of a file. */
  async evaluate(text: string, signal?: AbortSignal): Promise<Evaluation> {
    const [first, topic] = text.trim().split(/\s+/);
    if (first === 'exit') return { kind: 'leave' };
    if (first === 'help') return { kind: 'help', topic };
    const notation = parseNotation(text);
    if (notation.kind === 'empty') return { kind: 'nothing' };
    if (notation.kind === 'incomplete') {
      throw new NotationError(text.length, 'a bracket is still open at the end');
    }
    const value = await this.execute(notation, signal);
    return { kind: 'reply', command: notation.command, value };
  }

  /** Sends it and gives its answer; rejects as `evaluate` does. */
  async execute(notation: WrittenCommand, signal?: AbortSignal): Promise<JsonValue> {
    return await this.#send(notation, await this.argumentsOf(notation), signal);
  }

  /** What would be sent: bare words have become what the server's schema wants at their places. */
  async argumentsOf(notation: WrittenCommand): Promise<JsonObject | undefined> {
    if (notation.arguments === undefined) return undefined;
    const introspection = await this.introspection(notation.command);
    return argumentsOf(notation, {
      wordType: (command, keys, written) => introspection?.place(command, keys, written).wordType,
      readFile: readText,
    });
  }

  async #send(
    notation: WrittenCommand,
    args: JsonObject | undefined,
    signal: AbortSignal | undefined,
  ): Promise<JsonValue> {
    const fds: number[] = [];
    try {
      for (const file of notation.files) fds.push(openSync(file.path, accessFlags[file.access], 0o666));
      return await this.#client.executeAny(notation.command, args, {
        fds,
        oob: notation.outOfBand,
        ...(signal === undefined ? {} : { signal }),
      });
    } finally {
      for (const fd of fds) closeSync(fd);
    }
  }
}

function readText(path: string): string {
  if (statSync(path).size > fileBytesMax) throw new RangeError(`${path}: more than ${fileBytesMax} bytes`);
  return readFileSync(path, 'utf8');
}
