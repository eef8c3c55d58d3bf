// `npm run generate`: makes src/schema/generated and docs/reference from qapi/*.json with our own compiler.
// With --check nothing is written: the exit status says whether what is committed is what would be made.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');

/** The compiler must be built first; it needs nothing of what is generated here. */
function buildCompiler() {
  const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(tsc, ['-b', path.join(root, 'src', 'qapi')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

async function generateFiles() {
  const index = path.join(root, 'dist', 'src', 'qapi', 'index.js');
  const { compileSchema, markdownPages, schemaModule, typescriptTypes } = await import(index);
  const schema = compileSchema('qapi/main.json', (name) => {
    try {
      return readFileSync(path.join(root, name));
    } catch (error) {
      return error;
    }
  });
  const header = ['Generated from qapi/*.json by `npm run generate`: changes belong there.'];
  const generated = path.join('src', 'schema', 'generated');
  const pages = markdownPages(schema, {
    title: 'QMP reference of qmpd',
    introduction:
      'Made from `qapi/*.json`. What a QEMU behind qmpd adds is ' +
      'told by `query-qmp-schema`; see [the schema compiler](../qapi.md) for what to do with that.',
  });
  return new Map([
    ...[...pages].map(([name, text]) => [path.join('docs', 'reference', name), text]),
    [
      path.join(generated, 'types.ts'),
      typescriptTypes(schema, { header, valueModule: '../../json/value.ts' }),
    ],
    [
      path.join(generated, 'schema.ts'),
      schemaModule(schema, { header, schemaModule: '../../qapi/schema.ts' }),
    ],
  ]);
}

/** Files that are there and would no longer be made. */
function staleFiles(files) {
  return [path.join('src', 'schema', 'generated'), path.join('docs', 'reference')]
    .filter((folder) => existsSync(path.join(root, folder)))
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)))
    .filter((name) => !files.has(name));
}

buildCompiler();
let files;
try {
  files = await generateFiles();
} catch (error) {
  if (error.name !== 'SchemaError') throw error;
  console.error(error.message);
  process.exit(1);
}
let differs = false;
for (const name of staleFiles(files)) {
  differs = true;
  if (check) console.error(`generate: ${name} is no longer generated`);
  else rmSync(path.join(root, name));
}
for (const [name, text] of files) {
  const target = path.join(root, name);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  differs = true;
  if (check) {
    console.error(`generate: ${name} differs from what the schema says: run npm run generate`);
  } else {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
    console.log(`generate: wrote ${name}`);
  }
}
process.exit(check && differs ? 1 : 0);
