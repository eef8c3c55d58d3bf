// What the tests use of the package ws, which brings no types.

declare module 'ws' {
  import type { EventEmitter } from 'node:events';

  export class WebSocket extends EventEmitter {
    constructor(address: string, protocols: readonly string[]);
    readonly protocol: string;
    send(data: Uint8Array | string, options?: { binary?: boolean; fin?: boolean }): void;
    ping(data: string): void;
    close(code?: number, reason?: string): void;
  }
}
