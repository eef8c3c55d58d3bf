// The options as the engine `qemu` has them: all of them, changed by the table's commands.

import type { JsonValue } from '../../../json/value.ts';
import type { EngineOptions, OptionChange } from '../../../machine/options.ts';
import type { MachineOptions } from '../../../schema/index.ts';
import { assert } from '../../../util/assert.ts';
import { applyChange, argvOf, type Change, optionTable, planChange } from './index.ts';

export const qemuOptions: EngineOptions = {
  supports: () => true,
  describe: (name) => {
    const entry = optionTable.find((candidate) => candidate.name === name);
    assert(entry !== undefined, `the table has option ${name}`);
    const { kind, commands, reason } = entry.change;
    return { change: kind, commands, reason };
  },
  check: (options, release) => void argvOf(options, release),
  descriptorNames: (name, value) =>
    optionTable.find((entry) => entry.name === name)?.descriptors(value) ?? [],
  planChange: (change, living) => planChange(change.option, changeOf(change), living.tell),
  apply: (change, living) => applyChange(change.option, changeOf(change), living.tell),
};

function changeOf({ from, to, running }: OptionChange): Change<JsonValue> {
  // The schema has checked each of them when it was set.
  return { from, to, running: running as MachineOptions };
}
