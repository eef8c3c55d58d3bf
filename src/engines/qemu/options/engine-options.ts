// The options as the engine `qemu` has them: all of them, changed by the table's commands.

import type { JsonValue } from '../../../json/value.ts';
import type { EngineOptions, MachineSide, OptionChanges } from '../../../machine/options.ts';
import type { MachineOptionName, MachineOptions } from '../../../schema/index.ts';
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
  changes,
};

function changes(side: MachineSide): OptionChanges {
  const { configuration, tell } = side;
  const changeOf = (from: JsonValue | undefined, to: JsonValue | undefined): Change<JsonValue> => {
    return { from, to, running: configuration.runningOptions as MachineOptions };
  };
  const changeTo = (name: MachineOptionName, to: JsonValue | undefined): Change<JsonValue> =>
    changeOf(configuration.running(name), to);
  return {
    plan: (name, to) => planChange(name, changeTo(name, to), tell),
    apply: (name, to) => applyChange(name, changeTo(name, to), tell),
    revert: async (name, from) => {
      const change = changeOf(from, configuration.running(name));
      try {
        const { result } = await planChange(name, change, tell);
        if (result !== 'applied' && result !== 'needs-reset') return false;
        await applyChange(name, change, tell);
        return true;
      } catch {
        return false;
      }
    },
  };
}
