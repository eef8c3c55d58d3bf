// A QMP socket that somebody else serves (QEMU, qemu-storage-daemon, anything that speaks QMP), as a machine: commands
// are forwarded, events passed on. It is not ours: `destroy` only lets it go.

import type {
  EngineHost,
  ForwardingMachine,
  ForwardingStatus,
  ForwardReply,
  ForwardRequest,
} from '../../machine/engine.ts';
import type { RunState } from '../../machine/phase.ts';
import type { Connection } from '../../qmp/connection.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Greeting } from '../../qmp/greeting.ts';
import { parseAddress } from '../../transports/address.ts';
import { connect } from '../../transports/open.ts';
import type { Clock } from '../../util/clock.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';
import { Forwarder } from '../upstream/forwarding/forwarder.ts';
import { type PollingOptions, pollingDefault } from '../upstream/polling.ts';
import { Relay, type RelayTarget } from '../upstream/relay.ts';
import { runStateOf } from '../upstream/run-state.ts';
import { Monitor, ownSession } from '../upstream/upstream.ts';
import { type UpstreamEvent, versionText } from '../upstream/upstream-connection.ts';

export interface AttachOptions {
  /** In the text form of addresses: "unix:/run/vm.qmp". */
  readonly address: string;
  readonly clock: Clock;
  readonly polling?: PollingOptions;
  log(message: string): void;
}

/** A server that was reached and negotiated with; it is nobody's until it is taken. */
export interface Attached {
  readonly greeting: Greeting;
  /** Undefined for servers that have no machine. */
  readonly runState: RunState | undefined;
  take(host: EngineHost): ForwardingMachine;
  /** The answer to `query-qmp-schema`; undefined when it has no such command. */
  schema(): Promise<ForwardReply | undefined>;
}

/** A QMP server greets at once, unless it serves one client at a time and has one: then it says nothing at all. */
const greetingLimitMs = 5_000;

/** Throws a LocalError when nobody answers there as a QMP server does. */
export async function attach({
  address,
  clock,
  polling = pollingDefault,
  log,
}: AttachOptions): Promise<Attached> {
  const relay = new Relay(undefined, log, () => undefined);
  const monitor = new Monitor({ clock, generation: randomGeneration(), endLines: true, polling }, relay);
  const connection = await connect(parseAddress(address));
  monitor.accept(connection);
  try {
    const greeting = await greeted(monitor, clock);
    const status = await monitor.ask('query-status').catch(() => undefined);
    const runState = status === undefined ? undefined : runStateOf(status);
    return {
      greeting,
      runState,
      take: (host) => taken(monitor, connection, greeting, relay, host),
      schema: () => schemaOf(monitor),
    };
  } catch (thrown) {
    monitor.close();
    throw new LocalError('ERR_QMPD_ATTACH', `${address}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

async function schemaOf(monitor: Monitor): Promise<ForwardReply | undefined> {
  const request = { command: 'query-qmp-schema', argumentsText: undefined, outOfBand: false };
  const reply = await monitor.scheduler.submit({ session: ownSession, ...request });
  return reply.kind === 'return' ? reply : undefined;
}

function taken(
  monitor: Monitor,
  connection: Connection,
  greeting: Greeting,
  relay: Relay,
  host: EngineHost,
): AttachedMachine {
  const machine = new AttachedMachine(monitor, connection, greeting, host);
  relay.attach(machine);
  return machine;
}

/**
 * The server may still send the answer to a command of the client before us, with any id: ours begin somewhere that
 * is not a usual first number.
 */
function randomGeneration(): number {
  return 10_000 + Math.floor(Math.random() * 50_000);
}

function greeted(monitor: Monitor, clock: Clock): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    const silence = `no greeting within ${greetingLimitMs} ms: it is not a QMP server, or another client is connected`;
    const cancel = clock.after(greetingLimitMs, () => reject(new Error(silence)));
    monitor.ready.then(resolve, reject).finally(cancel);
  });
}

class AttachedMachine implements ForwardingMachine, RelayTarget {
  readonly kind = 'forwarding' as const;
  readonly #monitor: Monitor;
  readonly #connection: Connection;
  readonly #greeting: Greeting;
  readonly #host: EngineHost;
  readonly #forwarder: Forwarder;
  #state: 'living' | 'left' | 'ended' = 'living';

  constructor(monitor: Monitor, connection: Connection, greeting: Greeting, host: EngineHost) {
    this.#monitor = monitor;
    this.#connection = connection;
    this.#greeting = greeting;
    this.#host = host;
    this.#forwarder = new Forwarder(monitor, host);
  }

  async forward(request: ForwardRequest): Promise<ForwardReply> {
    if (this.#state === 'living' && (request.fds.size === 0 || this.#connection.canPassFds)) {
      return await this.#forwarder.forward(request);
    }
    for (const fd of request.fds.values()) fd.close();
    throw new QmpError(
      this.#state === 'living'
        ? `Descriptors cannot be passed on: ${this.#connection.whyNoFds ?? 'the connection has no way to'}`
        : 'The QMP server behind is gone',
    );
  }

  fdsetRemoved(id: string): void {
    void this.#forwarder.removeFdset(id);
  }

  mayHoldFdset(id: string, session: string): boolean {
    return this.#forwarder.mayHoldFdset(id, session);
  }

  sessionEnded(session: string): void {
    this.#forwarder.sessionEnded(session);
  }

  status(): ForwardingStatus {
    return {
      pid: this.#connection.peer.pid,
      version: versionText(this.#greeting),
      answering: this.#monitor.connected,
      inFlight: this.#monitor.scheduler.inFlight,
      queued: this.#monitor.scheduler.queued,
    };
  }

  destroy(): Promise<void> {
    if (this.#state === 'living') {
      this.#state = 'left';
      this.#monitor.close();
      this.#monitor.scheduler.failAll((command) => new QmpError(`${command}: qmpd has let the server go`));
    }
    return Promise.resolve();
  }

  event(event: UpstreamEvent): void {
    if (this.#state === 'living') this.#forwarder.event(event);
  }

  disconnected(reason: string): void {
    if (this.#state !== 'living') return;
    this.#state = 'ended';
    const error = (command: string): QmpError =>
      new QmpError(`${command}: the QMP server behind is gone: ${reason}`);
    this.#monitor.scheduler.failAll(error);
    this.#host.ended({ reason: `the QMP server behind is gone: ${reason}` });
  }
}
