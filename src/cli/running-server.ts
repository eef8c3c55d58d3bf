// What all subcommands that serve have in common: where they say that they listen, their log, their end by a signal.

import { packageVersion, type QmpServer } from '../server/index.ts';
import { whyNoFds } from '../transports/unix/native.ts';
import { Log, sinkOf } from './serve/log.ts';

/** The signals that end the server. */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A server goes on when those who read its messages go: clients and the machine know nothing of them. */
export function outliveReaders(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

let log: Log | undefined;

export function logTo(quiet: boolean | undefined): (message: string) => void {
  if (quiet === true) return () => undefined;
  log ??= new Log(
    sinkOf(process.stderr.fd, (bytes) => {
      process.stderr.write(bytes);
      return bytes.length;
    }),
  );
  return log.write.bind(log);
}

/** `outputIsTaken`: the standard output belongs to a chardev. */
export function announce(server: QmpServer, outputIsTaken = false): void {
  const { addresses } = server;
  // On stdio the standard output belongs to the client.
  const output = addresses.includes('stdio') || outputIsTaken ? process.stderr : process.stdout;
  for (const address of addresses) output.write(`qmpd ${packageVersion()}: listening on ${address}\n`);
  for (const place of server.monitorPlaces) output.write(`qmpd ${packageVersion()}: a monitor on ${place}\n`);
  if (whyNoFds !== undefined) process.stderr.write(`qmpd: descriptor passing is off: ${whyNoFds}\n`);
}

export function endOnSignals(server: QmpServer): void {
  const end = (): void => void server.stopBySignal();
  for (const signal of endSignals) process.once(signal, end);
  // Standard input as the only address has ended, and nothing runs: nobody can come any more.
  process.once('beforeExit', () => void server.stop());
  void server.ended.then(() => {
    log?.close();
    for (const signal of endSignals) process.off(signal, end);
  });
}
