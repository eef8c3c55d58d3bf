// One QEMU process: started detached, so that it goes on when qmpd dies; watched until its end; ended by a ladder.
// What is said to it over QMP is not known here.

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  isAlive,
  markedEnvironment,
  type ProcessIdentity,
  processIdentity,
  signalProcess,
} from '../../../host/process-identity.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { Clock } from '../../../util/clock.ts';
import { deferred } from '../../../util/deferred.ts';
import { strerror } from '../../../util/strerror.ts';
import { programFault } from './program-file.ts';
import { createStderrFile } from './stderr-file.ts';

/** How a process ended; both undefined when it was not ours to wait for. */
export interface ProcessEnd {
  readonly status: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

export interface QemuProcess {
  readonly identity: ProcessIdentity;
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** True as long as `ended` is not settled. */
  readonly running: boolean;
  signal(name: NodeJS.Signals): void;
}

export interface SpawnRequest {
  readonly binary: string;
  readonly argv: readonly string[];
  /** Where its standard output and error go; made here, in the directory that the process is started for. */
  readonly stderrPath: string;
  /** Descriptors that it inherits, as 3, 4, 5 ... in this order; the caller keeps its own. */
  readonly inheritedFds: readonly number[];
  /** The kernel is to end it when this process ends, however that happens. Where it cannot, it may be left. */
  readonly diesWithUs: boolean;
}

/** A process that is not our child is looked at this often; only after re-adoption. */
const strangerPollMs = 100;

/** Rejects with a QmpError when the program cannot be started. */
export async function spawnQemu(request: SpawnRequest): Promise<QemuProcess> {
  checkBinary(request.binary);
  const stderr = createStderr(request.stderrPath);
  try {
    const [program, argv] = request.diesWithUs ? tied(request) : [request.binary, request.argv];
    const child = spawn(program, argv, {
      detached: true,
      env: markedEnvironment(path.dirname(request.stderrPath)),
      stdio: ['ignore', stderr, stderr, ...request.inheritedFds],
    });
    child.unref();
    return await started(child, request.binary);
  } finally {
    closeSync(stderr);
  }
}

/** setpriv(1) of util-linux sets prctl(PR_SET_PDEATHSIG), which survives the exec of QEMU. */
const setpriv = '/usr/bin/setpriv';

function tied({ binary, argv }: SpawnRequest): [string, readonly string[]] {
  if (!existsSync(setpriv)) return [binary, argv];
  return [setpriv, ['--pdeathsig', 'SIGKILL', '--', binary, ...argv]];
}

function createStderr(path: string): number {
  try {
    return createStderrFile(path);
  } catch (thrown) {
    throw new QmpError(`Cannot make the file '${path}' for QEMU's messages: ${strerror(thrown)}`);
  }
}

function checkBinary(binary: string): void {
  try {
    if (statSync(binary).isDirectory()) throw new QmpError(`QEMU binary '${binary}' is a directory`);
    accessSync(binary, constants.X_OK);
    const fault = programFault(binary);
    if (fault !== undefined) throw new QmpError(`QEMU binary '${binary}' cannot be used: ${fault}`);
  } catch (thrown) {
    if (thrown instanceof QmpError) throw thrown;
    throw new QmpError(`QEMU binary '${binary}' cannot be used: ${strerror(thrown)}`);
  }
}

async function started(child: ChildProcess, binary: string): Promise<QemuProcess> {
  const ended = deferred<ProcessEnd>();
  child.once('exit', (status, signal) =>
    ended.resolve({ status: status ?? undefined, signal: signal ?? undefined }),
  );
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.on('error', (thrown) =>
      reject(new QmpError(`QEMU binary '${binary}' cannot be started: ${strerror(thrown)}`)),
    );
  });
  const pid = child.pid ?? 0;
  // A child that is not yet waited for keeps its number, so this is its own start time.
  const identity = processIdentity(pid);
  return watched(identity, ended.promise, (name) => child.kill(name));
}

/** A process that an earlier qmpd started. Undefined when it is not there any more. */
export function adoptQemu(identity: ProcessIdentity, clock: Clock): QemuProcess | undefined {
  if (!isAlive(identity)) return undefined;
  const ended = deferred<ProcessEnd>();
  const look = (): void => {
    if (isAlive(identity)) clock.after(strangerPollMs, look);
    else ended.resolve({ status: undefined, signal: undefined });
  };
  clock.after(strangerPollMs, look);
  return watched(identity, ended.promise, (name) => signalProcess(identity, name));
}

function watched(
  identity: ProcessIdentity,
  ended: Promise<ProcessEnd>,
  signal: (name: NodeJS.Signals) => void,
): QemuProcess {
  let running = true;
  void ended.then(() => {
    running = false;
  });
  return {
    identity,
    ended,
    get running(): boolean {
      return running;
    },
    signal,
  };
}

export interface EndLadder {
  /** Asks politely; may do nothing. */
  ask(): void;
  readonly askedMs: number;
  readonly terminatedMs: number;
}

/** Asks, waits, SIGTERM, waits, SIGKILL. A process that is stopped is continued first, or it could not hear. */
export async function endProcess(target: QemuProcess, ladder: EndLadder, clock: Clock): Promise<ProcessEnd> {
  if (target.running) target.signal('SIGCONT');
  ladder.ask();
  if (!(await endsWithin(target, ladder.askedMs, clock))) target.signal('SIGTERM');
  if (!(await endsWithin(target, ladder.terminatedMs, clock))) target.signal('SIGKILL');
  return target.ended;
}

/** True when it ended in that time. */
export function endsWithin(target: QemuProcess, ms: number, clock: Clock): Promise<boolean> {
  if (!target.running) return Promise.resolve(true);
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(false));
    void target.ended.then(() => {
      cancel();
      resolve(true);
    });
  });
}

/** In words: "exit status 1", "killed by SIGKILL". */
export function endText({ status, signal }: ProcessEnd): string {
  if (signal !== undefined) return `was killed by ${signal}`;
  return status === undefined ? 'ended' : `ended with exit status ${status}`;
}
