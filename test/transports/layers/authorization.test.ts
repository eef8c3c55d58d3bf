import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type JsonValue, jsonObject } from '../../../src/json/value.ts';
import { authorize } from '../../../src/transports/layers/authorization.ts';
import { temporaryDirectory } from '../../kit/transports/pairs.ts';

function listAdmits(
  rules: readonly Readonly<Record<string, string>>[],
  policy: string,
  name: string,
): boolean {
  const properties = jsonObject({ policy, rules: rules.map((rule): JsonValue => jsonObject(rule)) });
  return authorize({ type: 'authz-list', properties }, name);
}

const globAdmits = (match: string, name: string): boolean =>
  listAdmits([{ match, format: 'glob', policy: 'allow' }], 'deny', name);

describe('an authz object', () => {
  it('of one identity admits that one', () => {
    const simple = { type: 'authz-simple', properties: jsonObject({ identity: 'fred' }) };
    assert.equal(authorize(simple, 'fred'), true);
    assert.equal(authorize(simple, 'fredd'), false);
  });

  it('that is missing, or no authz object, admits nobody', () => {
    assert.equal(authorize(undefined, 'fred'), false);
    assert.equal(authorize({ type: 'secret', properties: jsonObject({ identity: 'fred' }) }, 'fred'), false);
  });

  it('with a list goes by the first rule that matches, else by its policy', () => {
    const rules = [
      { match: 'fred', policy: 'deny' },
      { match: 'f*', format: 'glob', policy: 'allow' },
    ];
    assert.deepEqual(
      ['fred', 'frida', 'bob'].map((name) => listAdmits(rules, 'deny', name)),
      [false, true, false],
    );
    assert.equal(listAdmits(rules, 'allow', 'bob'), true);
    assert.equal(listAdmits([], 'anything else', 'bob'), false);
    // Without a format the text is meant as it is.
    assert.equal(listAdmits([{ match: 'f*', policy: 'allow' }], 'deny', 'fred'), false);
  });

  it('with a file reads it each time; one that cannot be read admits nobody', () => {
    using directory = temporaryDirectory();
    const filename = path.join(directory.path, 'acl.json');
    const object = { type: 'authz-listfile', properties: jsonObject({ filename }) };
    assert.equal(authorize(object, 'fred'), false);
    writeFileSync(filename, '{"policy": "deny", "rules": [{"match": "fred", "policy": "allow"}]}');
    assert.equal(authorize(object, 'fred'), true);
    writeFileSync(filename, '{"policy": "deny"');
    assert.equal(authorize(object, 'fred'), false);
  });

  it('with globs matches what a regular expression would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        assert.equal(globAdmits(pattern, name), new RegExp(`^${source}$`, 's').test(name));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no longer for a name that was made to take long', () => {
    assert.equal(globAdmits(`${'*a'.repeat(50)}*b`, 'a'.repeat(5000)), false);
  });
});
