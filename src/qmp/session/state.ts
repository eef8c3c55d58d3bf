// The states of a session and the ways between them. Each state holds only what there is in it; `transition` is the one
// place where a session goes from one to the next.

import type { SessionCloseReason } from '../../schema/index.ts';
import { assert } from '../../util/assert.ts';
import type { Requests } from './requests.ts';

/** What there is as long as the connection is. */
interface Conversation {
  readonly requests: Requests;
  /** `ended`: the peer will send nothing more; what it sent is still answered. */
  readonly input: 'flowing' | 'ended';
}

/** Only qmp_capabilities is carried out. */
interface Negotiating extends Conversation {
  readonly at: 'negotiating';
}

/** Commands and events. */
interface Open extends Conversation {
  readonly at: 'open';
  readonly oob: boolean;
}

/** The next answer is the last one. */
interface Ending extends Conversation {
  readonly at: 'ending';
  readonly oob: boolean;
  readonly reason: SessionCloseReason;
}

interface Closed {
  readonly at: 'closed';
  readonly reason: SessionCloseReason;
}

export type LiveState = Negotiating | Open | Ending;
export type SessionState = LiveState | Closed;

/** To what each state may lead; to itself when what it holds changes. */
const ways: Readonly<Record<SessionState['at'], readonly SessionState['at'][]>> = {
  negotiating: ['negotiating', 'open', 'closed'],
  open: ['open', 'ending', 'closed'],
  ending: ['ending', 'closed'],
  closed: [],
};

/** The next state, with a line for the log. Throws when there is no such way. */
export function transition(from: SessionState, to: SessionState, log: (line: string) => void): SessionState {
  assert(ways[from.at].includes(to.at), `no session goes from ${describe(from)} to ${describe(to)}`);
  log(`${describe(from)} -> ${describe(to)}`);
  return to;
}

function describe(state: SessionState): string {
  switch (state.at) {
    case 'negotiating':
      return `negotiating${inputOf(state)}`;
    case 'open':
      return `open${state.oob ? ' with oob' : ''}${inputOf(state)}`;
    case 'ending':
    case 'closed':
      return `${state.at} (${state.reason})`;
  }
}

function inputOf({ input }: Conversation): string {
  return input === 'ended' ? ', input ended' : '';
}
