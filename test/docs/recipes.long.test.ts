// Recipes of CONTRIBUTING.md, each followed to its end for something small.

import { test } from 'node:test';
import { Recipe } from './recipe.ts';

test('a command is added as the page says', () => {
  using recipe = new Recipe('How to add a command');
  const schema = recipe.read('qapi/sessions.json');
  const end = schema.slice(-60);
  recipe.change(
    'qapi/sessions.json',
    end,
    `${end}
##
# @SessionCount:
#
# How many sessions there are.
#
# @count: their number
#
# Since: 0.2
##
{ 'struct': 'SessionCount', 'data': { 'count': 'int' } }

##
# @query-session-count:
#
# Tells how many sessions there are.
#
# Returns: their number
#
# Since: 0.2
##
{ 'command': 'query-session-count', 'returns': 'SessionCount', 'allow-preconfig': true }
`,
  );
  recipe.run('npm run generate');
  recipe.change(
    'src/commands/handlers/sessions.ts',
    `readonly CommandDefinition[] = [
`,
    `readonly CommandDefinition[] = [
  command({
    name: 'query-session-count',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ server }) => ({ count: server.sessions().length }),
  }),
`,
  );
  recipe.add(
    'test/commands/handlers/session-count.test.ts',
    `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../../kit/clients/raw-client.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

test('sessions are counted', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  assert.deepEqual(await client.ask('query-session-count'), { count: 1 });
});
`,
  );
  recipe.test();
});

test('a subcommand is added as the page says', () => {
  using recipe = new Recipe('How to add a subcommand');
  recipe.add(
    'src/cli/greet.ts',
    `// \`qmpd greet\`: says hello.

import { parseArgs } from 'node:util';

const usage = \`usage: qmpd greet

  -h, --help
\`;

export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({ args: argv, options: { help: { type: 'boolean', short: 'h' } } });
  process.stdout.write(values.help === true ? usage : 'hello\\n');
  return 0;
}
`,
  );
  recipe.change(
    'src/cli/main.ts',
    "  ['help', () => import('./help.ts')],\n",
    "  ['greet', () => import('./greet.ts')],\n  ['help', () => import('./help.ts')],\n",
  );
  recipe.change(
    'src/cli/usage.ts',
    '  qmpd codegen ...',
    '  qmpd greet             say hello\n  qmpd codegen ...',
  );
  recipe.change('test/cli/command-line.test.ts', "  'help',\n", "  'greet',\n  'help',\n");
  recipe.test();
});

test('a transport is added as the page says', () => {
  using recipe = new Recipe('How to add a transport');
  recipe.add(
    'src/transports/local.ts',
    `// Unix sockets by a short name of this host: the abstract namespace.

import type { Connection, Listener } from '../qmp/connection.ts';
import { connectUnix, listenUnix } from './unix/unix.ts';

export function listenLocal(name: string, onConnection: (connection: Connection) => void): Promise<Listener> {
  return listenUnix({ path: \`@\${name}\` }, onConnection);
}

export function connectLocal(name: string): Promise<Connection> {
  return connectUnix(\`@\${name}\`);
}
`,
  );
  recipe.change(
    'src/transports/address.ts',
    "  | { readonly kind: 'stdio' };",
    "  | { readonly kind: 'local'; readonly name: string }\n  | { readonly kind: 'stdio' };",
  );
  recipe.change(
    'src/transports/address.ts',
    "    case 'fd':\n      return parseFd",
    "    case 'local':\n      return { kind: 'local', name: rest };\n    case 'fd':\n      return parseFd",
  );
  recipe.change(
    'src/transports/address.ts',
    "    case 'fd':\n      return `",
    "    case 'local':\n      return ['local', address.name].join(':');\n    case 'fd':\n      return `",
  );
  recipe.assertDoesNotCompile('src/transports/open.ts');
  recipe.change(
    'src/transports/open.ts',
    "    case 'fd':\n      return listenInherited",
    "    case 'local':\n      return listenLocal(address.name, onConnection);\n    case 'fd':\n      return listenInherited",
  );
  recipe.change(
    'src/transports/open.ts',
    "    case 'fd':\n      return connectInherited",
    "    case 'local':\n      return connectLocal(address.name);\n    case 'fd':\n      return connectInherited",
  );
  recipe.change(
    'src/transports/open.ts',
    "import { connectTcp, listenTcp } from './net/tcp.ts';",
    "import { connectLocal, listenLocal } from './local.ts';\nimport { connectTcp, listenTcp } from './net/tcp.ts';",
  );
  recipe.change(
    'test/kit/transports/pairs.ts',
    '  abstractTransport,\n',
    `  abstractTransport,
  {
    ...abstractTransport,
    name: 'local',
    listen: (directory, onConnection) => listenLocal(directory, onConnection),
    connect: (listener) => connectLocal(withoutScheme(listener.address).slice(1)),
  },
`,
  );
  recipe.change(
    'test/kit/transports/pairs.ts',
    'import { connectTcp, listenTcp } from',
    "import { connectLocal, listenLocal } from '../../../src/transports/local.ts';\nimport { connectTcp, listenTcp } from",
  );
  recipe.test();
});

