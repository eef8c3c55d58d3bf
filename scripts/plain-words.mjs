// Phrases that a newcomer stumbles on and that once were all over the tree, held out of it: sources, pages and schemas.
// Part of `npm run check`. It looks at lines, so a phrase across a line break passes. Not for texts of QEMU's that tests
// record, so test/ is left out.
//
//   node scripts/plain-words.mjs          exit status 1 and each place, with what to write instead
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Each phrase and what a colleague would say. */
const phrases = [
  [
    /(?<!\bthere )\b(?:is|are) no (?!longer\b|more\b|such\b|less\b)[a-z]/i,
    "'is not a ...', or what would be right",
  ],
  [/\bof ours\b/i, "'our', or 'that qmpd has'"],
  [/\bwhat is more\b/i, 'name what is larger, or leave it out'],
  [/\bthat which\b/i, "'what', or name the thing"],
  [/\b(?:is|are) had\b/i, 'say who has it'],
  [/\b(?:can(?:not)?|could) be had\b/i, "'is available'"],
  [/\bthe worse for it\b/i, 'say what still works'],
  [/\bfor want of\b/i, "'because there is no ...'"],
  [/\bbut for (?:the|those|these|what|one)\b/i, "'except'"],
];

const files = execFileSync(
  'git',
  ['ls-files', '-z', 'src', 'qapi', 'docs', 'native', 'scripts', 'bench', 'examples', '*.md'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter(
    (file) =>
      /\.(?:ts|mjs|c|h|md|json)$/.test(file) && !/^test\/|\/generated\/|^scripts\/plain-words/.test(file),
  );

let found = 0;
for (const file of files) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    for (const [phrase, advice] of phrases) {
      const match = phrase.exec(line);
      if (match === null) continue;
      found += 1;
      console.error(`${file}:${index + 1}: '${match[0]}': write ${advice}`);
    }
  }
}
process.exit(found === 0 ? 0 : 1);
