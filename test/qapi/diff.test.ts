import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeText, diffSchemas } from '../../src/qapi/diff.ts';
import { compileText } from './schema-text.ts';

function changes(before: string, after: string): string[] {
  return diffSchemas(compileText(before), compileText(after)).map(changeText);
}

test('a schema does not differ from itself under other names', () => {
  const text = "{ 'struct': 'One', 'data': { 'x': 'int' } } { 'command': 'go', 'data': 'One' }";
  assert.deepEqual(changes(text, text.replaceAll('One', 'Another')), []);
});

test('commands and events come and go', () => {
  assert.deepEqual(
    changes(
      "{ 'command': 'a' } { 'command': 'b' } { 'event': 'A' }",
      "{ 'command': 'b' } { 'command': 'x-c', 'features': [ 'unstable' ] } { 'event': 'B' }",
    ),
    [
      'command a: went (breaking)',
      'command x-c: came (unstable)',
      'event A: went (breaking)',
      'event B: came',
    ],
  );
});

test('what a client sends may become more, what it gets must not become less', () => {
  const before = `{ 'command': 'go', 'data': { 'a': 'int', '*b': 'str' }, 'returns': 'Got' }
    { 'struct': 'Got', 'data': { 'a': 'int', '*b': 'str' } }`;
  const after = `{ 'command': 'go', 'data': { '*a': 'int', 'b': 'str', '*c': 'int', 'd': 'int' }, 'returns': 'Got' }
    { 'struct': 'Got', 'data': { '*a': 'int', 'b': 'str', 'c': 'int' } }`;
  assert.deepEqual(changes(before, after), [
    'command go, argument a: became optional',
    'command go, argument b: became mandatory (breaking)',
    'command go, argument c: came',
    'command go, argument d: came (breaking)',
    'command go, result a: became optional (breaking)',
    'command go, result b: became mandatory',
    'command go, result c: came',
  ]);
});

test('changes deep inside are told by the whole way there', () => {
  const schema = (values: string, member: string): string => `
    { 'enum': 'Driver', 'data': [ ${values} ] }
    { 'struct': 'File', 'data': { 'filename': ${member} } }
    { 'union': 'Options', 'base': { 'driver': 'Driver' }, 'discriminator': 'driver', 'data': { 'file': 'File' } }
    { 'command': 'add', 'data': { 'options': [ 'Options' ] } }`;
  assert.deepEqual(
    changes(
      schema("'file', 'ssh'", "'str'"),
      schema("'file', { 'name': 'nbd', 'features': [ 'deprecated' ] }", "'int'"),
    ),
    [
      "command add, argument options, member driver, value 'ssh': went (breaking)",
      "command add, argument options, member driver, value 'nbd': came (deprecated)",
      "command add, argument options, with driver 'file', member filename: changed from string to integer (breaking)",
    ],
  );
});

test('a type that is used twice is told of once', () => {
  const schema = (type: string): string => `{ 'struct': 'One', 'data': { 'x': '${type}' } }
    { 'command': 'a', 'data': 'One' } { 'command': 'b', 'data': 'One' }`;
  assert.deepEqual(changes(schema('int'), schema('str')), [
    'command a, argument x: changed from integer to string (breaking)',
  ]);
});

test('a type that becomes an alternate takes more', () => {
  const before = "{ 'command': 'a', 'data': { 'x': 'str' } }";
  const after =
    "{ 'alternate': 'Alt', 'data': { 's': 'str', 'n': 'null' } } { 'command': 'a', 'data': { 'x': 'Alt' } }";
  assert.deepEqual(changes(before, after), ['command a, argument x: can now be null too']);
  assert.deepEqual(changes(after, before), ['command a, argument x: can no longer be null (breaking)']);
});

test('features are told of, deprecation in its own words', () => {
  const before = "{ 'command': 'a', 'features': [ 'fast' ] }";
  const after = "{ 'command': 'a', 'features': [ 'deprecated' ], 'allow-oob': true }";
  assert.deepEqual(changes(before, after), [
    "command a: is no longer marked 'fast' (breaking)",
    'command a: became deprecated',
    'command a: can now run out of band',
  ]);
});
