// Commands of clients on their way to a monitor that is not ours: refused where they would do harm, with their
// descriptors, shortened; and events on their way back. The same for a QEMU that we started and for a QMP socket that
// somebody else serves.

import { parseJson } from '../../../json/parse.ts';
import { printCompact } from '../../../json/print.ts';
import type { MachineConfiguration } from '../../../machine/engine.ts';
import type {
  ForwardedCommands,
  ForwardReply,
  ForwardRequest,
  InstanceHost,
} from '../../../machine/instance.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { MachineEvent } from '../../../qmp/events/event.ts';
import { renaming } from '../../../qmp/fds/descriptor-uses.ts';
import { shortened } from '../json-text.ts';
import { runStateByEvent, runStateOf, runStateUnknownAfter } from '../run-state.ts';
import type { Upstream } from '../upstream.ts';
import { type GuardScene, guard, guardTypeQuestion, isGuarded, type Release } from './guard-rails.ts';
import { DescriptorHandover } from './handover.ts';

/** Answers a question about types in place of the machine; undefined when it does not know. */
export type TypeAnswers = (
  command: string,
  argumentsText: string | undefined,
) => Promise<ForwardReply | undefined> | undefined;

export interface ForwarderParts {
  /** Why nothing, or not this, can be forwarded at the moment; undefined: it can. */
  refusal(request: ForwardRequest): string | undefined;
  // What a machine that qmpd started has, and one that it only shares has not.
  readonly typeAnswers?: TypeAnswers;
  readonly configuration?: MachineConfiguration;
  /** The fdsets that it was started with, by the numbers of our descriptors. */
  readonly fdsets?: ReadonlyMap<string, readonly number[]>;
}

export class Forwarder implements ForwardedCommands {
  readonly kind = 'forwarded';
  readonly #refusal: ForwarderParts['refusal'];
  readonly #upstream: Upstream;
  readonly #host: InstanceHost;
  readonly #typeAnswers: TypeAnswers;
  readonly #handover: DescriptorHandover;
  readonly #configuration: MachineConfiguration | undefined;

  constructor(upstream: Upstream, host: InstanceHost, parts: ForwarderParts) {
    this.#refusal = (request) => parts.refusal(request);
    const { typeAnswers = () => undefined, configuration, fdsets } = parts;
    this.#upstream = upstream;
    this.#configuration = configuration;
    this.#host = host;
    this.#typeAnswers = typeAnswers;
    this.#handover = new DescriptorHandover(upstream.scheduler, (message) => host.log(message), fdsets);
    // A set may have gone while QEMU was being started.
    for (const [id, fds] of fdsets ?? []) {
      if (fds.join() !== host.fdset?.(id)?.join()) this.fdsetRemoved(id);
    }
  }

  async forward(request: ForwardRequest): Promise<ForwardReply> {
    const { session, command, traits, outOfBand, timeoutMs, fds, fdsets } = request;
    const { answer } = traits;
    try {
      const refusal = this.#refusal(request);
      if (refusal !== undefined) throw new QmpError(refusal);
      if (isGuarded(request)) await guard(request, this.#scene(request));
      if (fds.size > 0 || fdsets !== undefined) return await this.#withDescriptors(request);
    } finally {
      for (const fd of fds.values()) fd.close();
    }
    const argumentsText = request.argumentsText && shortened(request.argumentsText);
    const asked = traits.probe === 'always' ? this.#typeAnswers(command, argumentsText) : undefined;
    const known = asked === undefined ? undefined : await asked;
    if (known !== undefined) return known;
    guardTypeQuestion(traits, request.arguments, this.#release);
    const submission = { session, command, argumentsText, answer, outOfBand, timeoutMs };
    return await this.#upstream.scheduler.submit(submission);
  }

  get #release(): Release {
    return this.#upstream.greeting?.version ?? { major: 0, minor: 0, micro: 0 };
  }

  /** Questions to QEMU are asked on behalf of the request: they end with its session, and within its time. */
  #scene({ session, timeoutMs }: ForwardRequest): GuardScene {
    return {
      release: this.#release,
      configuration: this.#configuration,
      ask: async (command, args) => {
        const argumentsText = args === undefined ? undefined : printCompact(args);
        const question = { session, command, argumentsText, outOfBand: false, timeoutMs };
        const reply = await this.#upstream.scheduler.submit(question);
        return reply.kind === 'return' ? parseJson(reply.text) : undefined;
      },
    };
  }

  fdsetRemoved(id: string): void {
    void this.#handover.removeFdset(id);
  }

  /** Before 10 QEMU keeps what was removed, until the guest runs. */
  mayHoldFdset(id: string, session: string): boolean {
    return this.#release.major < 10 && this.#handover.wasOfAnother(id, session);
  }

  sessionEnded(session: string): void {
    this.#upstream.scheduler.sessionEnded(session);
  }

  event(event: MachineEvent): void {
    this.#host.event(event);
    const runState = runStateByEvent.get(event.name);
    if (runState !== undefined) this.#host.runState(runState);
    if (runStateUnknownAfter.has(event.name)) void this.askRunState();
  }

  async askRunState(): Promise<void> {
    const status = await this.#upstream.ask('query-status').catch(() => undefined);
    const state = status === undefined ? undefined : runStateOf(status);
    if (state !== undefined) this.#host.runState(state);
  }

  async #withDescriptors(request: ForwardRequest): Promise<ForwardReply> {
    const { session, command, outOfBand, timeoutMs, argumentsText = '{}' } = request;
    for (const [id, numbers] of request.fdsets ?? []) await this.#handover.mirror(session, id, numbers);
    const names = new Map<string, string>();
    try {
      for (const [name, fd] of request.fds) names.set(name, await this.#handover.name(session, fd));
      const text = shortened(
        argumentsText,
        renaming(request.uses, (old) => names.get(old) ?? old),
      );
      return await this.#upstream.scheduler.submit({
        session,
        command,
        argumentsText: text,
        outOfBand,
        timeoutMs,
      });
    } finally {
      // The answer does not wait for this; the session that asked may be gone.
      void this.#handover.closeUnused(names.values());
    }
  }
}
