// The seam itself: a throw is logged once with its stack, ends its owner, and goes no further.

import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { contain, containAsync, type Owner, rehearsal } from '../../src/util/contain.ts';

class RecordingOwner implements Owner {
  readonly name = 'session 7';
  readonly logged: string[] = [];
  ends = 0;

  log(message: string): void {
    this.logged.push(message);
  }

  end(_thrown: unknown): void {
    this.ends += 1;
  }
}

describe('a unit of work', () => {
  afterEach(() => {
    rehearsal.begin = undefined;
  });

  it('that goes well answers what it answers, and nothing is logged', () => {
    const owner = new RecordingOwner();
    assert.equal(
      contain('command', owner, () => 42),
      42,
    );
    assert.deepEqual([owner.logged, owner.ends], [[], 0]);
  });

  it('that throws ends its owner, with one line and the stack in the log', () => {
    const owner = new RecordingOwner();
    const answer = contain('command', owner, () => {
      throw new Error('out of luck');
    });
    assert.equal(answer, undefined);
    assert.equal(owner.ends, 1);
    assert.equal(owner.logged.length, 1);
    assert.match(owner.logged[0] ?? '', /^session 7: fault in command: Error: out of luck\n {4}at /);
  });

  it('whose owner cannot be ended either is over all the same', () => {
    const owner = new RecordingOwner();
    owner.end = () => {
      throw new Error('no end');
    };
    contain('timer', owner, () => {
      throw new Error('first');
    });
    assert.match(
      owner.logged.join('\n'),
      /fault in timer: Error: first[\s\S]*while it was being ended: Error: no end/,
    );
  });

  it('that ends later is contained as well', async () => {
    const owner = new RecordingOwner();
    await containAsync('timer', owner, () => Promise.reject(new Error('late')));
    assert.equal(owner.ends, 1);
    assert.match(owner.logged[0] ?? '', /late/);
  });

  it('can be made to fail by a test', () => {
    const owner = new RecordingOwner();
    rehearsal.begin = (unit, name) => {
      throw new Error(`${unit} of ${name}`);
    };
    contain('session-input', owner, () => assert.fail('the work was done'));
    assert.match(owner.logged[0] ?? '', /session-input of session 7/);
  });
});
