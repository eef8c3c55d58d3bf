// A third engine, as somebody would add one: a machine whose serial ports send back what they receive while it runs. It is
// handed to a server beside the engines of src/engines and known to nothing else: the schema does not name it, so it is
// the one that an unset option `engine` means.

import type { JsonValue } from '../../../src/json/value.ts';
import type { Chardev, ChardevFrontend } from '../../../src/machine/chardev.ts';
import type { MachineActions, Power } from '../../../src/machine/controls.ts';
import type { Engine, EngineKind, EngineKit, MachineConfiguration } from '../../../src/machine/engine.ts';
import type {
  ControlledCommands,
  Instance,
  InstanceHost,
  InstanceStatus,
} from '../../../src/machine/instance.ts';
import type { EngineOptions } from '../../../src/machine/options.ts';
import type { RunState } from '../../../src/machine/phase.ts';
import { QmpError } from '../../../src/qmp/error.ts';
import type { MachineOptionName } from '../../../src/schema/index.ts';
import { assert } from '../../../src/util/assert.ts';

/** The most that a port has taken and not yet sent back; the other end waits then. */
const echoBytesMax = 4096;

/** With what becomes of a change of each. */
const known: ReadonlyMap<string, 'live' | 'needs-restart'> = new Map<
  MachineOptionName,
  'live' | 'needs-restart'
>([
  ['engine', 'needs-restart'],
  ['serial', 'needs-restart'],
  ['name', 'live'],
  ['autostart', 'live'],
]);

const noOption = (option: string): string => `an echo machine has no option '${option}'`;

const echoOptions: EngineOptions = {
  supports: (option) => known.has(option) || noOption(option),
  describe: (option) => ({
    change: known.get(option) ?? 'refused',
    commands: [],
    reason: known.has(option) ? undefined : noOption(option),
  }),
  check: (options) => {
    const lacking = Object.keys(options).find((option) => !known.has(option));
    if (lacking !== undefined) throw new QmpError(`Option '${lacking}': ${noOption(lacking)}`);
  },
  planChange: async ({ option }) => {
    if (known.get(option) === 'live') return { result: 'applied' };
    return { result: 'needs-restart', reason: 'an echo machine is made with it' };
  },
  // What is live is qmpd's own.
  apply: async () => undefined,
};

export const echoKit: EngineKit = {
  // Not in the schema, which is where an engine that is shipped gets its name.
  kind: 'echo' as EngineKind,
  commands: 'controlled',
  options: echoOptions,
  open: (): Engine => ({ create }),
};

async function create({ options }: MachineConfiguration, host: InstanceHost): Promise<Instance> {
  const machine = new EchoMachine(host);
  try {
    for (const id of idsOf(options.serial)) machine.connect(await host.chardev(id));
  } catch (thrown) {
    await machine.end();
    throw thrown;
  }
  return machine;
}

function idsOf(serial: JsonValue | undefined): string[] {
  return Array.isArray(serial) ? serial.filter((id) => typeof id === 'string') : [];
}

class EchoMachine implements Instance, Power {
  readonly commands: ControlledCommands = { kind: 'controlled', controls: { power: this } };
  readonly mayEnd = true;
  readonly #host: InstanceHost;
  readonly #ports: EchoPort[] = [];
  #state: RunState = 'prelaunch';

  constructor(host: InstanceHost) {
    this.#host = host;
  }

  connect(chardev: Chardev): void {
    const port = new EchoPort(`serial${this.#ports.length}`, chardev, () => this.#state === 'running');
    chardev.attach(port);
    this.#ports.push(port);
  }

  async cont(): Promise<void> {
    if (this.#state === 'running') return;
    this.#host.event({ name: 'RESUME' });
    this.#enter('running');
    for (const port of this.#ports) port.flush();
  }

  async stop(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#enter('paused');
    this.#host.event({ name: 'STOP' });
  }

  async reset(): Promise<void> {
    for (const port of this.#ports) port.forget();
    this.#host.event({ name: 'RESET', data: { guest: false, reason: 'host-qmp-system-reset' } });
  }

  /** Its guest knows no button. */
  async powerdown(): Promise<void> {
    this.#host.event({ name: 'POWERDOWN' });
  }

  /** Its guest never resets, nor powers off. */
  setActions(_actions: Partial<MachineActions>): void {}

  status(): InstanceStatus {
    return { answering: true, inFlight: [], queued: 0 };
  }

  sessionEnded(): void {}

  async end(): Promise<void> {
    for (const port of this.#ports.splice(0)) port.detach();
  }

  #enter(state: RunState): void {
    this.#state = state;
    this.#host.runState(state);
  }
}

class EchoPort implements ChardevFrontend {
  readonly label: string;
  readonly #chardev: Chardev;
  readonly #runs: () => boolean;
  #held: Uint8Array = new Uint8Array(0);

  constructor(label: string, chardev: Chardev, runs: () => boolean) {
    this.label = label;
    this.#chardev = chardev;
    this.#runs = runs;
  }

  canReceive(): number {
    return echoBytesMax - this.#held.length;
  }

  receive(bytes: Uint8Array): void {
    assert(bytes.length <= this.canReceive(), 'no more than there is room for');
    this.#held = Buffer.concat([this.#held, bytes]);
    this.flush();
  }

  event(): void {}

  writable(): void {
    this.flush();
  }

  flush(): void {
    if (!this.#runs() || this.#held.length === 0) return;
    this.#held = this.#held.subarray(this.#chardev.write(this.#held));
    this.#chardev.resumeInput();
  }

  forget(): void {
    this.#held = new Uint8Array(0);
    this.#chardev.resumeInput();
  }

  detach(): void {
    this.#chardev.detach(this);
  }
}
