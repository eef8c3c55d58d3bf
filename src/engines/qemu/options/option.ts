// What the table says of one option of `machine-set` (schema: MachineOptions in qapi/machine-options.json): which
// engines have it, how it reaches a QEMU that is about to be started, and how it changes afterwards.

import type { JsonValue } from '../../../json/value.ts';
import type { ChangeOutcome, Execute } from '../../../machine/options.ts';
import type { MachineOptionName, MachineOptions } from '../../../schema/index.ts';

/** What an option's words may depend on besides its own value. */
export interface Creation {
  /** All options of the machine. */
  readonly options: MachineOptions;
  readonly qemu: QemuRelease;
}

/** The QEMU that is to be started. */
export interface QemuRelease {
  /** As in `query-version`. */
  readonly major: number;
  readonly minor: number;
  /** It can have a VNC server that waits to be told an address. */
  readonly preparesVnc?: boolean;
}

export type OptionValue<Name extends MachineOptionName> = NonNullable<MachineOptions[Name]>;

export type { ChangeOutcome, Execute } from '../../../machine/options.ts';

/** Words of QEMU's command line for a value; throws a QmpError for what QEMU cannot do. */
export type ToWords<Value> = (value: Value, creation: Creation) => readonly string[];

/** From what the machine runs with to what is wanted; undefined stands for an option that is not set. */
export interface Change<Value> {
  readonly from: Value | undefined;
  readonly to: Value | undefined;
  /** All options that the machine runs with. */
  readonly running: MachineOptions;
}

/** It can change, or parts of it can. */
export interface PossibleChange<Value> {
  readonly kind: 'live' | 'needs-reset';
  /** The QMP commands by which it changes, for those who read the table. */
  readonly commands: readonly string[];
  /** What about it cannot change, or only later. */
  readonly reason?: string;
  /** Tells what would become of a change, without doing anything; `ask` is for questions to the machine. */
  plan(change: Change<Value>, ask: Execute): ChangeOutcome | Promise<ChangeOutcome>;
  /** Carries out a change whose plan is `applied` or `needs-reset`; rejects with a QmpError when QEMU refuses. */
  apply(change: Change<Value>, execute: Execute): Promise<void>;
}

export interface NoChange {
  readonly kind: 'needs-restart' | 'refused';
  /** QMP commands that come near. */
  readonly commands: readonly string[];
  readonly reason: string;
}

export type RuntimeChange<Value> = PossibleChange<Value> | NoChange;

interface OptionDefinition<Name extends MachineOptionName> {
  readonly name: Name;
  readonly toWords: ToWords<OptionValue<Name>>;
  /** The names of descriptors (`getfd`) in the value. Throws a QmpError for a raw number. */
  readonly descriptors?: (value: OptionValue<Name>) => readonly string[];
  readonly change: RuntimeChange<OptionValue<Name>>;
}

export interface MachineOption {
  readonly name: MachineOptionName;
  /** `value` has been checked against the schema. */
  readonly toWords: ToWords<JsonValue>;
  readonly descriptors: (value: JsonValue) => readonly string[];
  readonly change: RuntimeChange<JsonValue>;
}

/** An entry of the table. The table is read without knowing each option's type, which the schema has checked by then. */
export function option<Name extends MachineOptionName>(definition: OptionDefinition<Name>): MachineOption {
  const { name, toWords, descriptors = () => [], change } = definition;
  return {
    name,
    toWords: toWords as ToWords<unknown> as ToWords<JsonValue>,
    descriptors: descriptors as (value: unknown) => readonly string[],
    change: change as RuntimeChange<unknown> as RuntimeChange<JsonValue>,
  };
}

/** It is fixed when the machine is created; `reason` says why. */
export function fixed(reason: string, ...commands: readonly string[]): NoChange {
  return { kind: 'needs-restart', commands, reason };
}
