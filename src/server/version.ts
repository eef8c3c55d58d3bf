// Which QEMU this server speaks for, and its own version (docs/decisions: engine and version).

import { readFileSync } from 'node:fs';
import type { VersionInfo } from '../commands/context.ts';
import { type JsonDialect, jsonDialectOf } from '../json/lex/dialect.ts';
import { print } from '../json/print.ts';
import { jsonObject } from '../json/value.ts';

/** The release whose wire behaviour qmpd follows; reported while no QEMU is in sight. */
export const followedRelease: VersionInfo['qemu'] = { major: 10, minor: 0, micro: 0 };

export function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

/** `qemuPackage` is what that QEMU says of its own package; ours follows it, always at the end. */
export function versionInfo(qemu: VersionInfo['qemu'], qemuPackage = ''): VersionInfo {
  const own = `qmpd-${packageVersion()}`;
  return { qemu, package: qemuPackage === '' ? own : `${qemuPackage} ${own}` };
}

/** Printed once for each version: for every connection anew it was a fifteenth of what a connection costs. */
const greetings: WeakMap<VersionInfo, Map<boolean, string>> = new WeakMap();

/** The greeting of a session, and the dialect of the QEMU that it names. */
export function greetingOf(
  version: VersionInfo,
  pretty: boolean,
): { readonly greeting: string; readonly dialect: JsonDialect } {
  return { greeting: greetingLine(version, pretty), dialect: jsonDialectOf(version.qemu) };
}

/** Without the line's end. */
function greetingLine(version: VersionInfo, pretty: boolean): string {
  const known = greetings.get(version) ?? new Map<boolean, string>();
  greetings.set(version, known);
  const line = known.get(pretty) ?? printGreeting(version, pretty);
  known.set(pretty, line);
  return line;
}

function printGreeting(version: VersionInfo, pretty: boolean): string {
  const qemu = jsonObject({ ...version.qemu });
  const greeting = jsonObject({
    version: jsonObject({ qemu, package: version.package }),
    capabilities: ['oob'],
  });
  return print(jsonObject({ QMP: greeting }), { pretty });
}
