// A small program for stdio.test.ts: echoes its standard input through a `stdio` chardev, until it is closed.

import { ChardevRegistry } from '../../src/chardevs/index.ts';
import { jsonObject } from '../../src/json/value.ts';
import { EchoFrontend } from './echo-guest.ts';

const registry = new ChardevRegistry({
  objects: { object: () => undefined },
  log: (line) => process.stderr.write(`${line}\n`),
});
const stdio = jsonObject({ type: 'stdio', data: jsonObject() });
await registry.add('c', stdio, 'created');
await registry.add('d', stdio, 'created').catch((error: Error) => process.stderr.write(`${error.message}\n`));
const chardev = await registry.open('c');
const echo = new EchoFrontend(chardev);
const event = echo.event.bind(echo);
echo.event = (what) => {
  event(what);
  if (what === 'CLOSED') void registry.closeAll();
};
