// The embedded engine: a 32-bit PC, emulated by the npm package v86 in a worker thread, for hosts without QEMU and for
// tests. A fault of the emulator ends in the run state `internal-error`, never in the process. docs/embedded-engine.md
// tells what the machine has and what it has not.

import type { Engine, EngineHost, EngineMachine, MachineConfiguration } from '../../machine/engine.ts';
import { EmbeddedMachine } from './instance.ts';
import { NetworkLink } from './network-link.ts';
import { checkConfiguration } from './plan.ts';
import { SerialPorts } from './serial-ports.ts';
import type { ToWorker } from './worker/messages.ts';
import { WorkerLink } from './worker-link.ts';

export function createEmbeddedEngine(): Engine {
  return { kind: 'embedded', create };
}

async function create(configuration: MachineConfiguration, host: EngineHost): Promise<EngineMachine> {
  const { plan, serial, network } = await checkConfiguration(configuration);
  let link: WorkerLink | undefined;
  const tell = (message: ToWorker): void => link?.tell(message);
  const ports = new SerialPorts(host, tell);
  const cable = new NetworkLink(tell);
  const devices = await ports.open(serial);
  const machine = new EmbeddedMachine(plan.memoryBytes, { ports, cable }, host);
  try {
    await cable.connect(network);
    link = await WorkerLink.start(plan, machine);
    machine.start(link);
    // Only now: what a device has to say from here on, the machine can take.
    ports.connect(devices);
    return machine;
  } catch (thrown) {
    ports.detach();
    cable.close();
    await link?.close();
    throw thrown;
  }
}
