// All kinds of backends by their name on the wire (QEMU: ChardevBackendKind). Adding a backend is a file of its own
// and a line here. A mux is not among them: it has several frontends, so it is a chardev itself (mux.ts).

import type { JsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { BackendKind } from '../backend.ts';
import { consoleKind } from './console/console.ts';
import { fileKind } from './file.ts';
import { parallelKind, pipeKind, serialKind } from './host-device.ts';
import { hubKind } from './hub.ts';
import { nullKind } from './null.ts';
import { ptyKind } from './pty.ts';
import { ringbufKind } from './ringbuf.ts';
import { socketKind } from './socket/socket.ts';
import { stdioKind } from './stdio.ts';
import { testdevKind } from './testdev.ts';
import { udpKind } from './udp.ts';

/** The schema's validator has seen the members before they come here, so this is where their type is forgotten. */
function validated<Options>(kind: BackendKind<Options>): BackendKind<JsonObject> {
  return kind as unknown as BackendKind<JsonObject>;
}

/** Backends that only QEMU itself has: they can be declared for a machine of its, but not opened here. */
function onlyInQemu(name: string): BackendKind<JsonObject> {
  return {
    open: () => {
      throw new QmpError(`'${name}' exists only inside QEMU, for devices of its machine`);
    },
  };
}

export const backendKinds: ReadonlyMap<string, BackendKind<JsonObject>> = new Map([
  ['console', validated(consoleKind)],
  ['file', validated(fileKind)],
  ['hub', validated(hubKind)],
  ['memory', validated(ringbufKind('memory'))],
  ['null', validated(nullKind)],
  ['parallel', validated(parallelKind)],
  ['pipe', validated(pipeKind)],
  ['pty', validated(ptyKind)],
  ['ringbuf', validated(ringbufKind('ringbuf'))],
  ['serial', validated(serialKind)],
  ['socket', validated(socketKind)],
  ['stdio', validated(stdioKind)],
  ['testdev', validated(testdevKind)],
  ['udp', validated(udpKind)],
]);

export const kindsOnlyInQemu: ReadonlyMap<string, BackendKind<JsonObject>> = new Map(
  ['braille', 'dbus', 'msmouse', 'qemu-vdagent', 'spiceport', 'spicevmc', 'vc', 'wctablet'].map((name) => [
    name,
    onlyInQemu(name),
  ]),
);
