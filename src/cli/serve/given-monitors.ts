// --chardev and --mon of the command line: QEMU's options of these names, for QMP servers on character devices.

import type { GivenChardev, GivenMonitor } from '../../server/index.ts';
import { messageOf } from '../../util/local-error.ts';
import { UsageError } from '../usage-error.ts';
import { chardevOption } from './chardev-option.ts';
import { type MonitorOption, monitorOption } from './monitor-option.ts';

export interface GivenMonitors {
  readonly chardevs: readonly GivenChardev[];
  readonly monitors: readonly GivenMonitor[];
}

/** Throws a UsageError in QEMU's words that says which option is wrong. */
export function givenMonitors(chardevTexts: readonly string[], monTexts: readonly string[]): GivenMonitors {
  const chardevs = chardevTexts.flatMap((text) => {
    const option = `--chardev ${text}`;
    return understood(option, () => chardevOption(text)).map((args) => ({ option, arguments: args }));
  });
  const ids = new Set<unknown>();
  for (const { option, arguments: args } of chardevs) {
    if (ids.has(args.id)) throw new UsageError(`${option}: Duplicate ID '${String(args.id)}' for chardev`);
    ids.add(args.id);
  }
  const monitors = monTexts.map((text, index) => monitor(text, `mon${index}`));
  return { chardevs, monitors };
}

function monitor(text: string, defaultId: string): GivenMonitor {
  const option = `--mon ${text}`;
  const { id = defaultId, chardev, pretty }: MonitorOption = understood(option, () => monitorOption(text));
  return { option, id, chardev, pretty };
}

function understood<Value>(option: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (thrown) {
    throw new UsageError(`${option}: ${messageOf(thrown)}`);
  }
}

/** Whether the process's own standard output is one of the chardevs, and so not for our messages. */
export function takesStandardOutput({ chardevs }: GivenMonitors): boolean {
  return chardevs.some(({ arguments: { backend } }) => JSON.stringify(backend).startsWith('{"type":"stdio"'));
}
