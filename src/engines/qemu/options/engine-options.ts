// The options as the engine `qemu` has them: all of them, changed by the table's commands.

import type { JsonValue } from '../../../json/value.ts';
import type { EngineOptions, Execute, MachineSide, OptionChanges } from '../../../machine/options.ts';
import { tellEngine } from '../../../machine/tell-engine.ts';
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
  const { configuration } = side;
  const changeOf = (from: JsonValue | undefined, to: JsonValue | undefined): Change<JsonValue> => {
    return { from, to, running: configuration.runningOptions as MachineOptions };
  };
  const changeTo = (name: MachineOptionName, to: JsonValue | undefined): Change<JsonValue> =>
    changeOf(configuration.running(name), to);
  const execute: Execute = async (command, args) => {
    const { machine } = side.machine.created;
    assert(machine.kind === 'forwarding', 'QEMU runs the machine');
    return await tellEngine(machine, command, args);
  };
  return {
    plan: (name, to) => planChange(name, changeTo(name, to), execute),
    apply: (name, to) => applyChange(name, changeTo(name, to), execute),
    revert: async (name, from) => {
      const change = changeOf(from, configuration.running(name));
      try {
        const { result } = await planChange(name, change, execute);
        if (result !== 'applied' && result !== 'needs-reset') return false;
        await applyChange(name, change, execute);
        return true;
      } catch {
        return false;
      }
    },
  };
}
