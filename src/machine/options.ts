// What is common to the options of `machine-set` (qapi/machine-options.json), whatever engine runs the machine: the
// commands ask the engine's own table and never look which engine it is.

import type { JsonObject, JsonValue } from '../json/value.ts';
import { type MachineOptionName, type MachineOptionOutcome, schemaIndex } from '../schema/index.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { Machine } from './life.ts';

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

export interface OptionChanges {
  /** Only while the machine exists. */
  plan(option: MachineOptionName, to: JsonValue | undefined): Promise<ChangeOutcome>;
  /** Carries out what was planned as `applied` or `needs-reset`. */
  apply(option: MachineOptionName, to: JsonValue | undefined): Promise<void>;
  /** Takes back what was applied; false when it cannot be, as with memory that the guest has been given. */
  revert(option: MachineOptionName, from: JsonValue | undefined): Promise<boolean>;
}

/** What option changes are made of; a reset needs it without any session's command. */
export interface MachineSide {
  readonly machine: Machine;
  readonly configuration: Configuration;
  /** On a machine with a monitor of its own. */
  readonly tell: Execute;
}

/** What one kind of engine knows of the options; it is known where no such engine can be had, too. */
export interface EngineOptions {
  supports(option: MachineOptionName): boolean;
  describe(option: MachineOptionName): OptionDescription;
  /** Throws a QmpError for options with which no machine could be made, as far as they alone can tell. */
  check(options: JsonObject, release: { readonly major: number; readonly minor: number }): void;
  changes(side: MachineSide): OptionChanges;
}

export const optionNames: readonly MachineOptionName[] = namesOfSchema();

function namesOfSchema(): readonly MachineOptionName[] {
  const definition = schemaIndex.definition('MachineOptionName');
  if (definition?.kind !== 'enum') return [];
  return definition.values.map(({ name }) => name as MachineOptionName);
}
