// A command is data: one constant each, in src/commands, of this type. The dispatcher (src/commands/dispatch.ts) does
// everything that is common (phase, role, arguments, out-of-band) from the constant alone.

import type { JsonObject, JsonValue } from '../json/value.ts';

/** Where a command is answered: here; by the engine; by the engine once and then from memory. */
export type CommandKind = 'own' | 'engine' | 'cached';

/** In which phases of the machine a command is legal (src/machine/phase.ts). */
export type LegalPhases = 'any' | 'blank' | 'created';

export type Role = 'observe' | 'operate' | 'admin';

/** A value that is already printed, in QEMU's form; it is copied to the wire as it is. Bytes for what is large. */
export class Printed {
  readonly text: string | Uint8Array;

  constructor(text: string | Uint8Array) {
    this.text = text;
  }
}

export type CommandResult = JsonValue | Printed | undefined;

export interface CommandDefinition<Context> {
  readonly name: string;
  readonly kind: CommandKind;
  readonly phases: LegalPhases;
  readonly outOfBand: boolean;
  readonly role: Role;
  /** For a command that both sides have: whether these arguments name something of ours. Absent: as `kind` says. */
  readonly isOwn?: (context: Context, args: JsonObject | undefined) => boolean;
  /** Hears of each time that the engine carried it out, before the answer goes to the client. */
  readonly carriedOut?: (context: Context) => void;
  /** Arguments have been checked against the schema. Throws or rejects with a QmpError; undefined answers {}. */
  run(context: Context, args: JsonObject): CommandResult | Promise<CommandResult>;
}
