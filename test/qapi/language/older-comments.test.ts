// Documentation comments as QEMU 7.2 and other programs write them: faults by the rules of QEMU 10, which do not keep a
// schema from being compiled when its user wants them as warnings. The schemas of real QEMUs are read when their
// unpacked sources are there: QMPD_TEST_QEMU_SOURCES names folders, with `:` between them.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { normalForm } from '../../../src/qapi/backends/normal-form.ts';
import { compileSchema } from '../../../src/qapi/language/compile.ts';
import { SchemaError } from '../../../src/qapi/language/source.ts';
import type { Doc, Schema } from '../../../src/qapi/schema.ts';

interface Compiled {
  readonly schema: Schema;
  readonly warnings: string[];
}

function compile(text: string): Compiled {
  const warnings: string[] = [];
  const schema = compileSchema(
    'schema.json',
    () => text,
    ({ location, reason }) => void warnings.push(`${location.line}: ${reason}`),
  );
  // Without somebody who takes the warnings, the first is an error.
  if (warnings.length > 0) assert.throws(() => compileSchema('schema.json', () => text), SchemaError);
  return { schema, warnings };
}

function compileComment(lines: readonly string[], definition = "{ 'command': 'look' }"): Doc & Compiled {
  const comment = ['##', '# @look:', ...lines.map((line) => `# ${line}`.trimEnd()), '##'];
  const compiled = compile(`${comment.join('\n')}\n${definition}\n`);
  const doc = compiled.schema.definitions.find(({ name }) => name === 'look')?.doc;
  assert.ok(doc);
  return { ...doc, ...compiled };
}

const withMember = "{ 'command': 'look', 'data': { 'at': 'str', 'far': 'bool' } }";
const describedMembers = ['@at: a place', '', '@far: or near'];

test('sections that became directives are read as those', () => {
  const doc = compileComment(
    [
      ...describedMembers,
      '',
      'Notes: Look twice.',
      '       Then go.',
      '',
      'Since: 1.0',
      '',
      'Example:',
      '',
      '-> { "execute": "look",',
      '     "arguments": {} }',
      '',
      '<- { "return": {} }',
      '',
      'TODO: more',
    ],
    withMember,
  );
  assert.deepEqual(doc.warnings, [
    "7: section 'Notes:' does not exist: write '.. note::' and indent the text under it",
    "12: section 'Example:' does not exist: write '.. qmp-example::' and indent the text under it",
  ]);
  const example = '   -> { "execute": "look",\n        "arguments": {} }\n\n   <- { "return": {} }';
  assert.deepEqual(doc.sections, [
    { tag: '', text: '.. note::\n\n   Look twice.\n   Then go.' },
    { tag: 'Since', text: '1.0' },
    { tag: '', text: `.. qmp-example::\n\n${example}` },
    { tag: 'TODO', text: 'more' },
  ]);
});

test('members without a description are told one by one, and the others keep theirs', () => {
  const doc = compileComment(['@far: or near'], withMember);
  assert.deepEqual(doc.warnings, ["5: argument 'at' is not documented"]);
  assert.deepEqual(doc.members, [{ name: 'far', text: 'or near' }]);
  assert.deepEqual(compileComment(['Looks.'], withMember).warnings, [
    "5: argument 'at' is not documented",
    "5: argument 'far' is not documented",
  ]);
});

test('a description under a bare name need not be indented', () => {
  const doc = compileComment(['@at:', '* here', '* there', '@far:', '* or near'], withMember);
  assert.deepEqual(doc.warnings, ["3: text is missing after '@at:'", "6: text is missing after '@far:'"]);
  assert.deepEqual(doc.members, [
    { name: 'at', text: '* here\n* there' },
    { name: 'far', text: '* or near' },
  ]);
});

test('a section right below an indented description ends it', () => {
  const doc = compileComment(
    ['@at: a place', '', '@far: or near,', '      (since 2.0)', 'Since: 1.0'],
    withMember,
  );
  assert.deepEqual(doc.warnings, ['7: line is indented less than the 6 spaces of the lines before it']);
  assert.equal(doc.members[1]?.text, 'or near,\n(since 2.0)');
  assert.deepEqual(doc.sections, [{ tag: 'Since', text: '1.0' }]);
});

