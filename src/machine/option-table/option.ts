// What the table says of one option of `machine-set` (schema: MachineOptions in qapi/machine-options.json): which
// engines have it, how it reaches a QEMU that is about to be started, and how it changes afterwards.

import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { EngineKind } from '../engine.ts';

/** What an option's words may depend on besides its own value. */
export interface Creation {
  /** All options of the machine. */
  readonly options: JsonObject;
  readonly qemu: QemuRelease;
}

/** The release of the QEMU that is to be started, as in `query-version`. */
export interface QemuRelease {
  readonly major: number;
  readonly minor: number;
}

/** Words of QEMU's command line for a value that the schema has accepted; throws a QmpError for what QEMU cannot do. */
export type ToWords = (value: JsonValue, creation: Creation) => readonly string[];

/** Carries out one QMP command on the living machine and gives its answer; rejects with a QmpError. */
export type Execute = (command: string, args: JsonObject) => Promise<JsonValue>;

/** What became of a change (schema: MachineOptionOutcome, without what happens before there is a machine). */
export interface ChangeOutcome {
  readonly result: 'applied' | 'needs-reset' | 'needs-restart' | 'refused';
  /** A sentence for users, where the result is not `applied`. */
  readonly reason?: string;
}

/** `undefined` stands for an option that is not set. */
export interface Change {
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

export type RuntimeChange =
  | {
      readonly kind: 'live' | 'needs-reset';
      /** The QMP commands by which it changes, for clients that read the table. */
      readonly commands: readonly string[];
      /** What cannot change that way although the option as a whole can. */
      readonly reason?: string;
      /** Tells what would become of a change, without doing anything. */
      plan(change: Change): ChangeOutcome;
      /** Carries out a change whose plan is `applied` or `needs-reset`. */
      apply(change: Change, execute: Execute): Promise<void>;
    }
  | {
      readonly kind: 'needs-restart' | 'refused';
      /** QMP commands that come near. */
      readonly commands: readonly string[];
      readonly reason: string;
    };

export interface MachineOption {
  readonly name: string;
  readonly engines: readonly EngineKind[];
  readonly toWords: ToWords;
  readonly change: RuntimeChange;
}

export const bothEngines: readonly EngineKind[] = ['qemu', 'embedded'];
export const qemuOnly: readonly EngineKind[] = ['qemu'];

/** The common case: it is fixed when the machine is created. `reason` continues "because". */
export function fixed(reason: string, ...commands: readonly string[]): RuntimeChange {
  return { kind: 'needs-restart', commands, reason };
}
