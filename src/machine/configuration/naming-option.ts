// The option's name in front of what is wrong with its value, so that a client knows which of many it was.

import { QmpError } from '../../qmp/error.ts';

/** To be thrown in place of what was thrown; programmer errors stay what they are. */
export function namingOption(option: string, thrown: unknown): unknown {
  if (!(thrown instanceof QmpError) || thrown.message.startsWith('Option ')) return thrown;
  return new QmpError(`Option '${option}': ${thrown.message}`, thrown.errorClass);
}
