// A session with nothing around it: a channel that keeps what is written, and a host whose commands a test finishes
// when it likes. The protocol core does no I/O, so neither do its tests.

import { QmpError } from '../../src/qmp/error.ts';
import { EventBus } from '../../src/qmp/events/bus.ts';
import { FdBudget } from '../../src/qmp/fds/budget.ts';
import { Fdsets } from '../../src/qmp/fds/fdsets.ts';
import { SessionFds } from '../../src/qmp/fds/session-fds.ts';
import type { SessionLimits } from '../../src/qmp/session/limits.ts';
import type { Outcome } from '../../src/qmp/session/reply.ts';
import type { Request } from '../../src/qmp/session/request.ts';
import { Session, type SessionChannel, type SessionHost } from '../../src/qmp/session/session.ts';
import type { SessionCloseReason } from '../../src/schema/index.ts';
import type { OwnedFd } from '../../src/util/owned-fd.ts';
import { ManualClock } from './manual-clock.ts';

export const greeting: string = '{"QMP": {"version": {}, "capabilities": ["oob"]}}';

/** What the peer would see. `bufferedBytes` is the test's to set: how much the peer has not read. */
class RecordingChannel implements SessionChannel {
  bufferedBytes = 0;
  text = '';
  writes = 0;
  paused = false;
  over: 'end' | 'destroy' | undefined;

  write(data: string | Uint8Array): void {
    this.writes += 1;
    this.text += typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.over ??= 'end';
  }

  destroy(): void {
    this.over ??= 'destroy';
  }
}

/** A descriptor that only knows whether it was closed. */
export class FakeFd implements OwnedFd {
  readonly fd: number;
  closes = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  close(): void {
    this.closes += 1;
  }

  release(): number {
    return this.fd;
  }
}

/** A request that waits for the test to answer it. */
export interface HeldRequest {
  readonly request: Request;
  answer(outcome?: Outcome): void;
}

const done: Outcome = { kind: 'return', value: undefined };

/** Commands: `now` answers at once, `hold` when the test says so, `emit` makes an event first, `fail`, `last`, `quit`. */
export class RecordingHost implements SessionHost {
  readonly held: HeldRequest[] = [];
  readonly begun: string[] = [];
  readonly bus: EventBus;
  ended: { reason: SessionCloseReason; fdsClosed: number } | undefined;
  negotiations = 0;
  readonly traced: string[] = [];
  /** Faults. */
  readonly logged: string[] = [];

  constructor(bus: EventBus) {
    this.bus = bus;
  }

  execute(session: Session, request: Request): Outcome | Promise<Outcome> {
    this.begun.push(request.command);
    switch (request.command) {
      case 'hold':
        return new Promise((resolve) => {
          this.held.push({ request, answer: (outcome = done) => resolve(outcome) });
        });
      case 'emit':
        this.bus.emit('STOP');
        return done;
      case 'large':
        return { kind: 'return', value: 'x'.repeat(1000) };
      case 'fail':
        return { kind: 'error', error: new QmpError('it failed') };
      case 'last':
        session.endAfterReply('session-close');
        return done;
      default:
        return done;
    }
  }

  checkCapabilities(args: Readonly<Record<string, unknown>>): readonly string[] {
    const enable = Array.isArray(args.enable) ? args.enable.map(String) : [];
    if (enable.some((name) => name !== 'oob')) throw new QmpError('no such capability');
    return enable;
  }

  negotiated(session: Session): void {
    this.negotiations += 1;
    this.bus.subscribe(session);
  }

  trace(line: string): void {
    this.traced.push(line);
  }

  log(line: string): void {
    this.logged.push(line);
  }

  closed(session: Session, reason: SessionCloseReason, fdsClosed: number): void {
    if (this.ended !== undefined) throw new Error('closed twice');
    this.bus.unsubscribe(session);
    this.ended = { reason, fdsClosed };
  }
}

export interface RigOptions {
  readonly limits?: SessionLimits;
  readonly pretty?: boolean;
  readonly bus?: EventBus;
  readonly budget?: FdBudget;
}

export class SessionRig {
  readonly clock: ManualClock = new ManualClock();
  readonly channel: RecordingChannel = new RecordingChannel();
  readonly budget: FdBudget;
  readonly fdsets: Fdsets = new Fdsets();
  readonly host: RecordingHost;
  readonly session: Session;
  #seen = 0;

  constructor({ limits, pretty = false, bus, budget }: RigOptions = {}) {
    this.budget = budget ?? new FdBudget();
    this.host = new RecordingHost(bus ?? new EventBus(this.clock));
    this.session = new Session({
      id: '1',
      channel: this.channel,
      host: this.host,
      fds: new SessionFds({ owner: '1', budget: this.budget, fdsets: this.fdsets }),
      clock: this.clock,
      greeting,
      pretty,
      ...(limits === undefined ? {} : { limits }),
    });
  }

  /** A session past its negotiation; what was written so far is forgotten. */
  static negotiated(capabilities: readonly string[] = [], options: RigOptions = {}): SessionRig {
    const rig = new SessionRig(options);
    rig.send(JSON.stringify({ execute: 'qmp_capabilities', arguments: { enable: capabilities } }));
    rig.take();
    return rig;
  }

  /** Why the session ended; undefined while it has not. */
  endReason(): SessionCloseReason | undefined {
    return this.host.ended?.reason;
  }

  /** One chunk, each character one byte, with the descriptors that came with it. */
  send(text: string, fds: readonly OwnedFd[] = []): void {
    this.session.receive(Buffer.from(text, 'latin1'), fds);
  }

  execute(command: string, id?: unknown): void {
    this.send(JSON.stringify({ execute: command, ...(id === undefined ? {} : { id }) }));
  }

  executeOutOfBand(command: string, id?: unknown): void {
    this.send(JSON.stringify({ 'exec-oob': command, ...(id === undefined ? {} : { id }) }));
  }

  /** The text written since the last call. */
  takeText(): string {
    const text = this.channel.text.slice(this.#seen);
    this.#seen = this.channel.text.length;
    return text;
  }

  /** The whole lines written since the last call, without their ends. */
  take(): string[] {
    const lines = this.takeText().split('\r\n');
    const rest = lines.pop();
    if (rest !== '') throw new Error(`half a line was written: ${rest}`);
    return lines;
  }

  /** The ids of the replies written since the last call; `event` for an event. */
  takeIds(): unknown[] {
    return this.take()
      .map((line) => JSON.parse(line))
      .map((message) => ('event' in message ? message.event : message.id));
  }

  /** Answers the oldest request that is held, and lets everything happen that follows. */
  async answer(outcome?: Outcome): Promise<void> {
    const held = this.host.held.shift();
    if (held === undefined) throw new Error('no request is held');
    held.answer(outcome);
    await settled();
  }
}

/** Lets all promises that are settled now have their effect. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
