// The client's side of a QMP connection, without I/O: bytes in, effects out. It knows the greeting, the negotiation,
// which answer belongs to which command, and what to tell those who wait when the peer goes away. It opens nothing,
// has no timers and no promises: src/client adds those. (QEMU: docs/interop/qmp-spec.rst, monitor/qmp.c.)
//
// Answers are matched by id. Each connection has an id prefix of its own: QEMU gives the answer to a command whose
// client left to the next client on that socket, and such an answer must not be taken for one to our command.

import { MessageParser } from '../../json/message-parser.ts';
import { print, printCompact } from '../../json/print.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { assert } from '../../util/assert.ts';
import { LocalError } from '../../util/local-error.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import type { Greeting } from '../greeting.ts';
import { classifyMessage, type EventMessage, type ServerMessage } from './messages.ts';

/** Commands submitted and not yet answered; a further one is refused with ERR_QMPD_TOO_MANY_COMMANDS. */
export const pendingCommandsMax = 65_536;

/**
 * In-band commands on the wire at a time while `oob` is enabled. QEMU holds 8 and then stops reading, which would
 * shut out the out-of-band commands too; the rest wait here.
 */
export const inBandOnWireMax = 7;

/** Descriptors that came with an answer that is not complete yet; more end the connection. */
export const fdsPendingMax = 1024;

/** How a command ended at the server. The descriptors belong to the one who is told. */
export type Outcome =
  | { readonly kind: 'return'; readonly value: JsonValue; readonly fds: readonly OwnedFd[] }
  | { readonly kind: 'error'; readonly class: string; readonly desc: string };

export interface CommandRequest {
  readonly command: string;
  readonly arguments?: JsonObject;
  /** Sent as `exec-oob`: overtakes the in-band commands. Needs the capability `oob`. */
  readonly outOfBand?: boolean;
  /** Descriptors that travel with the command; they stay the caller's and must be open until the command is sent. */
  readonly fds?: readonly number[];
  /** Called at most once; not after `abandon`. */
  settled(outcome: Outcome): void;
  /** The connection ended before the answer came. Called at most once, instead of `settled`. */
  failed(error: LocalError): void;
}

/** What the core asks of the one who owns the connection. */
export interface ClientEffects {
  send(text: string, fds: readonly number[]): void;
  /** Negotiation is complete: commands go out from now on. */
  ready(greeting: Greeting, enabled: readonly string[]): void;
  event(event: EventMessage): void;
  /** The conversation cannot go on: every waiting command has been told. The owner closes the connection. */
  failed(error: LocalError): void;
}

export interface ClientCoreOptions {
  /** Unique to the connection; ids are the prefix and a number. */
  readonly idPrefix: string;
  /** Enable `oob` when the server offers it. */
  readonly oob: boolean;
}

type State =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'negotiating'; readonly greeting: Greeting; readonly enabled: readonly string[] }
  | { readonly kind: 'ready'; readonly oob: boolean }
  | { readonly kind: 'failed'; readonly error: LocalError };

interface Waiter {
  readonly id: string;
  readonly request: CommandRequest;
  /** The caller no longer wants the answer; the id stays known until it comes. */
  abandoned: boolean;
}

export class ClientCore {
  readonly #effects: ClientEffects;
  readonly #options: ClientCoreOptions;
  readonly #parser = new MessageParser();
  #state: State = { kind: 'greeting' };
  #lastNumber = 0;
  /** On the wire, in the order of sending. */
  readonly #sent = new Map<string, Waiter>();
  /** In-band commands that wait for the negotiation or for room on the wire, oldest first. */
  readonly #queued = new Map<string, Waiter>();
  #inBandOnWire = 0;
  /** Descriptors of a message that is not complete yet. */
  #fds: OwnedFd[] = [];

  constructor(effects: ClientEffects, options: ClientCoreOptions) {
    this.#effects = effects;
    this.#options = options;
  }

