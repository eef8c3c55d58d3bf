// `help COMMAND` in the shell: what the server's introspection says about a command's arguments, as text.

import type { Introspection } from '../../client/index.ts';

/** Members of members are shown down to here. */
const depthMax = 3;

/** Undefined when the server has no such command. */
export function describeCommand(introspection: Introspection, command: string): string | undefined {
  if (!introspection.has(command)) return undefined;
  const lines = [command + (introspection.allowsOutOfBand(command) ? '   (may be sent out-of-band)' : '')];
  addMembers(lines, introspection, command, []);
  if (lines.length === 1) lines.push('  takes no arguments');
  return lines.join('\n');
}

function addMembers(lines: string[], introspection: Introspection, command: string, keys: string[]): void {
  if (keys.length >= depthMax) return;
  const { members } = introspection.place(command, keys, () => undefined);
  for (const member of members) {
    const path = [...keys, member.name];
    const type = introspection.describe(member.type);
    lines.push(`  ${path.join('.')}=${type}${member.optional ? '   (optional)' : ''}`);
    if (type === 'object') addMembers(lines, introspection, command, path);
  }
}
