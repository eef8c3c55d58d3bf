// Who may do what is settled before anything else: whatever a session's role does not allow is refused without a look at
// the machine, the configuration or the handler, and nothing of it reaches the QEMU behind.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { authorize } from '../../src/commands/authorize.ts';
import type { Server } from '../../src/commands/context.ts';
import { RequestServer } from '../../src/commands/serve.ts';
import { knownCommands, traitsOf } from '../../src/commands/traits.ts';
import { type Role, roles } from '../../src/qmp/traits.ts';
import { SessionRig } from '../kit/session-rig.ts';

/** A server of which nothing may be used. */
const untouchable = new Proxy({} as Server, {
  get: (_target, member) => assert.fail(`the server's ${String(member)} was used`),
});

const names = [...knownCommands.keys(), 'no-such-command'];

function isEnough(held: Role, name: string): boolean {
  return roles.indexOf(held) >= roles.indexOf(traitsOf(name).role);
}

for (const held of roles) {
  describe(`a session with the role ${held}`, () => {
    const logged: string[] = [];
    const requests = new RequestServer({
      server: untouchable,
      roleOf: () => held,
      keep: () => undefined,
      log: (message) => logged.push(message),
    });
    const { session } = new SessionRig();
    const ask = (command: string): unknown =>
      requests.serve(session, {
        command,
        arguments: undefined,
        id: undefined,
        outOfBand: false,
        start: 0,
        end: 0,
        source: () => assert.fail('its bytes were read'),
      });

    it('is refused what needs more, before anything is touched', () => {
      for (const name of names.filter((one) => !isEnough(held, one))) {
        const outcome = ask(name) as { readonly kind: string; readonly error: Error };
        const { role } = traitsOf(name);
        assert.equal(outcome.kind, 'error', name);
        assert.equal(outcome.error.message, `'${name}' needs the role '${role}'; this session is '${held}'`);
      }
      assert.deepEqual(logged, []);
    });

    it('is let through with the rest', () => {
      for (const name of names.filter((one) => isEnough(held, one))) authorize(name, traitsOf(name), held);
    });
  });
}

it('a session with the role observe reads, and no more', () => {
  assert.ok(isEnough('observe', 'query-status'));
  for (const name of ['cont', 'device_add', 'migrate', 'quit', 'no-such-command']) {
    assert.ok(!isEnough('observe', name), name);
  }
});
