// What test clients have in common, whatever carries their bytes: lines as they come, replies by id, events by name.
// Every event and every return value is held against the schema on its way in.

import assert from 'node:assert/strict';
import type { JsonValue } from '../../../src/json/value.ts';
import { eventFault, returnFault } from './schema-check.ts';

export interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

export interface ReceivedEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, JsonValue>>;
}

export abstract class LineClient {
  readonly lines: string[] = [];
  closed = false;
  /** Off where the QEMU behind says more than our own schema knows. */
  checked = true;
  #fault: string | undefined;
  /** The beginning of a line, in the pieces in which it came: a long one is joined once. */
  #pieces: string[] = [];
  /** By their lines, so that each is parsed once, however often a test looks at all of them. */
  readonly #parsed: Map<string, ReceivedEvent> = new Map();
  #wake: () => void = () => undefined;
  #requests = 0;
  readonly #eventsTaken: Map<string, number> = new Map();

  abstract send(data: string | Uint8Array): void;
  abstract close(): void;

  /** Resolves when the condition holds or the connection is closed; rejects when an event was not of the schema. */
  async until(condition: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    while (!condition(this.lines) && !this.closed) {
      assert.equal(this.#fault, undefined);
      await new Promise<void>((resolve) => {
        const earlier = this.#wake;
        this.#wake = () => {
          earlier();
          resolve();
        };
      });
    }
    return this.lines;
  }

  async untilClosed(): Promise<readonly string[]> {
    return await this.until(() => false);
  }

  /** Negotiates; the lines so far are dropped. */
  async negotiate(capabilities: readonly string[] = []): Promise<void> {
    this.send(`${JSON.stringify({ execute: 'qmp_capabilities', arguments: { enable: capabilities } })}\n`);
    const lines = await this.until((sofar) => sofar.length >= 2);
    assert.ok(lines.length >= 2, 'the connection ended before it was negotiated');
    this.lines.length = 0;
  }

  /** Sends a command and resolves to its reply, without the id; undefined when the connection ends first. */
  async execute(command: string, args?: object): Promise<Reply | undefined> {
    this.#requests += 1;
    const id = `r${this.#requests}`;
    this.send(requestText(command, args, id));
    return await this.reply(id, command);
  }

  /** The reply with this id, when it has come. */
  async reply(id: string, command: string): Promise<Reply | undefined> {
    const ending = `, "id": ${JSON.stringify(id)}}`;
    const beginning = `{"id": ${JSON.stringify(id)}, "error": `;
    const isReply = (line: string): boolean => line.endsWith(ending) || line.startsWith(beginning);
    await this.until((lines) => lines.some(isReply));
    const line = this.lines.find(isReply);
    if (line === undefined) return undefined;
    const { id: _, ...reply } = JSON.parse(line);
    if ('return' in reply && this.checked) assert.equal(returnFault(command, reply.return), undefined);
    return reply;
  }

  /** What the command returns; rejects when it fails. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
  async ask(command: string, args?: object): Promise<any> {
    return this.returned(await this.execute(command, args), command);
  }

  /** The text of the error that the command is refused with. */
  async refusal(command: string, args?: object): Promise<string> {
    const reply = await this.execute(command, args);
    assert.ok(reply?.error !== undefined, `${command}: ${JSON.stringify(reply)}`);
    return reply.error.desc;
  }

  /** All events so far. */
  get events(): ReceivedEvent[] {
    return this.lines.filter(isEvent).map((line) => this.#eventOf(line));
  }

  /** The next event of this name that was not asked for before, when it has come. */
  async event(name: string): Promise<ReceivedEvent> {
    const taken = this.#eventsTaken.get(name) ?? 0;
    const isNamed = (line: string): boolean => isEvent(line) && line.includes(`"event": "${name}"`);
    const found = (): string | undefined => this.lines.filter(isNamed)[taken];
    await this.until(() => found() !== undefined);
    const line = found();
    assert.ok(line !== undefined, `the connection ended before ${name}`);
    this.#eventsTaken.set(name, taken + 1);
    return this.#eventOf(line);
  }

  protected returned(reply: Reply | undefined, command: string): unknown {
    assert.ok(reply !== undefined && 'return' in reply, `${command}: ${JSON.stringify(reply)}`);
    return reply.return;
  }

  /** For the carrier of the bytes. */
  protected received(data: string): void {
    this.#pieces.push(data);
    if (!data.includes('\n')) return;
    const lines = this.#pieces.join('').split('\r\n');
    this.#pieces = [lines.pop() ?? ''];
    if (this.checked) for (const line of lines) this.#fault ??= this.#faultOf(line);
    this.lines.push(...lines);
    this.#awake();
  }

  /** For the carrier of the bytes: nothing more will come. */
  protected ended(): void {
    this.closed = true;
    this.#awake();
  }

  #eventOf(line: string): ReceivedEvent {
    const known = this.#parsed.get(line);
    if (known !== undefined) return known;
    const event: ReceivedEvent = JSON.parse(line);
    this.#parsed.set(line, event);
    return event;
  }

  #faultOf(line: string): string | undefined {
    if (!isEvent(line)) return undefined;
    const { event, data } = this.#eventOf(line);
    return eventFault(event, data);
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = () => undefined;
    wake();
  }
}

export function requestText(command: string, args?: object, id?: string): string {
  return `${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }), id })}\n`;
}

function isEvent(line: string): boolean {
  return line.startsWith('{"timestamp": ');
}
