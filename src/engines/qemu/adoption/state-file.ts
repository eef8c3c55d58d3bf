// What a qmpd that starts after one that died must know of its machine: which process, by pid and start time; where
// its socket is; what it was made from. Written atomically. It is believed only after the process was identified.

import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isProved, type ProcessIdentity } from '../../../host/process-identity.ts';
import { parseJson } from '../../../json/parse.ts';
import { printCompact } from '../../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import type { Declaration, MachineConfiguration } from '../../../machine/engine.ts';
import { declaredKinds } from '../../../qmp/traits.ts';
import { LocalError } from '../../../util/local-error.ts';
import type { BridgedIds } from '../bridges/bridges.ts';
import { writeAtomically } from '../process/atomic-file.ts';

const format = 1;
const name = 'machine.json';

export interface MachineState {
  readonly binary: string;
  readonly process: ProcessIdentity;
  /** Its environment says for which directory it was started; not so when release 0.1.0 started it. */
  readonly marked: boolean;
  /** The directory of its socket and its standard error. */
  readonly directory: string;
  /** Of the next monitor connection. */
  readonly generation: number;
  readonly configuration: MachineConfiguration;
  /** qmpd's chardevs that QEMU dials for. */
  readonly bridged: BridgedIds;
}

/** Throws a system error. */
export function writeState(stateDirectory: string, state: Omit<MachineState, 'marked'>): void {
  const { binary, process, directory, generation, configuration, bridged } = state;
  const declarations = configuration.declarations.map(({ kind, id, arguments: args }) => ({
    kind,
    id,
    arguments: args,
  }));
  const content = {
    format,
    binary,
    process: { pid: process.pid, 'start-time': process.startTime },
    marked: isProved(process, directory),
    directory,
    generation,
    options: configuration.options,
    declarations,
    bridged: [...bridged],
  };
  writeAtomically(path.join(stateDirectory, name), `${printCompact(content)}\n`);
}

export function removeState(stateDirectory: string): void {
  rmSync(path.join(stateDirectory, name), { force: true });
}

/** Undefined when there is none. Throws a LocalError for a file that is damaged, foreign, or of another format. */
export function readState(stateDirectory: string): MachineState | undefined {
  const file = path.join(stateDirectory, name);
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw stateError(file, 'cannot be read', thrown);
  }
  const value = parseJson(text);
  if (!isJsonObject(value)) throw stateError(file, 'is damaged: it holds no JSON object');
  if (value.format !== format) {
    throw stateError(file, `has the format ${String(value.format)}; this qmpd knows ${format}`);
  }
  return stateOf(value) ?? fail(file);
}

function fail(file: string): never {
  throw stateError(file, 'is damaged: members are missing or of a wrong type');
}

function stateError(file: string, what: string, cause?: unknown): LocalError {
  return new LocalError('ERR_QMPD_STATE_FILE', `the state file '${file}' ${what}`, { cause });
}

function stateOf(value: JsonObject): MachineState | undefined {
  const { binary, directory, generation, options, declarations, bridged, process } = value;
  if (typeof binary !== 'string' || typeof directory !== 'string' || typeof generation !== 'number') {
    return undefined;
  }
  if (!isJsonObject(process) || !isJsonObject(options) || !Array.isArray(declarations)) return undefined;
  if (!Array.isArray(bridged)) return undefined;
  const { pid, 'start-time': startTime } = process;
  if (typeof pid !== 'number' || typeof startTime !== 'string') return undefined;
  const known = declarations.map(declarationOf).filter((declaration) => declaration !== undefined);
  if (known.length !== declarations.length) return undefined;
  return {
    binary,
    directory,
    generation,
    process: { pid, startTime },
    marked: value.marked === true,
    bridged: bridged.map((id) => (typeof id === 'string' ? id : null)),
    configuration: { options, declarations: known },
  };
}

function declarationOf(value: JsonValue): Declaration | undefined {
  if (!isJsonObject(value)) return undefined;
  const kind = declaredKinds.find((one) => one === value.kind);
  const { id, arguments: args } = value;
  return kind !== undefined && typeof id === 'string' && isJsonObject(args)
    ? { kind, id, arguments: args }
    : undefined;
}