test('each other rule about comments is a warning, and the comment is read as well as it can be', () => {
  const cases: readonly (readonly [lines: readonly string[], warning: string])[] = [
    [['Returns: nothing'], "section 'Returns:' does not fit a command that returns nothing"],
    [['@more: what is not there'], "documented argument 'more' does not exist"],
    [['Features:', '', 'Text.'], "'Features:' must be followed by feature descriptions"],
    [['Features:', '', '@new: not so'], "documented feature 'new' does not exist"],
    [['= Heading'], "heading ('=') is not allowed in definition documentation"],
    [['Since: 1.0', '', 'Since: 2.0'], "second 'Since:' section"],
    [['Since:'], "text is missing after 'Since:'"],
  ];
  for (const [lines, warning] of cases) {
    assert.deepEqual(
      compileComment(lines).warnings.map((text) => text.replace(/^\d+: /, '')),
      [warning],
    );
  }
  const twice = compileComment(['@at: a place', '', '@at: twice', '', '@far: or near'], withMember);
  assert.deepEqual(twice.warnings, ["5: member 'at' is documented twice"]);
  assert.deepEqual(twice.members[0], { name: 'at', text: 'a place' });
  const late = compileComment(['@at: a place', '', 'Since: 1.0', '', '@far: or near'], withMember);
  assert.deepEqual(late.warnings, ["7: description of '@far' comes after another section"]);
  assert.equal(late.members[1]?.name, 'far');
});

test('comments that are not of the form of documentation are warnings', () => {
  const look = "{ 'command': 'look' }";
  const cases: readonly (readonly [text: string, warning: string])[] = [
    [`#######\n# Look\n#######\n${look}`, "1: documentation comment must start with a line of just '##'"],
    [`##\n# @look:\n#Looks.\n##\n${look}`, "3: documentation comment lacks a space after '#'"],
    [`##\n# @look:\n${look}`, "3: documentation comment must end with a line '##'"],
    [`##\n# @look\n##\n${look}`, "2: line that names the definition must end with ':'"],
    [`##\n# Looks.\n##\n${look}`, "1: comment before a definition must document it, starting with '@NAME:'"],
    [`##\n# @seek:\n##\n${look}`, "1: documentation comment is for 'seek'"],
    [`${look}\n##\n# @seek:\n##\n`, "2: documentation for 'seek' is not followed by its definition"],
    [`{ 'pragma': { 'doc-required': true } }\n${look}`, '2: documentation comment is missing'],
    [
      `##\n# Free.\n# @look: x\n##\n{ 'pragma': {} }`,
      "3: '@look:' is not allowed in free-form documentation",
    ],
    ["##\n# === Deep\n##\n{ 'pragma': {} }", '1: heading of level 3 must be inside one of level 1'],
  ];
  for (const [text, warning] of cases) {
    const { schema, warnings } = compile(text);
    assert.ok(warnings.includes(warning), `${text}\n${warnings.join('\n')}`);
    assert.equal(
      schema.definitions.some(({ name }) => name === 'look'),
      text.includes(look),
    );
  }
});

test('a comment with several headings is one text for each', () => {
  const { schema, warnings } = compile('##\n# = One\n#\n# Text.\n#\n# = Two\n##\n');
  assert.deepEqual(warnings, ["6: heading ('=') must be the first line of its comment"]);
  assert.deepEqual(schema.modules[0]?.items, [{ text: '= One\n\nText.' }, { text: '= Two' }]);
});

test('faults outside of comments are still errors', () => {
  assert.throws(
    () => compile("##\n# @look:\n# Note: x\n##\n{ 'command': 'look', 'data': 'Nowhere' }"),
    /uses unknown type 'Nowhere'/,
  );
});

const sources = (process.env.QMPD_TEST_QEMU_SOURCES ?? '').split(':').filter((folder) => folder !== '');
const roots = ['qapi', 'storage-daemon/qapi', 'qga'].map((folder) => path.join(folder, 'qapi-schema.json'));

test('the schemas of real QEMUs compile, and print to ones that compile to the same', {
  skip: sources.length === 0 && 'QMPD_TEST_QEMU_SOURCES names no unpacked sources of QEMU',
}, () => {
  for (const file of sources.flatMap((folder) => roots.map((root) => path.join(folder, root)))) {
    assert.ok(existsSync(file), file);
    const schema = compileSchema(
      file,
      (name) => readFileSync(name),
      () => undefined,
    );
    const printed = normalForm(schema);
    const again = compileSchema(
      'printed.json',
      () => printed,
      () => undefined,
    );
    assert.deepEqual(again.definitions, schema.definitions, file);
  }
});
