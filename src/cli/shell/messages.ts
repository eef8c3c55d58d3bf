// What the shell says when a command fails: which command, in whose words, and where in the line.

import { QmpCommandError } from '../../client/index.ts';
import { NotationError } from '../../client/notation/error.ts';
import { messageOf } from '../../util/local-error.ts';

/** One line. The server's errors carry their class, ours the place in the line. */
export function failureMessage(thrown: unknown): string {
  if (thrown instanceof QmpCommandError) {
    const errorClass = thrown.class === 'GenericError' ? '' : ` [${thrown.class}]`;
    return `error: ${thrown.desc}${errorClass}`;
  }
  if (thrown instanceof NotationError) return `not sent: column ${thrown.column + 1}: ${thrown.message}`;
  return `error: ${messageOf(thrown)}`;
}
