// Has a recorded conversation (../cases) with a server, and gives the answers in the form in which they were recorded.

import type { RecordedCase } from '../cases/recorded-cases.ts';
import { RawClient } from './raw-client.ts';

/** Events that QEMU does not have; a client that knows only QEMU ignores them, and so does a comparison. */
const ownEvents: ReadonlySet<string> = new Set([
  'SESSION_OPENED',
  'SESSION_CLOSED',
  'PHASE_CHANGED',
  'MACHINE_OPTION_CHANGED',
]);

export function isPretty({ mon }: RecordedCase): boolean {
  return mon?.includes('pretty=on') ?? false;
}

/** The lines that the server answered, with version, package and time of day masked as in the recordings. */
export async function conversationWith(where: string | number, recorded: RecordedCase): Promise<string[]> {
  const client = recorded.negotiate
    ? await RawClient.negotiated(where, recorded.oob ? ['oob'] : [])
    : await RawClient.connect(where);
  client.send(recorded.send);
  // Half closed: the server answers what it has, then ends the session. No waiting for lines that do not come.
  client.socket.end();
  const lines = await client.untilClosed();
  return isPretty(recorded)
    ? [masked(`${lines.join('\r\n')}\r\n`)]
    : lines.filter((line) => !isOwnEvent(line)).map(masked);
}

function masked(line: string): string {
  return line
    .replace(/"(micro|minor|major)": \d+/g, '"$1": 0')
    .replace(/"(seconds|microseconds)": \d+/g, '"$1": 0')
    .replace(/"package": "[^"]*"/g, '"package": ""');
}

function isOwnEvent(line: string): boolean {
  const { event } = JSON.parse(line);
  return ownEvents.has(event);
}
