// A terminal on a console's socket: bytes are typed and seen as they are, without a protocol.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class Viewer {
  readonly #socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text;
    });
  }

  static async connect(socketPath: string): Promise<Viewer> {
    const socket = connect(socketPath);
    const viewer = new Viewer(socket);
    await once(socket, 'connect');
    return viewer;
  }

  type(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Takes what was seen up to this text, when it has come; rejects when it does not come in time. */
  async until(text: string, limitMs: number): Promise<void> {
    const signal = AbortSignal.timeout(limitMs);
    while (!this.#text.includes(text)) {
      await once(this.#socket, 'data', { signal }).catch(() => {
        throw new Error(`${JSON.stringify(text)} did not come; what came: ${JSON.stringify(this.#text)}`);
      });
    }
    this.#text = this.#text.slice(this.#text.indexOf(text) + text.length);
  }

  close(): void {
    this.#socket.destroy();
  }
}
