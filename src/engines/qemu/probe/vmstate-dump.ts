// What a QEMU binary's devices would put into a migration (`-dump-vmstate`): QEMU writes it to a file and ends, so each
// answer is a process of its own, which makes a machine of the type and never runs it.

import { readFileSync, statSync } from 'node:fs';
import { parseJson } from '../../../json/parse.ts';
import { isJsonObject, type JsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { Clock } from '../../../util/clock.ts';
import { strerror } from '../../../util/strerror.ts';
import { endMessage } from '../process/launch.ts';
import { endProcess, endsWithin, endText, type QemuProcess, spawnQemu } from '../process/qemu-process.ts';
import { makeRuntimeDirectory, type RuntimeDirectory } from '../process/runtime-directory.ts';
import { lastWords } from '../process/stderr-file.ts';

/** A dump is written in well under a second; a QEMU that takes longer is ended. */
const limitMs = 30_000;

/** QEMU's own are under 1 MiB; a larger file is not read. */
const bytesMax = 16 * 1_048_576;

export interface VmstateDumpOptions {
  readonly binary: string;
  readonly runtimeDirectory: string;
  readonly clock: Clock;
}

/** Rejects with a QmpError in QEMU's own words. `machineType` undefined: QEMU's own default. */
export async function dumpVmstate(options: VmstateDumpOptions, machineType?: string): Promise<JsonObject> {
  if (machineType !== undefined && !/^[\w.+-]+$/.test(machineType)) {
    throw new QmpError(`unsupported machine type '${machineType}'`);
  }
  const directory = makeRuntimeDirectory(options.runtimeDirectory);
  try {
    const file = `${directory.path}/vmstate`;
    const process = await spawnQemu({
      binary: options.binary,
      argv: dumpWords(file, machineType),
      stderrPath: directory.stderrPath,
      inheritedFds: [],
      diesWithUs: true,
    });
    await successfulEnd(process, directory, options);
    return readDump(file);
  } finally {
    directory.remove();
  }
}

function dumpWords(file: string, machineType: string | undefined): string[] {
  const machine = machineType === undefined ? [] : ['-machine', machineType];
  const bare = ['-nodefaults', '-no-user-config', '-display', 'none', '-accel', 'tcg'];
  return [...machine, ...bare, '-dump-vmstate', file];
}

async function successfulEnd(
  process: QemuProcess,
  directory: RuntimeDirectory,
  { binary, clock }: VmstateDumpOptions,
): Promise<void> {
  if (!(await endsWithin(process, limitMs, clock))) {
    const kill = (): void => process.signal('SIGKILL');
    await endProcess(process, { ask: kill, askedMs: 1000, terminatedMs: 0 }, clock);
    throw new QmpError(`QEMU ('${binary}') wrote no description within ${limitMs} ms`);
  }
  const end = await process.ended;
  if (end.status === 0) return;
  throw new QmpError(endMessage(`QEMU ('${binary}')`, endText(end), lastWords(directory.stderrPath)));
}

function readDump(file: string): JsonObject {
  const dump = parseJson(contentsOf(file));
  if (isJsonObject(dump)) return dump;
  throw new QmpError('QEMU did not write a description of its device state');
}

function contentsOf(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size <= bytesMax) return readFileSync(file);
  } catch (thrown) {
    throw new QmpError(`QEMU wrote no description: ${strerror(thrown)}`);
  }
  throw new QmpError(`QEMU's description is larger than ${bytesMax} bytes`);
}
