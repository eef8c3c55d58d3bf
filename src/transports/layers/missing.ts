// The error for a name that nobody has yet: unlike other faults it goes away by itself, when somebody declares the name.

import { QmpError } from '../../qmp/error.ts';

export class MissingError extends QmpError {
  override readonly name: string = 'MissingError';
}
