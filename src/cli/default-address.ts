// Where a server listens, and where a client looks, when nobody says otherwise: in the user's runtime directory.

import path from 'node:path';
import { defaultRuntimeDirectory } from '../server/runtime-directory.ts';

export function defaultAddress(): string {
  return `unix:${path.join(defaultRuntimeDirectory(), 'qmp.sock')}`;
}
