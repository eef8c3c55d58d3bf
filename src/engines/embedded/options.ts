// How the options that the embedded engine has (option-list.ts) are answered for and changed: media at once, hardware at
// the next reset, which makes it anew.

import type { JsonValue } from '../../json/value.ts';
import type { Medium } from '../../machine/controls.ts';
import type { ChangeOutcome, EngineOptions, Living, OptionChange } from '../../machine/options.ts';
import { QmpError } from '../../qmp/error.ts';
import type { MachineOptionName } from '../../schema/index.ts';
import { assert } from '../../util/assert.ts';
import { type DriveOption, drivePlaces, mediumOf } from './drives.ts';
import { checkImage } from './images.ts';
import { EmbeddedInstance } from './instance.ts';
import { effectOf } from './option-list.ts';

const mediumCommands = ['blockdev-change-medium', 'eject'] as const;
const madeAtReset = 'the embedded engine makes its hardware anew at a reset';
const otherEngine = 'another engine needs another machine';
const hasBegun = 'the machine has been created';

export const embeddedOptions: EngineOptions = {
  supports: (option) => (effectOf(option) === undefined ? noOption(option) : true),
  describe: (option) => {
    const { result, reason } = outcomeOf(option);
    const commands = effectOf(option) === 'medium' ? mediumCommands : [];
    return result === 'applied' ? { change: 'live', commands } : { change: result, commands, reason };
  },
  check: (options) => {
    const lacking = Object.keys(options).find((option) => effectOf(option) === undefined);
    if (lacking !== undefined) throw new QmpError(`Option '${lacking}' needs the engine 'qemu'`);
  },
  planChange: async ({ option, to }, { declarations }) => {
    if (effectOf(option) === 'medium') {
      const image = mediumFor(option, to, declarations)?.image;
      if (image !== undefined) await checkImage(driveOption(option), image);
    }
    return outcomeOf(option);
  },
  apply,
};

async function apply({ option, to, wanted }: OptionChange, living: Living): Promise<void> {
  const { instance, declarations } = living;
  assert(instance instanceof EmbeddedInstance, 'the embedded engine runs the machine');
  switch (effectOf(option)) {
    case 'own':
      return;
    case 'medium':
      await instance.media.replace(driveOption(option), mediumFor(option, to, declarations));
      return;
    default:
      await instance.reconfigure({ options: wanted, declarations }, () => living.madeAnew(wanted));
  }
}

interface KnownOutcome extends ChangeOutcome {
  readonly result: 'applied' | 'needs-reset' | 'needs-restart' | 'refused';
}

function outcomeOf(option: MachineOptionName): KnownOutcome {
  switch (effectOf(option)) {
    case 'own':
    case 'medium':
      return { result: 'applied' };
    case 'machine':
      return { result: 'needs-restart', reason: option === 'engine' ? otherEngine : hasBegun };
    case 'hardware':
      return { result: 'needs-reset', reason: madeAtReset };
    case undefined:
      return { result: 'refused', reason: noOption(option) };
  }
}

function noOption(option: MachineOptionName): string {
  return `the embedded engine has no option '${option}'`;
}

function mediumFor(
  option: MachineOptionName,
  to: JsonValue | undefined,
  declarations: Living['declarations'],
): Medium | undefined {
  return to === undefined ? undefined : mediumOf(option, to, declarations);
}

function driveOption(option: MachineOptionName): DriveOption {
  const place = drivePlaces.find((one) => one.option === option);
  assert(place !== undefined, `${option} is a drive`);
  return place.option;
}
