// The embedded engine: a 32-bit PC, emulated by the npm package v86 in a worker thread, for hosts without QEMU and for
// tests. A fault of the emulator ends in the run state `internal-error`, never in the process. docs/embedded-engine.md
// tells what the machine has and what it has not.

import type { Declaration, Engine, EngineKit, MachineConfiguration } from '../../machine/engine.ts';
import type { InstanceHost } from '../../machine/instance.ts';
import { QmpError } from '../../qmp/error.ts';
import { EmbeddedInstance } from './instance.ts';
import { checkBackend } from './network.ts';
import { NetworkLink } from './network-link.ts';
import { embeddedOptions } from './options.ts';
import { checkConfiguration } from './plan.ts';
import { SerialPorts } from './serial-ports.ts';
import type { ToWorker } from './worker/messages.ts';
import { WorkerLink } from './worker-link.ts';

export const embeddedKit: EngineKit<'embedded'> = {
  kind: 'embedded',
  commands: 'controlled',
  options: embeddedOptions,
  open: () => new EmbeddedEngine(),
};

export class EmbeddedEngine implements Engine {
  async create(configuration: MachineConfiguration, host: InstanceHost): Promise<EmbeddedInstance> {
    let link: WorkerLink | undefined;
    const tell = (message: ToWorker): void => link?.tell(message);
    const ports = new SerialPorts(host, tell);
    const cable = new NetworkLink(tell);
    const instance = new EmbeddedInstance(configuration, { ports, cable }, host);
    const { plan, serial, network } = await checkConfiguration(configuration);
    const devices = await ports.open(serial);
    try {
      await cable.connect(network);
      link = await WorkerLink.start(plan, instance);
      instance.start(link, plan.memoryBytes);
      // Only now: what a device has to say from here on, the machine can take.
      ports.connect(devices);
      return instance;
    } catch (thrown) {
      ports.detach();
      cable.close();
      await link?.close();
      throw thrown;
    }
  }

  /** The hardware is given by machine-set; block nodes, objects and chardevs are followed when the machine is made. */
  async acceptsDeclaration({
    kind,
    arguments: args,
  }: Pick<Declaration, 'kind' | 'arguments'>): Promise<void> {
    if (kind === 'device') throw new QmpError(`'${String(args.driver)}' is not a valid device model name`);
    if (kind === 'netdev') checkBackend(args);
  }

  async vmstateDescription(): Promise<never> {
    throw new QmpError("Only the engine 'qemu' has migrations");
  }
}
