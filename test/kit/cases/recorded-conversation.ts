// Has a recorded conversation (protocol.jsonl) with a server, and gives the answers in the form in which they were recorded.

import { RawClient, type Where } from '../clients/raw-client.ts';
import type { RecordedCase } from './recorded-cases.ts';

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
export async function conversationWith(
  where: Where,
  recorded: RecordedCase,
  halfCloses: boolean = true,
): Promise<string[]> {
  const client = recorded.negotiate
    ? await RawClient.negotiated(where, recorded.oob ? ['oob'] : [])
    : await RawClient.connect(where);
  client.send(recorded.send);
  // Half closed: the server answers what it has, then ends the session. No waiting for lines that do not come.
  if (halfCloses) client.socket.end();
  else await untilAsLong(client, recorded);
  const lines = await client.untilClosed();
  return isPretty(recorded)
    ? [masked(`${lines.join('\r\n')}\r\n`)]
    : lines.filter((line) => !isOwnEvent(line)).map(masked);
}

/** Waits for as many lines as were recorded, and hangs up. */
async function untilAsLong(client: RawClient, { raw, ...recorded }: RecordedCase): Promise<void> {
  const lines = raw.length === 0 ? 0 : raw.join('\r\n').split('\r\n').length;
  const expected = lines - (isPretty({ raw, ...recorded }) ? 1 : 0);
  await client.until((lines) => lines.filter((line) => !isOwnEvent(line)).length >= expected);
  client.close();
}

function masked(line: string): string {
  return line
    .replace(/"(micro|minor|major)": \d+/g, '"$1": 0')
    .replace(/"(seconds|microseconds)": \d+/g, '"$1": 0')
    .replace(/"package": "[^"]*"/g, '"package": ""');
}

function isOwnEvent(line: string): boolean {
  // Lines of an indented text are not JSON.
  if (!line.startsWith('{"timestamp"')) return false;
  const { event } = JSON.parse(line);
  return ownEvents.has(event);
}
