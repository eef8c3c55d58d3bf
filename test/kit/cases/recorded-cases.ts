// Reads the recorded conversations: protocol.jsonl, had with QEMU 7.2 and 10.0, and protocol-11.jsonl, what 11.1 answers
// otherwise, with new cases of all three. Versions, package and timestamps are masked.

import { readFileSync } from 'node:fs';

export interface RecordedCase {
  readonly name: string;
  /** True when the recording began after a successful qmp_capabilities. */
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

export const recordedVersions = ['7.2', '10.0', '11.1'] as const;
export type RecordedVersion = (typeof recordedVersions)[number];

/** The conversations as QEMU of this version has them. What 11.1 is not recorded to answer otherwise it answers as 10.0. */
export function recordedCases(version: RecordedVersion): RecordedCase[] {
  const all = [...readCases('protocol.jsonl'), ...readCases('protocol-11.jsonl')];
  const own = all.filter(({ versions }) => versions.includes(version));
  if (version !== '11.1') return own;
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...recordedCases('10.0').filter(({ name }) => !names.has(name))];
}

/** The recordings that a QEMU of this version is to be compared with: of the same or of the last release before it. */
export function recordedVersionOf(major: number, minor: number): RecordedVersion {
  if (major > 11 || (major === 11 && minor >= 1)) return '11.1';
  return major >= 10 ? '10.0' : '7.2';
}

function readCases(name: string): RecordedCase[] {
  const file = new URL(`../../../../test/kit/cases/${name}`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => {
    const { sendEncoding, send, ...rest } = JSON.parse(line) as CaseLine;
    return { ...rest, send: Buffer.from(send, sendEncoding ?? 'utf8') };
  });
}
