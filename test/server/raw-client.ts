// A client that sends bytes and collects lines, for tests that look at the wire itself.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawClient {
  readonly socket: Socket;
  readonly lines: string[] = [];
  #text = '';
  #wake: () => void = () => undefined;
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => this.#receive(data));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async connect(path: string): Promise<RawClient> {
    const socket = connect({ path, allowHalfOpen: true });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Connects and negotiates; the lines so far are dropped. */
  static async negotiated(path: string, capabilities: readonly string[] = []): Promise<RawClient> {
    const client = await RawClient.connect(path);
    client.send(`${JSON.stringify({ execute: 'qmp_capabilities', arguments: { enable: capabilities } })}\n`);
    await client.until((lines) => lines.length >= 2);
    client.lines.length = 0;
    return client;
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Resolves when the condition holds or the connection is closed. */
  async until(condition: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    while (!condition(this.lines) && !this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.lines;
  }

  async untilClosed(): Promise<readonly string[]> {
    return await this.until(() => false);
  }

  /** Sends a command and resolves to its reply, past any events. */
  async execute(command: string, args?: object): Promise<unknown> {
    const start = this.lines.length;
    const isReply = (line: string): boolean => !('event' in JSON.parse(line));
    this.send(
      `${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) })}\n`,
    );
    await this.until((lines) => lines.slice(start).some(isReply));
    const reply = this.lines.slice(start).find(isReply);
    return reply === undefined ? undefined : JSON.parse(reply);
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(data: string): void {
    this.#text += data;
    const lines = this.#text.split('\r\n');
    this.#text = lines.pop() ?? '';
    this.lines.push(...lines);
    this.#wake();
  }
}
