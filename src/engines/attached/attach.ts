// A QMP socket that somebody else serves (QEMU, qemu-storage-daemon, anything that speaks QMP), as an instance: commands
// are forwarded, events passed on. It is not ours: `end` only lets it go.

import type { FoundInstance } from '../../machine/engine.ts';
import {
  type ForwardReply,
  type Instance,
  type InstanceHost,
  type InstanceStatus,
  ownSession,
  type ServerBehind,
} from '../../machine/instance.ts';
import type { Connection } from '../../qmp/connection.ts';
import { QmpError } from '../../qmp/error.ts';
import type { MachineEvent } from '../../qmp/events/event.ts';
import type { Greeting } from '../../qmp/greeting.ts';
import { parseAddress } from '../../transports/address.ts';
import { connect } from '../../transports/open.ts';
import type { Clock } from '../../util/clock.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';
import { Forwarder } from '../upstream/forwarding/forwarder.ts';
import { pollingOf } from '../upstream/polling.ts';
import { runStateOf } from '../upstream/run-state.ts';
import { Upstream, type UpstreamListener } from '../upstream/upstream.ts';
import { versionText } from '../upstream/upstream-connection.ts';

export interface AttachOptions {
  /** In the text form of addresses: "unix:/run/vm.qmp". */
  readonly address: string;
  readonly clock: Clock;
  /** See EngineParts. */
  readonly stayAwakeUs?: number | undefined;
  log(message: string): void;
}

/** A QMP server greets at once, unless it serves one client at a time and has one: then it says nothing at all. */
const greetingLimitMs = 5_000;

/** A server that was reached and negotiated with. Throws a LocalError when nobody answers there as a QMP server does. */
export async function attach({ address, clock, stayAwakeUs, log }: AttachOptions): Promise<FoundInstance> {
  const polling = pollingOf(stayAwakeUs);
  const upstream = new Upstream({
    clock,
    generation: randomGeneration(),
    endLines: true,
    polling,
    log: (message) => log(`qemu: ${message}`),
  });
  const connection = await connect(parseAddress(address));
  upstream.accept(connection);
  try {
    const greeting = await greeted(upstream, clock);
    const status = await upstream.ask('query-status').catch(() => undefined);
    return {
      kind: 'qemu',
      // A storage daemon has no machine and so no run state.
      runState: (status === undefined ? undefined : runStateOf(status)) ?? 'running',
      take: (host) => {
        const instance = new AttachedInstance(upstream, connection, greeting, host);
        upstream.listen(instance);
        return instance;
      },
    };
  } catch (thrown) {
    upstream.close();
    throw new LocalError('ERR_QMPD_ATTACH', `${address}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

async function schemaOf(upstream: Upstream): Promise<ForwardReply | undefined> {
  const request = { command: 'query-qmp-schema', argumentsText: undefined, outOfBand: false };
  const reply = await upstream.scheduler.submit({ session: ownSession, ...request });
  return reply.kind === 'return' ? reply : undefined;
}

/**
 * The server may still send the answer to a command of the client before us, with any id: ours begin somewhere that
 * is not a usual first number.
 */
function randomGeneration(): number {
  return 10_000 + Math.floor(Math.random() * 50_000);
}

function greeted(upstream: Upstream, clock: Clock): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const silence = `no greeting within ${greetingLimitMs} ms: it is not a QMP server, or another client is connected`;
    const cancel = clock.after(greetingLimitMs, () => reject(new Error(silence)));
    upstream.ready.then(resolve, reject).finally(cancel);
  });
}

class AttachedInstance implements Instance, UpstreamListener {
  readonly commands: Forwarder;
  readonly mayEnd = 'The machine was not started here';
  readonly about: ServerBehind;
  readonly #upstream: Upstream;
  readonly #connection: Connection;
  readonly #greeting: Greeting;
  readonly #host: InstanceHost;
  #state: 'living' | 'left' | 'ended' = 'living';
  #schema: Promise<ForwardReply | undefined> | undefined;

  constructor(upstream: Upstream, connection: Connection, greeting: Greeting, host: InstanceHost) {
    this.#upstream = upstream;
    this.#connection = connection;
    this.#greeting = greeting;
    this.#host = host;
    this.commands = new Forwarder(upstream, host, { refusal: ({ fds }) => this.#refusal(fds.size) });
    this.about = {
      release: greeting.version,
      package: greeting.package,
      schema: () => {
        this.#schema ??= schemaOf(upstream);
        return this.#schema;
      },
    };
  }

  #refusal(fds: number): string | undefined {
    if (this.#state !== 'living') return 'The QMP server behind is gone';
    if (fds === 0 || this.#connection.canPassFds) return undefined;
    return `Descriptors cannot be passed on: ${this.#connection.whyNoFds ?? 'the connection has no way to'}`;
  }

  sessionEnded(session: string): void {
    this.commands.sessionEnded(session);
  }

  status(): InstanceStatus {
    return {
      pid: this.#connection.peer.pid,
      version: versionText(this.#greeting),
      answering: this.#upstream.connected,
      inFlight: this.#upstream.scheduler.inFlight,
      queued: this.#upstream.scheduler.queued,
    };
  }

  end(): Promise<void> {
    if (this.#state === 'living') {
      this.#state = 'left';
      this.#upstream.close();
      this.#upstream.scheduler.failAll((command) => new QmpError(`${command}: qmpd has let the server go`));
    }
    return Promise.resolve();
  }

  event(event: MachineEvent): void {
    if (this.#state === 'living') this.commands.event(event);
  }

  disconnected(reason: string): void {
    if (this.#state !== 'living') return;
    this.#state = 'ended';
    const error = (command: string): QmpError =>
      new QmpError(`${command}: the QMP server behind is gone: ${reason}`);
    this.#upstream.scheduler.failAll(error);
    this.#host.ended({ reason: `the QMP server behind is gone: ${reason}` });
  }
}
