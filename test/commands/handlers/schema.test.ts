// The command constants against the schema: the two say the same where both say something.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commands } from '../../../src/commands/handlers/index.ts';
import { commandSchemas } from '../../../src/schema/index.ts';

/** Belongs to the session itself (src/qmp/session/session.ts), and so has no constant. */
const negotiation = 'qmp_capabilities';

describe('the commands and the schema', () => {
  it('have the same names', () => {
    assert.deepEqual([...commands.keys(), negotiation].sort(), [...commandSchemas.keys()].sort());
  });

  for (const [name, { traits }] of commands) {
    const schema = commandSchemas.get(name);
    it(`agree on ${name}`, () => {
      assert.equal(schema?.allowPreconfig, traits.phases !== 'created', 'allow-preconfig');
      assert.equal(schema?.allowOob, traits.outOfBand ?? false, 'allow-oob');
    });
  }
});
