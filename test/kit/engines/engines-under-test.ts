// The engines over which the common scenarios run, with what each needs to make a small machine whose first serial port
// echoes, and what it cannot express.

import { standardEngines } from '../../../src/server/engines.ts';
import type { ServerOptions } from '../../../src/server/index.ts';
import { qemuBinaries } from '../chardevs/sides.ts';
import { echoKit } from './echo-engine.ts';

export interface EngineUnderTest {
  readonly label: string;
  /** As `query-machine` calls it. */
  readonly kind: string;
  readonly server: Partial<ServerOptions>;
  /** Options of a machine whose guest sends back what it receives on its first serial port; `rom` is echoRom(). */
  echoing(rom: string): object;
  /** An option that it does not have, with a value; undefined where it has all. */
  readonly lacks: readonly [option: string, value: unknown] | undefined;
  /** Commands that it says it cannot carry out, with the words of its answer. */
  readonly refuses: readonly (readonly [command: string, args: object, words: RegExp])[];
  /** Scenarios that it cannot run, each with the reason. */
  readonly exceptions: Readonly<Record<string, string>>;
}

const screendump = { filename: '/nonexistent/screen' };

export const enginesUnderTest: readonly EngineUnderTest[] = [
  {
    label: 'the echo engine',
    kind: 'echo',
    server: { engines: [echoKit, ...standardEngines] },
    echoing: () => ({}),
    lacks: ['smp', { cpus: 2 }],
    refuses: [
      ['screendump', screendump, /^The engine 'echo' has no screen$/],
      ['send-key', { keys: [{ type: 'qcode', data: 'a' }] }, /^The engine 'echo' has no keyboard or mouse$/],
      ['eject', { id: 'cdrom' }, /^The engine 'echo' has no drives$/],
      ['pmemsave', { val: 0, size: 1, filename: '/nonexistent/m' }, /^The engine 'echo' has no memory/],
      ['human-monitor-command', { 'command-line': 'info' }, /^The engine 'echo' has no human monitor$/],
      ['query-vmstate-description', {}, /^The engine 'echo' has no migrations$/],
    ],
    exceptions: {},
  },
  {
    label: 'the embedded engine',
    kind: 'embedded',
    server: {},
    echoing: (firmware) => ({ firmware, memory: { size: 1 << 20 } }),
    lacks: ['smp', { cpus: 2 }],
    refuses: [
      ['human-monitor-command', { 'command-line': 'info' }, /needs the engine 'qemu'$/],
      ['query-vmstate-description', {}, /^Only the engine 'qemu' has migrations$/],
    ],
    exceptions: { autostart: 'it advertises the option and refuses it at creation, as 0.1.0 did' },
  },
  ...qemuBinaries.map(
    (binary): EngineUnderTest => ({
      label: binary,
      kind: 'qemu',
      server: { qemuBinary: binary },
      echoing: (firmware) => ({
        firmware,
        accel: [{ type: 'tcg' }],
        machine: { type: 'isapc' },
        memory: { size: 2 << 20 },
      }),
      lacks: undefined,
      refuses: [],
      exceptions: {},
    }),
  ),
];