test('an engine is added as the page says', () => {
  using recipe = new Recipe('How to add an engine');
  // The small one of the tests, under another name and as one that is shipped.
  const echo = recipe.read('test/kit/engines/echo-engine.ts');
  recipe.add(
    'src/engines/loop/kit.ts',
    echo
      .replaceAll('../../../src/', '../../')
      .replace("'echo' as EngineKind", "'loop'")
      .replace('EngineKind, ', '')
      .replace('export const echoKit: EngineKit', "export const loopKit: EngineKit<'loop'>"),
  );
  recipe.change(
    'scripts/import-lines.json',
    '  "entrances": {',
    '  "engines/loop": {\n    "node": true,\n    "uses": ["util", "json", "schema", "qmp", "machine"]\n  },\n  "entrances": {',
  );
  recipe.change(
    'scripts/import-lines.json',
    '      "engines/embedded",\n',
    '      "engines/embedded",\n      "engines/loop",\n',
  );
  recipe.add('src/engines/loop/tsconfig.json', '{}');
  recipe.run('node scripts/import-lines.mjs --write');
  recipe.change('qapi/lifecycle.json', "[ 'qemu', 'embedded' ]", "[ 'qemu', 'embedded', 'loop' ]");
  recipe.change(
    'qapi/lifecycle.json',
    '# @embedded: the PC emulator inside qmpd\n',
    '# @embedded: the PC emulator inside qmpd\n#\n# @loop: a machine that sends back what it receives\n',
  );
  recipe.run('npm run generate');
  recipe.assertDoesNotCompile('src/server/engines.ts');
  recipe.change(
    'src/server/engines.ts',
    '  embedded: embeddedKit,\n',
    '  embedded: embeddedKit,\n  loop: loopKit,\n',
  );
  recipe.change(
    'src/server/engines.ts',
    "import { qemuKit } from '../engines/qemu/kit.ts';",
    "import { loopKit } from '../engines/loop/kit.ts';\nimport { qemuKit } from '../engines/qemu/kit.ts';",
  );
  recipe.change(
    'test/kit/engines/engines-under-test.ts',
    "  {\n    label: 'the embedded engine',",
    `  {
    label: 'the loop engine',
    kind: 'loop',
    server: { engines: [loopKit, ...standardEngines.filter(({ kind }) => kind !== 'loop')] },
    echoing: () => ({}),
    lacks: ['smp', { cpus: 2 }],
    refuses: [['screendump', screendump, /^The engine 'loop' has no screen$/]],
    exceptions: {},
  },
  {
    label: 'the embedded engine',`,
  );
  recipe.change(
    'test/kit/engines/engines-under-test.ts',
    'import { standardEngines } from',
    "import { loopKit } from '../../../src/engines/loop/kit.ts';\nimport { standardEngines } from",
  );
  recipe.test();
});
