// A client that passes descriptors along with its bytes.

import type { Connection } from '../../../src/qmp/connection.ts';
import { connectUnix } from '../../../src/transports/unix/unix.ts';
import { LineClient, type Reply, requestText } from './line-client.ts';

export class FdClient extends LineClient {
  readonly connection: Connection;
  #passed = 0;

  private constructor(connection: Connection) {
    super();
    this.connection = connection;
    connection.start({
      data: (chunk) => this.received(Buffer.from(chunk).toString('latin1')),
      end: () => connection.destroy(),
      drain: () => undefined,
      close: () => this.ended(),
    });
  }

  static async connect(path: string): Promise<FdClient> {
    return new FdClient(await connectUnix(path));
  }

  static async negotiated(path: string, capabilities: readonly string[] = []): Promise<FdClient> {
    const client = await FdClient.connect(path);
    await client.negotiate(capabilities);
    return client;
  }

  /** One message of the kernel; the caller keeps its descriptors. */
  send(data: string | Uint8Array, fds: readonly number[] = []): void {
    this.connection.write(typeof data === 'string' ? Buffer.from(data) : data, fds);
  }

  /** Sends a command in one message with descriptors, and resolves to its reply. */
  async pass(fds: readonly number[], command: string, args?: object): Promise<Reply | undefined> {
    this.#passed += 1;
    const id = `fd${this.#passed}`;
    this.send(requestText(command, args, id), fds);
    return await this.reply(id, command);
  }

  /** The same, and resolves to what the command returns; rejects when it fails. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
  async askWith(fds: readonly number[], command: string, args?: object): Promise<any> {
    return this.returned(await this.pass(fds, command, args), command);
  }

  close(): void {
    this.connection.destroy();
  }
}
