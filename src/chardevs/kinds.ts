// All kinds of backends by their name on the wire (QEMU: ChardevBackendKind). Adding a backend is a file of its own
// and a line here.

import type { JsonObject } from '../json/value.ts';
import type { BackendKind } from './backend.ts';
import { fileKind } from './file.ts';
import { nullKind } from './null.ts';
import { ringbufKind } from './ringbuf.ts';
import { socketKind } from './socket/socket.ts';

/** The schema's validator has seen the members before they come here, so this is where their type is forgotten. */
function validated<Options>(kind: BackendKind<Options>): BackendKind<JsonObject> {
  return kind as unknown as BackendKind<JsonObject>;
}

export const backendKinds: ReadonlyMap<string, BackendKind<JsonObject>> = new Map([
  ['file', validated(fileKind)],
  ['memory', validated(ringbufKind('memory'))],
  ['null', validated(nullKind)],
  ['ringbuf', validated(ringbufKind('ringbuf'))],
  ['socket', validated(socketKind)],
]);
