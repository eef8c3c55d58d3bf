// What a server is started with: by src/cli from its command line, by tests directly.

import type { GivenChardev, GivenMonitor } from '../entrances/given-monitors.ts';
import type { EngineKit } from '../machine/engine.ts';

export interface ServerOptions {
  /** In the text form of addresses: "unix:/run/qmpd/qmp.sock", "tcp:127.0.0.1:4444", "fd:3", "stdio". */
  readonly listeners: readonly string[];
  /** Character devices that are declared before anybody can connect, and QMP servers on them. */
  readonly chardevs?: readonly GivenChardev[];
  readonly monitors?: readonly GivenMonitor[];
  /** The engines that the machine can have, the preferred one first; unset: all that qmpd has. */
  readonly engines?: readonly EngineKit[];
  /** The QEMU to use; unset: the one in PATH, if there is one. */
  readonly qemuBinary?: string;
  /** Where the sockets of QEMU processes are made, for this user only; unset: in the user's runtime directory. */
  readonly runtimeDirectory?: string;
  /** Where a later process finds the machine again, when this one dies; unset: nowhere. */
  readonly stateDirectory?: string;
  /** Address of a QMP server to share, in place of a machine of our own. */
  readonly attach?: string;
  /** What is done before anybody else can connect; not when an earlier process's machine was found. */
  readonly preparation?: Preparation;
  /** Replies and events over several lines, as with QEMU's pretty=on. */
  readonly pretty?: boolean;
  /** How long to wait for the next message without sleeping, after each one to or from QEMU; unset: 300. */
  readonly stayAwakeUs?: number;
  /** Connections at once; a further one is told so and closed. */
  readonly sessionsMax?: number;
  /** The process is to end when its machine does. */
  readonly exitWithMachine?: boolean;
  readonly log?: (message: string) => void;
  /** Hears of each session's beginning and end. */
  readonly trace?: (message: string) => void;
}

export interface Preparation {
  /** Where the server listens for it alone. */
  readonly address: string;
  /** When it rejects, the server does not start. */
  run(): Promise<void>;
}
