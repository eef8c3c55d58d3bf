// Reads protocol.jsonl: conversations recorded with QEMU 7.2 and 10.0. Versions, package and timestamps are masked.

import { readFileSync } from 'node:fs';

export interface RecordedCase {
  readonly name: string;
  /** True when the recording began behind a successful qmp_capabilities. */
  readonly negotiate: boolean;
  readonly oob?: boolean;
  readonly send: Buffer;
  /** The answers' exact lines without CRLF; with `pretty=on` one text for a whole answer. */
  readonly raw: readonly string[];
  /** QEMU ended the connection. */
  readonly closed?: boolean;
  readonly argv?: readonly string[];
  readonly mon?: string;
  readonly note?: string;
  readonly versions: readonly string[];
}

interface CaseLine extends Omit<RecordedCase, 'send'> {
  readonly send: string;
  readonly sendEncoding?: 'latin1';
}

export function recordedCases(): RecordedCase[] {
  const file = new URL('../../../test/cases/protocol.jsonl', import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => {
    const { sendEncoding, send, ...rest } = JSON.parse(line) as CaseLine;
    return { ...rest, send: Buffer.from(send, sendEncoding ?? 'utf8') };
  });
}
