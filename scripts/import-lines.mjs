// The import lines: which folder of src may import which, held against every import of the tree.
//   node scripts/import-lines.mjs            reports imports that the table does not allow, lines nobody uses, stale projects
//   node scripts/import-lines.mjs --write    makes each folder's tsconfig.json from the table
//   node scripts/import-lines.mjs --figures  prints how many imports cross each line
// The compiler alone does not keep the lines: a project sees what its references reference, too.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** From the ground up: a folder imports only what its `uses` name, and all of these stand above it in the file. */
const table = JSON.parse(readFileSync(path.join(root, 'scripts', 'import-lines.json'), 'utf8'));
const folders = Object.keys(table);

/** Specifiers as the formatter writes them; TypeScript 7 has no compiler API to ask. */
const specifiers = /(?:^|\s)(?:from|import)\s*\(?\s*'([^']+)'/g;

function projects() {
  const outer = ['test', 'bench', 'examples'];
  const configs = folders.map((folder) => [`src/${folder}`, folderProject(folder)]);
  for (const top of outer) {
    const references = folders.map((folder) => ({ path: `../src/${folder}` }));
    configs.push([top, { ...readProject(top), references }]);
  }
  const references = [...folders.map((folder) => `src/${folder}`), ...outer].map((at) => ({ path: at }));
  configs.push(['.', { files: [], references }]);
  return configs;
}

function folderProject(folder) {
  const { node = false, uses } = table[folder];
  const up = '../'.repeat(folder.split('/').length + 1);
  // A project within a project is left out of the outer one, and needs the output folder spelled out.
  const nested = folder.includes('/') ? { rootDir: up.slice(0, -1), outDir: `${up}dist` } : {};
  const inner = folders.filter((other) => other.startsWith(`${folder}/`));
  return {
    extends: `${up}tsconfig.base.json`,
    compilerOptions: {
      ...nested,
      ...(node ? { types: ['node'] } : {}),
      tsBuildInfoFile: `${up}dist/src/${folder}/tsconfig.tsbuildinfo`,
    },
    include: ['**/*.ts', ...(node ? [] : [`${up}src/standard.d.ts`])],
    ...(inner.length === 0 ? {} : { exclude: inner.map((other) => `${other.slice(folder.length + 1)}/**`) }),
    references: uses.map((use) => ({ path: path.posix.relative(`src/${folder}`, `src/${use}`) })),
  };
}

function readProject(at) {
  return JSON.parse(readFileSync(path.join(root, at, 'tsconfig.json'), 'utf8'));
}

/** The innermost folder of the table that a file below src belongs to. */
function folderOf(file) {
  return folders.filter((folder) => file.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)[0];
}

/** Every import of src: { file, from, to, target }; `to` is undefined for what is not below src. */
function importsOfTree() {
  const files = readdirSync(path.join(root, 'src'), { recursive: true })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  return files.flatMap((file) => {
    const text = readFileSync(path.join(root, 'src', file), 'utf8');
    return [...text.matchAll(specifiers)].map(([, target]) => {
      const at = path.posix.join(path.posix.dirname(file), target);
      return { file, from: folderOf(file), target, to: target.startsWith('.') ? folderOf(at) : undefined };
    });
  });
}

function faultsOf(imports) {
  const faults = [];
  for (const { file, from, target, to } of imports) {
    if (from === undefined) faults.push(`src/${file} is in no folder of the table`);
    else if (target.startsWith('node:') && !table[from].node)
      faults.push(`src/${file}: '${target}': ${from} has no I/O`);
    else if (to !== undefined && to !== from && !table[from].uses.includes(to))
      faults.push(`src/${file}: '${target}': ${from} may not import ${to}`);
  }
  for (const [index, folder] of folders.entries()) {
    for (const use of table[folder].uses) {
      if (folders.indexOf(use) >= index || !folders.includes(use))
        faults.push(`${folder} uses ${use}, which does not stand above it`);
      else if (!imports.some(({ from, to }) => from === folder && to === use))
        faults.push(`${folder} may import ${use} and does not: take it out of the table`);
    }
  }
  for (const [at, config] of projects()) {
    if (!isDeepStrictEqual(readProject(at), config))
      faults.push(`${at}/tsconfig.json is not what the table says: --write`);
  }
  return faults;
}

const imports = importsOfTree();
if (process.argv.includes('--write')) {
  for (const [at, config] of projects())
    writeFileSync(path.join(root, at, 'tsconfig.json'), `${JSON.stringify(config, null, 2)}\n`);
} else if (process.argv.includes('--figures')) {
  const crossing = imports.filter(({ from, to }) => to !== undefined && to !== from);
  const counts = new Map();
  for (const { from, to } of crossing)
    counts.set(`${from} -> ${to}`, (counts.get(`${from} -> ${to}`) ?? 0) + 1);
  for (const [line, count] of counts) console.log(`${line}: ${count}`);
  console.log(
    `${folders.length} folders, ${counts.size} lines between them, ${crossing.length} imports across`,
  );
} else {
  const faults = faultsOf(imports);
  for (const fault of faults) console.error(`import lines: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
