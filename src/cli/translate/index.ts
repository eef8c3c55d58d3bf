// A command line of QEMU as QMP commands for qmpd that make the same machine: one machine-set with all options, the
// declarations in their order, x-exit-preconfig. What cannot be expressed, or means something else, is noted. Values are
// strings where the command line has no types; who knows the schema and the devices makes numbers and truths of them.
// No I/O; answers to QEMU's system/vl.c.

import { jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { messageOf } from '../../util/local-error.ts';
import { bootTranslators } from './boot.ts';
import { chardevTranslators } from './chardev.ts';
import { optionsIn, type ReadConfig } from './command-line.ts';
import { deviceTranslators, finishDefaults, finishNographic } from './devices.ts';
import { displayTranslators, finishDisplay } from './display.ts';
import { Draft, type Note, type TranslatedCommand, type Translator } from './draft.ts';
import { driveTranslators } from './drives.ts';
import { monitorTranslators } from './monitors.ts';
import { networkTranslators } from './network.ts';
import { processTranslators } from './process.ts';
import { processorTranslators } from './processor.ts';

export type { Note, TranslatedCommand } from './draft.ts';

export interface Translation {
  readonly commands: readonly TranslatedCommand[];
  readonly notes: readonly Note[];
}

/** By the option's name with one dash: everything that QEMU 7.2 to 10.2 take. */
export const translators: ReadonlyMap<string, Translator> = new Map([
  ...processorTranslators,
  ...bootTranslators,
  ...deviceTranslators,
  ...driveTranslators,
  ...networkTranslators,
  ...chardevTranslators,
  ...monitorTranslators,
  ...displayTranslators,
  ...processTranslators,
]);

/**
 * `argv` without the program's name. Throws a QmpError that names the option that cannot be understood. Without
 * `readConfig` the files of -readconfig are left out, with a note.
 */
export function translate(argv: readonly string[], readConfig?: ReadConfig): Translation {
  const draft = new Draft();
  const run = (name: string, text: string): void => {
    draft.option = name;
    draft.seen.add(name);
    try {
      translators.get(name)?.(draft, text);
    } catch (thrown) {
      const message = messageOf(thrown);
      throw message.startsWith(name) ? thrown : new QmpError(`${name} ${text}: ${message}`);
    }
  };
  const options = optionsIn(argv, new Set(translators.keys()), readConfig);
  for (const { name, text } of options) run(name, text);
  finishNographic(draft, run);
  finishDefaults(draft);
  finishDisplay(draft);
  if (!draft.seen.has('-S')) draft.set('autostart', true);
  const commands: TranslatedCommand[] = [
    { execute: 'machine-set', arguments: jsonObject({ engine: 'qemu', ...draft.options }) },
    ...draft.declarations,
  ];
  if (!draft.seen.has('-preconfig')) commands.push({ execute: 'x-exit-preconfig' });
  return { commands, notes: draft.notes };
}
