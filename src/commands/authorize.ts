// Who may do what: the one place that compares what a session holds with what a command needs (its traits), before
// anything is answered, cached or forwarded. It knows neither connections nor arguments.

import { QmpError } from '../qmp/error.ts';
import { type CommandTraits, type Role, roles } from '../qmp/traits.ts';

/** Nothing tells clients apart yet: who may connect may do everything. */
export const roleOfEverySession: 'admin' = 'admin';

/** Throws a QmpError that says what is needed. */
export function authorize(command: string, { role }: Pick<CommandTraits, 'role'>, held: Role): void {
  if (roles.indexOf(held) >= roles.indexOf(role)) return;
  throw new QmpError(`'${command}' needs the role '${role}'; this session is '${held}'`);
}
