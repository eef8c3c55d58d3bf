// What must hold for any schema, tried on schemas made up at random. A failure prints its seed; give it to fc.assert
// to see the same again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalForm } from '../../src/qapi/backends/normal-form.ts';
import { typescriptTypes } from '../../src/qapi/backends/typescript.ts';
import { diffSchemas } from '../../src/qapi/diff.ts';
import { introspect } from '../../src/qapi/introspection/introspect.ts';
import { mergeIntrospection } from '../../src/qapi/introspection/merge.ts';
import { IntrospectionError, parseSchemaInfo } from '../../src/qapi/introspection/parse-schema-info.ts';
import { withReadableNames } from '../../src/qapi/introspection/readable-names.ts';
import { schemaOfIntrospection } from '../../src/qapi/introspection/schema-of-introspection.ts';
import { SchemaError } from '../../src/qapi/language/source.ts';
import { schemaTexts } from './generated-schema.ts';
import { compileText } from './schema-text.ts';

/** As it would arrive over the wire. */
function wired(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('introspection that is read back introspects to the same', () => {
  fc.assert(
    fc.property(schemaTexts, (text) => {
      const infos = introspect(compileText(text));
      const back = schemaOfIntrospection(parseSchemaInfo(wired(infos)));
      assert.deepEqual(introspect(back), infos);
    }),
  );
});

test('a schema and its introspection read back do not differ', () => {
  fc.assert(
    fc.property(schemaTexts, (text) => {
      const schema = compileText(text);
      const back = schemaOfIntrospection(introspect(schema));
      assert.deepEqual(diffSchemas(schema, back), []);
      assert.deepEqual(diffSchemas(back, schema), []);
    }),
  );
});

test('the normal form compiles to the same definitions', () => {
  fc.assert(
    fc.property(schemaTexts, (text) => {
      const schema = compileText(text);
      assert.deepEqual(compileText(normalForm(schema)).definitions, schema.definitions);
    }),
  );
});

test('readable names change nothing that a client can see, and do not collide', () => {
  fc.assert(
    fc.property(schemaTexts, (text) => {
      const read = schemaOfIntrospection(introspect(compileText(text)));
      const named = withReadableNames(read);
      assert.deepEqual(diffSchemas(read, named), []);
      const names = named.definitions.map((definition) => definition.name);
      assert.equal(new Set(names).size, names.length);
      assert.equal(names.filter((name) => /^\d/.test(name)).length, 0);
    }),
  );
});

test('the generated types do not depend on the order in which an answer lists things', () => {
  fc.assert(
    fc.property(schemaTexts, (text) => {
      const infos = introspect(compileText(text));
      const named = (list: typeof infos): string[] => {
        const schema = withReadableNames(schemaOfIntrospection(list));
        const types = typescriptTypes(schema, { header: [], valueModule: 'qmpd/qapi' });
        return types.split('\n').toSorted();
      };
      assert.deepEqual(named(infos.toReversed()), named(infos));
    }),
  );
});

test('two schemas merge into one that is whole, with all commands of both', () => {
  fc.assert(
    fc.property(schemaTexts, schemaTexts, (first, second) => {
      const own = introspect(compileText(first));
      const theirs = introspect(compileText(second));
      const merged = mergeIntrospection(own, theirs);
      const schema = schemaOfIntrospection(parseSchemaInfo(wired(merged)));
      const ownNames = new Set(own.map((info) => info.name));
      for (const change of diffSchemas(schemaOfIntrospection(own), schema))
        assert.match(change.what, /^came/);
      for (const info of theirs) {
        if (info['meta-type'] !== 'command' || ownNames.has(info.name)) continue;
        assert.equal(merged.filter((other) => other.name === info.name).length, 1);
      }
      const lost = diffSchemas(schemaOfIntrospection(theirs), schema).filter((change) => {
        const root = change.place[0]?.split(' ')[1] ?? '';
        return !change.what.startsWith('came') && !ownNames.has(root);
      });
      assert.deepEqual(lost, []);
    }),
  );
});

/** Replaces, or with undefined removes, one part deep inside a JSON value. */
function damaged(value: unknown, steps: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== 'object' || value === null) return replacement;
  const entries = Object.entries(value);
  const chosen = entries[step % Math.max(1, entries.length)];
  if (chosen === undefined) return replacement;
  const [key, part] = chosen;
  const changed = damaged(part, rest, replacement);
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? changed : item));
  const kept = entries.filter(([other]) => other !== key);
  return Object.fromEntries(changed === undefined ? kept : [...kept, [key, changed]]);
}

test('an answer that is damaged anywhere is refused as one, or still makes types', () => {
  const steps = fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 });
  const replacement = fc.oneof(
    fc.constantFrom(undefined, null, '0', '1', '[0]', 'str', 'enum', 'object', true),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(schemaTexts, steps, replacement, (text, where, what) => {
      const answer = damaged(wired(introspect(compileText(text))), where, what);
      try {
        const schema = withReadableNames(schemaOfIntrospection(parseSchemaInfo(answer)));
        typescriptTypes(schema, { header: [], valueModule: 'qmpd/qapi' });
        introspect(schema);
      } catch (error) {
        assert.ok(error instanceof IntrospectionError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('any text is either a schema or has a fault with a place', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    "'",
    '#',
    '##',
    '\n',
    ' ',
    "'enum'",
    "'data'",
    "'A'",
    'true',
    '\\',
    '\0',
    'é',
  ];
  const noise = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 40 });
  fc.assert(
    fc.property(noise, (parts) => {
      try {
        compileText(parts.join(''));
      } catch (error) {
        assert.ok(error instanceof SchemaError, String(error));
        assert.match(error.message, /^schema\.json(: In .*\nschema\.json)?:\d+(:\d+)?: \S/);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a schema that is cut off anywhere has a fault with a place, or is one', () => {
  fc.assert(
    fc.property(schemaTexts, fc.double({ min: 0, max: 1, noNaN: true }), (text, part) => {
      try {
        compileText(text.slice(0, Math.floor(text.length * part)));
      } catch (error) {
        assert.ok(error instanceof SchemaError, String(error));
      }
    }),
  );
});
