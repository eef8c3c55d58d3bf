// The objects that come to life in this process: `qmp-server`, which listens on an address, and `monitor-qmp`, which
// makes one session after another on a chardev. Their sessions end with them.

import type { ChardevRegistry } from '../chardevs/index.ts';
import type { Chardev } from '../machine/chardev.ts';
import type { ObjectMaker } from '../machine/objects.ts';
import type { Phase } from '../machine/phase.ts';
import type { ObjectResolver } from '../transports/layers/object-resolver.ts';
import { ChardevMonitor } from './chardev-monitor.ts';
import { type Listeners, placeOf, protectionOf } from './listeners.ts';
import type { SessionSet } from './sessions.ts';

/** What the objects work with. They are asked for when an object is made, not before. */
export interface ObjectSurroundings {
  readonly objects: ObjectResolver;
  chardevs(): ChardevRegistry;
  sessions(): SessionSet;
  listeners(): Listeners;
  phase(): Phase;
  /** The object has done its work. It may be gone already, by a client or with the server. */
  remove(id: string): void;
}

export function ownObjectMakers(surroundings: ObjectSurroundings): ReadonlyMap<string, ObjectMaker> {
  return new Map([
    ['qmp-server', serverMaker(surroundings)],
    ['monitor-qmp', monitorMaker(surroundings)],
  ]);
}

function serverMaker({ objects, listeners, sessions }: ObjectSurroundings): ObjectMaker {
  return async (id, properties, fds) => {
    const protection = protectionOf(properties, objects);
    const owner = { server: id, pretty: properties.pretty === true };
    const listener = await listeners().addObject(placeOf(properties, fds), { owner, protection });
    return async () => {
      await listeners().remove(listener);
      sessions().drain('server-removed', id);
    };
  };
}

/** Before the machine is created, the chardev and what it needs may still follow. */
function monitorMaker({ chardevs, sessions, phase, remove }: ObjectSurroundings): ObjectMaker {
  return async (id, properties) => {
    const owner = { server: id, pretty: properties.pretty === true };
    const chardev = String(properties.chardev);
    let monitor: ChardevMonitor | undefined;
    const arrived = (opened: Chardev): void => {
      monitor = new ChardevMonitor(id, opened, {
        opened: (connection) => sessions().open(connection, owner),
        peerGone: () => {
          if (properties['close-action'] === 'delete') remove(id);
        },
      });
    };
    let stopWaiting: (() => void) | undefined;
    if (phase() === 'blank') {
      const label = `The monitor-qmp object '${id}'`;
      stopWaiting = await chardevs().openWhenDeclared({ label, id: chardev, arrived });
    } else {
      arrived(await chardevs().open(chardev));
    }
    return async () => {
      stopWaiting?.();
      monitor?.close();
      sessions().drain('server-removed', id);
    };
  };
}
