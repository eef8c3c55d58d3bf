// A machine behind a QMP socket that somebody else serves: a QEMU that was started without us, qemu-storage-daemon, or
// anything that speaks QMP. We are its one client, and share it. Its process is not ours to watch or to end; when the
// connection ends, so does the machine, as far as we can tell.

import type { JsonValue } from '../../json/value.ts';
import type {
  EngineHost,
  ForwardingMachine,
  ForwardingStatus,
  ForwardReply,
  ForwardRequest,
} from '../../machine/engine.ts';
import type { RunState } from '../../machine/phase.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Connection } from '../../transports/connection.ts';
import type { Clock } from '../../util/clock.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';
import { Forwarder } from './forwarder.ts';
import { Heartbeat, heartbeatDefault } from './heartbeat.ts';
import { Monitor } from './monitor.ts';
import { pollingDefault } from './polling.ts';
import type { QemuVersion } from './probe.ts';
import { Relay } from './relay.ts';
import { runStateOf } from './run-state.ts';
import type { Greeting, UpstreamEvent } from './upstream.ts';

/** A server that is busy with another client accepts the connection and says nothing. */
const greetingLimitMs = 5_000;

/** What answered at the other end; it is nobody's until it is taken. */
export interface AttachedServer {
  readonly version: { readonly qemu: QemuVersion; readonly package: string };
  readonly runState: RunState;
  take(host: EngineHost): ForwardingMachine;
  /** Its own schema, as it printed it; undefined when it has no `query-qmp-schema`. */
  schema(): Promise<ForwardReply | undefined>;
}

/** Negotiates. Rejects with a LocalError when the other end is busy, is no QMP server, or goes away. */
export async function attach(
  connection: Connection,
  address: string,
  clock: Clock,
  log: (message: string) => void,
): Promise<AttachedServer> {
  const relay = new Relay(undefined, log, () => undefined);
  const monitor = new Monitor({ clock, generation: 0, endLines: true, polling: pollingDefault }, relay);
  monitor.accept(connection);
  try {
    const greeting = await greeted(monitor, clock);
    // A storage daemon has no machine and so no run state.
    const status = await monitor.ask('query-status').catch((): JsonValue => null);
    return {
      version: { qemu: greeting.version, package: greeting.package },
      runState: runStateOf(status) ?? 'running',
      take: (host) => {
        const machine = new AttachedMachine(monitor, host, clock);
        relay.attach(machine);
        return machine;
      },
      schema: () => reply(monitor, 'query-qmp-schema'),
    };
  } catch (thrown) {
    monitor.close();
    const what = `${address} cannot be shared: ${messageOf(thrown)}`;
    throw new LocalError('ERR_QMPD_ATTACH', what, { cause: thrown });
  }
}

async function greeted(monitor: Monitor, clock: Clock): Promise<Greeting> {
  let cancel: () => void = () => undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(greetingLimitMs, () =>
      reject(new Error('it does not greet: another client seems to be connected to it')),
    );
  });
  return await Promise.race([monitor.ready, limit]).finally(cancel);
}

async function reply(monitor: Monitor, command: string): Promise<ForwardReply | undefined> {
  const request = { session: 'qmpd', command, argumentsText: undefined, outOfBand: false };
  const answer = await monitor.scheduler.submit(request);
  return answer.kind === 'return' ? answer : undefined;
}

class AttachedMachine implements ForwardingMachine {
  readonly kind = 'forwarding' as const;
  readonly #monitor: Monitor;
  readonly #host: EngineHost;
  readonly #forwarder: Forwarder;
  readonly #heartbeat: Heartbeat;
  #over = false;
  #leaving = false;

  constructor(monitor: Monitor, host: EngineHost, clock: Clock) {
    this.#monitor = monitor;
    this.#host = host;
    this.#forwarder = new Forwarder(monitor, host, () => undefined);
    this.#heartbeat = new Heartbeat(monitor, clock, heartbeatDefault, {
      hung: (sinceMs) => host.log(`the QMP server has not answered for ${Math.round(sinceMs / 1000)} s`),
      answers: () => host.log('the QMP server answers again'),
      beat: () => undefined,
    });
  }

  forward(request: ForwardRequest): Promise<ForwardReply> {
    if (!this.#over) return this.#forwarder.forward(request);
    for (const fd of request.fds.values()) fd.close();
    return Promise.reject(new QmpError('The QMP server behind is gone'));
  }

  descriptorNames(command: string, args: JsonValue | undefined): readonly string[] {
    return this.#forwarder.descriptorNames(command, args);
  }

  fdsetNumbers(args: JsonValue | undefined): readonly string[] {
    return this.#forwarder.fdsetNumbers(args);
  }

  fdsetRemoved(id: string): void {
    void this.#forwarder.removeFdset(id);
  }

  sessionEnded(session: string): void {
    this.#forwarder.sessionEnded(session);
  }

  status(): ForwardingStatus {
    const { scheduler, connected, greeting } = this.#monitor;
    const { major = 0, minor = 0, micro = 0 } = greeting?.version ?? {};
    return {
      pid: undefined,
      version: [major, minor, micro].join('.'),
      answering: connected && !this.#heartbeat.hung,
      inFlight: scheduler.inFlight,
      queued: scheduler.queued,
    };
  }

  /** Leaves it to itself: nothing is ended that we did not start. */
  destroy(): Promise<void> {
    this.#leaving = true;
    this.#heartbeat.stop();
    this.#monitor.close();
    return Promise.resolve();
  }

  event(event: UpstreamEvent): void {
    if (!this.#leaving) this.#forwarder.event(event);
  }

  disconnected(reason: string, giveUp: () => void): void {
    this.#over = true;
    this.#heartbeat.stop();
    giveUp();
    if (!this.#leaving) this.#host.ended({ reason: `the QMP server behind is gone: ${reason}` });
  }
}
