// Beside real QEMUs: the schema that they tell of themselves, and what they say about arguments that are wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeText, diffSchemas } from '../../src/qapi/diff.ts';
import { introspect } from '../../src/qapi/introspection/introspect.ts';
import { mergeIntrospection } from '../../src/qapi/introspection/merge.ts';
import { parseSchemaInfo } from '../../src/qapi/introspection/parse-schema-info.ts';
import { schemaOfIntrospection } from '../../src/qapi/introspection/schema-of-introspection.ts';
import { SchemaIndex } from '../../src/qapi/schema-index.ts';
import { Validator } from '../../src/qapi/wire/validate.ts';
import { schema as ownSchema } from '../../src/schema/index.ts';
import { QemuUnderTest, qemuBinaries } from '../kit/qemu/qemu-under-test.ts';
import { RandomArguments } from './random-arguments.ts';

const seed = Number(process.env.QMPD_TEST_SEED ?? Date.now() % 1_000_000);
const messagesWanted = 300;
const options = ['-M', 'none', '-nodefaults', '-display', 'none'];

/** Their handlers see the arguments unchecked, or they do something even with wrong ones. */
const unchecked = ['device_add', 'qmp_capabilities', 'quit', 'human-monitor-command'];

/** Introspection does not tell the sizes of integers, nor the names of alternates. */
function withoutUntold(text: string): string {
  return text
    .replace(/^Invalid parameter type for '(.*)', expected: (integer|[A-Z]\w*|\d+)$/, "'$1': other type")
    .replace(/^Parameter '(.*)' expects uint64$/, "'$1': other type");
}

for (const binary of qemuBinaries) {
  const version = `QEMU ${binary.major}.${binary.minor}`;

  test(`the schema of ${version} reads, and tells the same when it is told again`, async () => {
    await using qemu = await QemuUnderTest.start(binary, options);
    const told = schemaOfIntrospection(parseSchemaInfo(await qemu.execute('query-qmp-schema')));
    const again = introspect(told);
    assert.deepEqual(diffSchemas(told, schemaOfIntrospection(again)), []);
    assert.deepEqual(introspect(schemaOfIntrospection(again)), again);
    assert.ok(new SchemaIndex(told).commands().length > 200);
  });

  test(`our schema and that of ${version} become one that has all commands of both`, async () => {
    await using qemu = await QemuUnderTest.start(binary, options);
    const theirs = parseSchemaInfo(await qemu.execute('query-qmp-schema'));
    const shared = new Set(theirs.map((info) => info.name));
    const merged = parseSchemaInfo(mergeIntrospection(introspect(ownSchema), theirs, { extended: shared }));
    const changes = diffSchemas(schemaOfIntrospection(theirs), schemaOfIntrospection(merged));
    assert.deepEqual(changes.filter((change) => !change.what.startsWith('came')).map(changeText), []);
    assert.ok(changes.some((change) => change.place.includes("value 'qmp-server'")));
    const names = new Set(merged.map((info) => info.name));
    for (const info of theirs)
      if (info['meta-type'] === 'command') assert.ok(names.has(info.name), info.name);
    for (const definition of ownSchema.definitions) {
      if (definition.kind === 'command') assert.ok(names.has(definition.name), definition.name);
    }
  });

  test(`wrong arguments are refused in the words of ${version} (seed ${seed})`, async () => {
    await using qemu = await QemuUnderTest.start(binary, options);
    const index = new SchemaIndex(
      schemaOfIntrospection(parseSchemaInfo(await qemu.execute('query-qmp-schema'))),
    );
    const validator = new Validator(index);
    const random = new RandomArguments(index, seed);
    const commands = index.commands().filter((command) => !unchecked.includes(command.name));
    for (let sent = 0; sent < messagesWanted; ) {
      const command = random.pick(commands);
      const args = random.forCommand(command);
      const ours = validator.faultOf(command.arguments ?? 'q_empty', args);
      if (ours === undefined) continue;
      sent += 1;
      const theirs = await qemu.execute(command.name, args).then(
        () => 'no error',
        (error: Error) => error.message,
      );
      // The size of an integer is found out before what follows it.
      if (/ expects u?int\d+_t$/.test(theirs)) continue;
      const shown = `${command.name} ${JSON.stringify(args)}`;
      assert.equal(withoutUntold(ours), withoutUntold(theirs.replace(`${command.name}: `, '')), shown);
    }
  });
}
