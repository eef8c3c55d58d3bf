// What is common to the options of `machine-set` (qapi/machine-options.json), whatever engine runs the machine: the
// commands ask the engine's own table and never look which engine it is.

import type { JsonObject, JsonValue } from '../json/value.ts';
import { type MachineOptionName, type MachineOptionOutcome, schemaIndex } from '../schema/index.ts';
import type { Declaration } from './engine.ts';
import type { Instance, Why } from './instance.ts';

/** Carries out one QMP command on the living machine and gives its answer; rejects with a QmpError. */
export type Execute = (command: string, args?: JsonObject) => Promise<JsonValue>;

/** What became of a change of a machine that exists. */
export interface ChangeOutcome {
  readonly result: Exclude<MachineOptionOutcome, 'recorded'>;
  /** A sentence for users, where the result is not `applied`. */
  readonly reason?: string;
}

export interface OptionDescription {
  readonly change: 'live' | 'needs-reset' | 'needs-restart' | 'refused';
  readonly commands: readonly string[];
  readonly reason?: string | undefined;
}

/** What `machine-set` is asked for one option of a machine that exists; undefined stands for an option that is not set. */
export interface OptionChange {
  readonly option: MachineOptionName;
  /** What the machine runs with. */
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
  /** All options that the machine runs with. */
  readonly running: JsonObject;
  /** All options that the next machine is to have, with this change and those of the same command before it. */
  readonly wanted: JsonObject;
}

/** The machine that is to change. */
export interface Living {
  readonly instance: Instance;
  /** What is declared: options may name it. */
  readonly declarations: readonly Declaration[];
  /** On an instance with a QMP server of its own. */
  readonly tell: Execute;
  /** A reset has made the instance anew from these options. */
  madeAnew(options: JsonObject): void;
}

/** What one kind of engine knows about the options, even where no such engine is available. */
export interface EngineOptions {
  /** Or why its machines do not have the option. */
  supports(option: MachineOptionName): true | Why;
  describe(option: MachineOptionName): OptionDescription;
  /** Throws a QmpError for options with which no machine could be made, as far as they alone can tell. */
  check(options: JsonObject, release: { readonly major: number; readonly minor: number }): void;
  /** Tells what would become of a change, without doing anything. */
  planChange(change: OptionChange, living: Living): Promise<ChangeOutcome>;
  /** Carries out what was planned as `applied` or `needs-reset`; rejects with a QmpError when it cannot be. */
  apply(change: OptionChange, living: Living): Promise<void>;
  /** The names of descriptors (`getfd`) that the option's value uses. Throws a QmpError for a raw number. */
  descriptorNames?(option: MachineOptionName, value: JsonValue): readonly string[];
}

export const optionNames: readonly MachineOptionName[] = namesOfSchema();

function namesOfSchema(): readonly MachineOptionName[] {
  const definition = schemaIndex.definition('MachineOptionName');
  if (definition?.kind !== 'enum') return [];
  return definition.values.map(({ name }) => name as MachineOptionName);
}
