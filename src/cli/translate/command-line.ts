// A command line of QEMU as single options with what follows each (QEMU: system/vl.c, lookup_opt). `-set` is carried out
// here, since it changes an option that stands before it.

import { QmpError } from '../../qmp/error.ts';
import { messageOf } from '../../util/local-error.ts';
import { type CommandLineOption, optionsOfFile } from './config-file.ts';

/** Those that stand alone. */
const withoutArgument: ReadonlySet<string> = new Set([
  ...['-help', '-h', '-version', '-mem-prealloc', '-snapshot', '-usb', '-nographic', '-full-screen'],
  ...['-win2k-hack', '-no-fd-bootchk', '-preconfig', '-S', '-s', '-enable-kvm', '-xen-attach'],
  ...['-xen-domid-restrict', '-no-reboot', '-no-shutdown', '-daemonize', '-only-migratable', '-nodefaults'],
  ...['-semihosting', '-no-user-config', '-enable-sync-profile', '-perfmap', '-jitdump', '-no-acpi'],
  ...['-no-hpet', '-singlestep', '-async-teardown', '-audio-help', '-old-param', '-portrait'],
]);

/** The text of a file that the command line names; throws when it cannot be read. */
export type ReadConfig = (path: string) => string;

/**
 * Throws a QmpError for an option that is unknown or that lacks what should follow. `known`: names with one dash.
 * Without `readConfig` a `-readconfig` stays what it is.
 */
export function optionsIn(
  argv: readonly string[],
  known: ReadonlySet<string>,
  readConfig?: ReadConfig,
): CommandLineOption[] {
  const options: CommandLineOption[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-') || word === '-') {
      // A bare word is the first disk.
      options.push({ name: '-hda', text: word });
      continue;
    }
    const name = word.startsWith('--') ? word.slice(1) : word;
    if (!known.has(name)) throw new QmpError(`${word}: invalid option`);
    if (withoutArgument.has(name)) {
      options.push({ name, text: '' });
      continue;
    }
    index += 1;
    const text = argv[index];
    if (text === undefined) throw new QmpError(`${word}: requires an argument`);
    if (name === '-set') setEarlier(options, text);
    else if (name === '-readconfig' && readConfig !== undefined) {
      options.push(...configured(text, known, readConfig));
    } else options.push({ name, text });
  }
  return options;
}

function configured(path: string, known: ReadonlySet<string>, readConfig: ReadConfig): CommandLineOption[] {
  try {
    return optionsOfFile(readConfig(path), known);
  } catch (thrown) {
    throw new QmpError(`-readconfig ${path}: ${messageOf(thrown)}`);
  }
}

/** "drive.d0.cache=none" goes behind the `-drive ...,id=d0` that stands before. */
function setEarlier(options: CommandLineOption[], text: string): void {
  const match = /^([^.]+)\.([^.]+)\.([^=]+)=(.*)$/s.exec(text);
  if (match === null) throw new QmpError(`-set ${text}: expected GROUP.ID.KEY=VALUE`);
  const [, group = '', id = '', key = '', value = ''] = match;
  const index = options.findLastIndex(
    (option) => option.name === `-${group}` && option.text.split(',').includes(`id=${id}`),
  );
  const found = options[index];
  if (found === undefined) throw new QmpError(`-set ${text}: there is no ${group} "${id}" before it`);
  options[index] = { ...found, text: `${found.text},${key}=${value.replaceAll(',', ',,')}` };
}