  /**
   * Bytes from the server. The descriptors belong to the message that holds the chunk's last byte: the kernel ends a
   * read after the bytes that carried descriptors, but may glue plain bytes in front of them.
   */
  receive(chunk: Uint8Array, fds: readonly OwnedFd[] = []): void {
    this.#fds.push(...fds);
    const messages: JsonValue[] = [];
    let malformed: string | undefined;
    this.#parser.feed(chunk, {
      message: (message) => {
        messages.push(message.value);
      },
      error: (desc) => {
        malformed ??= desc;
      },
    });
    const last = this.#parser.pendingBytes === 0 ? messages.length - 1 : -1;
    for (const [index, value] of messages.entries()) {
      this.#message(value, index === last ? this.#fds.splice(0) : []);
    }
    if (malformed !== undefined) this.#protocolFailure(malformed);
    if (this.#fds.length > fdsPendingMax) this.#protocolFailure('too many descriptors in one answer');
    if (this.#state.kind === 'failed') closeAll(this.#fds.splice(0));
  }

  /** Queues or sends a command and returns its id, for `abandon`. Throws a LocalError when it cannot be taken. */
  submit(request: CommandRequest): string {
    if (this.#state.kind === 'failed') throw this.#state.error;
    if (this.#sent.size + this.#queued.size >= pendingCommandsMax) throw tooManyCommands();
    const waiter: Waiter = { id: this.#nextId(), request, abandoned: false };
    if (request.outOfBand === true) {
      if (this.#state.kind !== 'ready' || !this.#state.oob) throw noOutOfBand(request.command);
      this.#send(waiter);
    } else {
      this.#queued.set(waiter.id, waiter);
      this.#sendQueued();
    }
    return waiter.id;
  }

  /** The caller gives up: a command that was not sent yet never is; the answer to one that was is dropped. */
  abandon(id: string): 'not-sent' | 'sent' | 'settled' {
    if (this.#queued.delete(id)) return 'not-sent';
    const waiter = this.#sent.get(id);
    if (waiter === undefined) return 'settled';
    waiter.abandoned = true;
    return 'sent';
  }

  /** The connection has ended: tells everybody who waits. Not an effect `failed`: the owner knows already. */
  peerGone(error: LocalError): void {
    if (this.#state.kind === 'failed') return;
    this.#state = { kind: 'failed', error };
    closeAll(this.#fds.splice(0));
    const waiters = [...this.#sent.values(), ...this.#queued.values()];
    this.#sent.clear();
    this.#queued.clear();
    for (const waiter of waiters) if (!waiter.abandoned) waiter.request.failed(error);
  }

  #message(value: JsonValue, fds: readonly OwnedFd[]): void {
    const message = classifyMessage(value);
    if (message === undefined) {
      closeAll(fds);
      this.#protocolFailure(`this is not a QMP message: ${print(value).slice(0, 200)}`);
      return;
    }
    switch (message.kind) {
      case 'event':
        closeAll(fds);
        if (this.#state.kind !== 'failed') this.#effects.event(message.event);
        return;
      case 'greeting':
        closeAll(fds);
        this.#greeted(message.greeting);
        return;
      default:
        this.#answered(message, fds);
    }
  }

  #greeted(greeting: Greeting): void {
    if (this.#state.kind !== 'greeting') {
      // A chardev monitor starts anew when its chardev reopens; what was negotiated is void then.
      this.#protocolFailure('a second greeting');
      return;
    }
    const oob = this.#options.oob && greeting.capabilities.includes('oob');
    const enabled = oob ? ['oob'] : [];
    this.#state = { kind: 'negotiating', greeting, enabled };
    this.#send({
      id: this.#nextId(),
      abandoned: false,
      request: {
        command: 'qmp_capabilities',
        ...(oob ? { arguments: { enable: enabled } } : {}),
        settled: (outcome) => this.#negotiated(outcome),
        failed: () => undefined,
      },
    });
  }

  #negotiated(outcome: Outcome): void {
    assert(this.#state.kind === 'negotiating', 'an answer to a negotiation that was not begun');
    if (outcome.kind === 'error') {
      this.#protocolFailure(`qmp_capabilities was refused: ${outcome.desc}`);
      return;
    }
    closeAll(outcome.fds);
    const { greeting, enabled } = this.#state;
    this.#state = { kind: 'ready', oob: enabled.includes('oob') };
    this.#effects.ready(greeting, enabled);
    this.#sendQueued();
  }

  #answered(message: ServerMessage & { kind: 'return' | 'error' }, fds: readonly OwnedFd[]): void {
    const waiter = this.#waiterOf(message);
    if (waiter === undefined || waiter.abandoned || message.kind === 'error') closeAll(fds);
    if (waiter === undefined) return;
    this.#sent.delete(waiter.id);
    if (waiter.request.outOfBand !== true) this.#inBandOnWire -= 1;
    if (!waiter.abandoned) {
      const { class: errorClass, desc } = message.kind === 'error' ? message : { class: '', desc: '' };
      waiter.request.settled(
        message.kind === 'return'
          ? { kind: 'return', value: message.value, fds }
          : { kind: 'error', class: errorClass, desc },
      );
    }
    this.#sendQueued();
  }

  /**
   * An error without an id is the server's answer to bytes that it could not read as a message (too long, too deep):
   * it answers in order, so this is the oldest command. An unknown id is a stray of the client before us.
   */
  #waiterOf(message: ServerMessage & { kind: 'return' | 'error' }): Waiter | undefined {
    if (typeof message.id === 'string') return this.#sent.get(message.id);
    if (message.id !== undefined || message.kind === 'return') return undefined;
    for (const waiter of this.#sent.values()) if (waiter.request.outOfBand !== true) return waiter;
    return undefined;
  }

  #sendQueued(): void {
    if (this.#state.kind !== 'ready') return;
    const onWireMax = this.#state.oob ? inBandOnWireMax : Number.POSITIVE_INFINITY;
    for (const [id, waiter] of this.#queued) {
      if (this.#inBandOnWire >= onWireMax) return;
      this.#queued.delete(id);
      this.#send(waiter);
    }
  }

  #send(waiter: Waiter): void {
    const { request } = waiter;
    const message = jsonObject({ [request.outOfBand === true ? 'exec-oob' : 'execute']: request.command });
    if (request.arguments !== undefined) message.arguments = request.arguments;
    message.id = waiter.id;
    this.#sent.set(waiter.id, waiter);
    if (request.outOfBand !== true) this.#inBandOnWire += 1;
    this.#effects.send(`${printCompact(message)}\n`, request.fds ?? []);
  }

  #protocolFailure(desc: string): void {
    if (this.#state.kind === 'failed') return;
    const error = new LocalError('ERR_QMPD_PROTOCOL', `the peer does not speak QMP as it should: ${desc}`);
    this.peerGone(error);
    this.#effects.failed(error);
  }

  #nextId(): string {
    this.#lastNumber += 1;
    return `${this.#options.idPrefix}${this.#lastNumber}`;
  }
}

function closeAll(fds: readonly OwnedFd[]): void {
  for (const fd of fds) fd.close();
}

function tooManyCommands(): LocalError {
  return new LocalError(
    'ERR_QMPD_TOO_MANY_COMMANDS',
    `${pendingCommandsMax} commands are waiting for an answer`,
  );
}

function noOutOfBand(command: string): LocalError {
  return new LocalError(
    'ERR_QMPD_NO_OOB',
    `${command} cannot be sent out-of-band: the capability 'oob' was not negotiated`,
  );
}
