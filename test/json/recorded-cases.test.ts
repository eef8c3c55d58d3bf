// The recorded conversations, as far as the parser and the printer decide them: which messages and errors the sent
// bytes are, in which order, and how ids and answers are printed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonDialect, jsonDialectOf } from '../../src/json/lex/dialect.ts';
import { print } from '../../src/json/print.ts';
import { isJsonObject, type JsonValue } from '../../src/json/value.ts';
import { type RecordedCase, recordedCases, recordedVersions } from '../kit/cases/recorded-cases.ts';
import { outcomes, parse } from './outcomes.ts';
import { reinserted } from './qdict.ts';

const notAnObject = 'QMP input must be a JSON object';

/** What the sent bytes are: the error texts, and for objects the id that the answer must bear. */
function understood({ negotiate, send }: RecordedCase, dialect: JsonDialect): string[] {
  // Places count from the connection's first byte: a negotiation has taken the first line.
  const before = negotiate ? '{"execute":"qmp_capabilities"}\n' : '';
  const all = outcomes(Buffer.concat([Buffer.from(before), send]), [], { dialect });
  return all.slice(negotiate ? 1 : 0).map((outcome) => {
    if ('desc' in outcome) return outcome.desc;
    if (!isJsonObject(outcome.value)) return notAnObject;
    return outcome.value.id === undefined ? 'command' : `command with id ${print(outcome.value.id)}`;
  });
}

/** The same, told from the recorded answers. */
function answered({ raw }: RecordedCase): string[] {
  return raw.flatMap((line) => {
    if (line.startsWith('{"QMP"') || line.startsWith('{"timestamp"')) return [];
    const desc = /"desc": ("(?:(?:\d+:\d+: )?JSON |QMP input must be)(?:[^"\\]|\\.)*")/.exec(line);
    if (desc !== null) return [String(parse(desc[1] ?? ''))];
    const id = /"id": (.*), "error": \{"class"/.exec(line) ?? /^.*, "id": (.*)\}$/.exec(line);
    return [id === null ? 'command' : `command with id ${id[1]}`];
  });
}

for (const version of recordedVersions) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const dialect = jsonDialectOf({ major, minor });
  for (const recorded of recordedCases(version)) {
    const name = `${recorded.name} (${version})`;
    const pretty = recorded.mon?.includes('pretty=on') ?? false;

    if (!pretty) {
      test(`${name}: understood as QEMU understood it`, () => {
        const own = understood(recorded, dialect);
        const theirs = answered(recorded);
        // What was sent after a quit has no answer.
        assert.deepEqual(recorded.closed === true ? own.slice(0, theirs.length) : own, theirs);
      });
    }

    test(`${name}: the answers are printed the same`, () => {
      for (const line of recorded.raw) {
        const value: JsonValue | Error = parse(line);
        // Infinity is printed as `inf`, which cannot be read.
        if (value instanceof Error) assert.match(line, /: -?inf/);
        else assert.equal(print(reinserted(value), { pretty }), line.trimEnd());
      }
    });
  }
}
